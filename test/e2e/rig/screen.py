"""Drives a full-screen program on a pseudo-terminal and keeps what its screen shows, as a terminal emulator has it."""

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time

import pexpect
import pyte

KEYS = {"up": "\x1b[A", "down": "\x1b[B", "left": "\x1b[D", "right": "\x1b[C", "enter": "\r", "escape": "\x1b",
        "tab": "\t", "page up": "\x1b[5~", "page down": "\x1b[6~", "home": "\x1b[1~", "end": "\x1b[4~", "f1": "\x1bOP",
        "backspace": "\x7f"}
PATIENCE = 20

# What may follow an escape character that the program writes: the sequences of ncurses for this kind of terminal.
_KNOWN = re.compile(
    "\x1b(\\[[?>]?[0-9;]*[A-Za-z@`]|[()][0AB]|[=>78M]|\\][0-9;]*;?[^\x07]*\x07)")
_CONTROL = re.compile("[\x00-\x07\x0b\x0c\x10-\x1a\x1c-\x1f\x7f-\x9f]")


class Emulated(pyte.Screen):
    """With what ncurses sends to an xterm, and pyte doesn't know: to scroll a region, and to repeat a character."""

    def draw(self, data):
        self.last_drawn = data[-1:] or self.last_drawn
        super().draw(data)

    def scroll_up(self, lines=1):
        self._scroll(lines, self.margins.bottom if self.margins else self.lines - 1, self.index)

    def scroll_down(self, lines=1):
        self._scroll(lines, self.margins.top if self.margins else 0, self.reverse_index)

    def _scroll(self, lines, at, move):
        row, self.cursor.y = self.cursor.y, at
        for _ in range(lines or 1):
            move()
        self.cursor.y = row

    def repeat(self, times=1):
        super().draw(self.last_drawn * (times or 1))

    last_drawn = ""


class EmulatedStream(pyte.ByteStream):
    csi = {**pyte.ByteStream.csi, "S": "scroll_up", "T": "scroll_down", "b": "repeat"}
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "repeat"}


class Screen:
    """A run of pgunlock top. text is what the screen shows now; wait_for(condition) reads until it shows that."""

    def __init__(self, program, *arguments, columns=96, rows=30, env=None, under=()):
        """under: a command that runs it."""
        program._require()
        command = [*under, *map(str, program.command("top", *arguments))]
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(rows, columns), timeout=PATIENCE,
                                   cwd=str(program.home),
                                   env=program.environment(**{"TERM": "xterm-256color", "COLUMNS": None, **(env or {})}))
        program._running.append(self.child)
        self.raw = bytearray()
        self._emulate(columns, rows)

    def _emulate(self, columns, rows):
        self.screen = Emulated(columns, rows)
        # pyte takes no private parameters for SGR.
        self.stream = EmulatedStream(self.screen)

    @property
    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.lines)

    def read(self, seconds=0.05):
        """Takes in what comes within that time, and then what comes at once. FALSE at the end."""
        # not select(): a test with very many sessions has descriptors that it doesn't take
        waiting = select.poll()
        waiting.register(self.child.child_fd, select.POLLIN)
        while waiting.poll(1000 * seconds):
            try:
                data = os.read(self.child.child_fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.stream.feed(data)
            seconds = 0
        return True

    def wait_for(self, condition, what=None, timeout=PATIENCE):
        """condition: a text that the screen shows, or a function of this."""
        def is_so():
            return condition(self) if callable(condition) else condition in self.text
        deadline = time.monotonic() + timeout
        while not is_so():
            alive = self.read()
            if is_so():
                break
            assert alive, f"it ended before: {what or condition}\n{self.text}"
            assert time.monotonic() < deadline, f"not within {timeout} s: {what or condition}\n{self.text}"
        return self

    def press(self, *keys):
        """Names of KEYS, or characters."""
        for key in keys:
            self.child.send(KEYS.get(key, key))
        return self

    def wait_for_question_to_be_read(self):
        """A key that comes sooner after the question is none for it."""
        until = time.monotonic() + 0.35
        return self.wait_for(lambda s: time.monotonic() > until)

    def agree(self):
        """y to the question that is on the screen."""
        return self.wait_for("[y/N]").wait_for_question_to_be_read().press("y")

    def resize(self, columns, rows):
        self._emulate(columns, rows)
        fcntl.ioctl(self.child.child_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.child.pid, signal.SIGWINCH)
        return self

    def row_of(self, text):
        """The number of the line that has this; None."""
        return next((number for number, line in enumerate(self.lines) if text in line), None)

    def cursor_is_behind(self, text):
        """Right behind it, and nothing follows on its line."""
        line = self.screen.display[self.screen.cursor.y]
        return self.screen.cursor.x == len(text) and line.rstrip() == text.rstrip()

    @property
    def selected(self):
        """The line that is in reverse as a whole."""
        for number in range(1, self.screen.lines - 1):
            cells = [self.screen.buffer[number][column] for column in range(self.screen.columns)]
            if all(cell.reverse for cell in cells):
                return self.lines[number]
        return None

    def wait_until_selected(self, text):
        return self.wait_for(lambda s: s.selected is not None and str(text) in s.selected, f"{text} is selected")

    def end(self, timeout=PATIENCE, may_ring=False):
        """Waits for its end, and that it has given the terminal back. Returns the exit code, or minus the signal."""
        deadline = time.monotonic() + timeout
        while self.read(0.1):
            assert time.monotonic() < deadline, f"it does not end\n{self.text}"
        self.child.wait()
        self.check_raw(may_ring)
        assert b"Sanitizer" not in self.raw, self.raw[-3000:]
        return -self.child.signalstatus if self.child.signalstatus else self.child.exitstatus

    def check_raw(self, may_ring=False):
        """Nothing but what ncurses sends has reached the terminal."""
        text = _KNOWN.sub("", self.raw.decode("utf-8", "strict"))
        if may_ring:
            text = text.replace("\a", "")
        stray = re.search("\x1b", text) or _CONTROL.search(text)
        assert stray is None, f"{text[max(stray.start() - 80, 0):stray.end() + 80]!r}"

    @property
    def is_restored(self):
        """The alternate screen was left last, the cursor is there, the mouse is the terminal's."""
        def is_off(mode, off):
            last = [match.group(2) for match in re.finditer(rb"\x1b\[\?([0-9;]*)([hl])", bytes(self.raw))
                    if mode in match.group(1).split(b";")]
            return last and last[-1] == off
        return is_off(b"1049", b"l") and is_off(b"25", b"h") and is_off(b"1000", b"l")
