"""Runs the program under test: in an environment of its own, with everything that it prints checked for what must hold
always (no sanitizer report, no stray escape sequence, JSON as the schemas say)."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pexpect
import pytest

from . import schemas
from .waiting import wait_until

# An exit code that the program itself never uses.
_SANITIZER_EXIT = 99
# Control characters other than newline: a terminal would obey them. Tab counts, it breaks columns.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SGR = re.compile("\x1b\\[[0-9;]*m")


class Finished:
    """What a run gave: exit (negative: the signal that ended it), out, err, and json, the document on standard output."""

    def __init__(self, arguments, exit_code, out, err):
        self.arguments = arguments
        self.exit = exit_code
        self.out = out
        self.err = err

    def __repr__(self):
        return f"pgunlock {' '.join(self.arguments)} -> {self.exit}\n--- out\n{self.out}\n--- err\n{self.err}"

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"standard output is not one JSON document: {error}\n{self!r}") from None

    @property
    def text(self):
        """All that a person sees, for a look at the wording."""
        return self.out + self.err

    def expect(self, exit_code):
        assert self.exit == exit_code, f"exit {self.exit}, not {exit_code}: {self!r}"
        return self


class Program:
    """pgunlock, with the connection options for one server and database."""

    def __init__(self, path, home, host=None, port=None, dbname=None, user=None):
        self.path = path
        self.home = pathlib.Path(home)
        self.connection = {"-h": host, "-p": port, "-d": dbname, "-U": user}
        self._running = []

    def at(self, **changes):
        """The same with other connection options; None leaves one out."""
        names = {"host": "-h", "port": "-p", "dbname": "-d", "user": "-U"}
        program = Program(self.path, self.home)
        program._running = self._running
        program.connection = {**self.connection, **{names[key]: value for key, value in changes.items()}}
        return program

    @property
    def connection_arguments(self):
        return [word for option, value in self.connection.items() if value is not None for word in (option, str(value))]

    @property
    def state_directory(self):
        return self.home / "state"

    @property
    def audit_file_directory(self):
        return self.state_directory / "pgunlock"

    def environment(self, **more):
        """Nothing of the tester's own settings but the way to programs and the sanitizers' and coverage's."""
        kept = {name: value for name, value in os.environ.items()
                if name == "PATH" or name.startswith(("GCOV_", "LLVM_PROFILE_"))}
        kept.update({
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.state_directory),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "G_SLICE": "always-malloc",
            # the last: see ./check
            "ASAN_OPTIONS": f"exitcode={_SANITIZER_EXIT}:detect_stack_use_after_return=1:intercept_tls_get_addr=0",
            "LSAN_OPTIONS": f"{os.environ.get('LSAN_OPTIONS', '')}:exitcode={_SANITIZER_EXIT}",
            "UBSAN_OPTIONS": f"halt_on_error=1:print_stacktrace=1:exitcode={_SANITIZER_EXIT}",
        })
        kept.update({name: str(value) for name, value in more.items() if value is not None})
        for name, value in more.items():
            if value is None:
                kept.pop(name, None)
        return kept

    def _require(self):
        if self.path is None:
            pytest.skip("staged only: --pgunlock=none")
        if not self.path.exists():
            pytest.fail(f"no program to test: {self.path} (build it, or give --pgunlock=PATH)", pytrace=False)

    def command(self, *arguments):
        self._require()
        words = [argument if isinstance(argument, bytes) else str(argument) for argument in arguments]
        return [str(self.path), *words, *self.connection_arguments]

    def start(self, *arguments, env=None, **options):
        """Starts it and leaves it running: a subprocess.Popen with its output in pipes."""
        process = subprocess.Popen(self.command(*arguments), env=self.environment(**(env or {})), cwd=self.home,
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                      **options})
        self._running.append(process)
        return process

    def finish(self, process, arguments=(), timeout=60, may_colour=False):
        """Waits for one that was started, and checks what it printed."""
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"hung for {timeout} s: pgunlock {' '.join(map(str, arguments))}\n--- out\n"
                                 f"{out.decode(errors='replace')}\n--- err\n{err.decode(errors='replace')}") from None
        err_text = (err or b"").decode(errors="replace")
        assert process.returncode != _SANITIZER_EXIT and "Sanitizer" not in err_text and "runtime error" not in err_text, \
            f"sanitizer report: {err_text}"
        assert process.returncode >= 0, f"ended by signal {signal.Signals(-process.returncode).name}: {err_text}"
        try:
            out_text = (out or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise AssertionError(f"standard output is not valid UTF-8: {error}\n{out!r}") from None
        for name, text in (("standard output", out_text), ("standard error", err_text)):
            plain = _SGR.sub("", text) if may_colour else text
            if "csv" in arguments:
                plain = plain.replace("\r\n", "\n")
            stray = _CONTROL.search(plain)
            assert stray is None, f"control character {stray.group()!r} on {name}: {plain!r}"
        finished = Finished([str(argument) for argument in arguments], process.returncode, out_text, err_text)
        assert "GLib-CRITICAL" not in err_text and "CRITICAL **" not in err_text, repr(finished)
        return finished

    def __call__(self, *arguments, env=None, stdin="", timeout=60, may_colour=False):
        """Runs it to its end. JSON on its output is checked against the schemas."""
        process = self.start(*arguments, env=env, stdin=subprocess.PIPE)
        process.stdin.write(stdin.encode())
        process.stdin.close()
        process.stdin = None
        finished = self.finish(process, arguments, timeout, may_colour)
        if "json" in finished.arguments and finished.out.strip() and finished.out.count("\n{") == 0:
            schemas.validate(finished.json)
        return finished

    def json(self, *arguments, exit_code=0, **options):
        """Runs it with --format json and returns the document. exit_code None: any."""
        finished = self(*arguments, "--format", "json", **options)
        return (finished if exit_code is None else finished.expect(exit_code)).json

    def terminal(self, *arguments, columns=96, rows=50, env=None):
        """Runs it on a terminal of its own."""
        self._require()
        command = self.command(*arguments)
        terminal = Terminal(pexpect.spawn(command[0], command[1:], dimensions=(rows, columns), encoding="utf-8",
                                      codec_errors="replace", timeout=20, cwd=str(self.home),
                                      env=self.environment(**{"TERM": "xterm-256color", **(env or {})})))
        self._running.append(terminal.child)
        return terminal

    def kill_all(self):
        """Ends what a failed test has left running: a watch would connect again and again."""
        for process in self._running:
            if isinstance(process, subprocess.Popen):
                if process.poll() is None:
                    process.kill()
                    process.communicate()
            else:
                end_on_terminal(process)
        self._running.clear()

    def audit_lines(self, path=None):
        """The audit log's lines, as documents."""
        files = [path] if path else sorted(self.audit_file_directory.glob("*"))
        return [json.loads(line) for file in files for line in pathlib.Path(file).read_text("utf-8").splitlines()]


def end_on_terminal(child):
    """Takes its terminal away, as when a window is closed, and waits for its end; what goes on after that is killed. The
    close of pexpect alone fails when that takes longer than a tenth of a second."""
    try:
        child.close(force=False)
    except pexpect.ExceptionPexpect:
        try:
            wait_until(lambda: not child.isalive(), "it ends with its terminal")
        except AssertionError:
            child.kill(signal.SIGKILL)
            child.wait()


class Terminal:
    """A run on a pseudo-terminal: expect(text), type(text), end(). raw is all that it wrote, seen the same without
    colours."""

    def __init__(self, child):
        self.child = child
        self.raw = ""

    @property
    def seen(self):
        return _SGR.sub("", self.raw)

    def expect(self, pattern):
        try:
            self.child.expect(pattern)
        except (pexpect.EOF, pexpect.TIMEOUT):
            raise AssertionError(f"no {pattern!r} on the terminal, but: {self.raw + (self.child.before or '')!r}") from None
        self.raw += self.child.before + self.child.after
        return self.seen

    def expect_question(self):
        """The plan is on the screen, and the program waits for an answer."""
        return self.expect(r"\[y/N\] ?")

    def type(self, text):
        self.child.send(text)

    def end(self, timeout=60):
        """Waits for its end; returns the exit code."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            end_on_terminal(self.child)
            raise AssertionError(f"it does not end: {self.raw + (self.child.before or '')!r}") from None
        self.raw += self.child.before
        self.child.close()
        assert self.child.signalstatus is None, f"ended by signal {self.child.signalstatus}: {self.seen}"
        assert "Sanitizer" not in self.seen, self.seen
        return self.child.exitstatus
