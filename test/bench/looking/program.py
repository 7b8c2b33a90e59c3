"""Runs pgunlock and measures it: whole processes, and one that is connected already and looks when it is its turn."""

import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time

from .tap import Tap

# seconds without another word after which what was printed is taken to be all
QUIET = 0.04
# seconds in which a look must have come
PATIENCE = 120

# The peak of a process counts from before its exec, when it still was a copy of its parent. This parent is small.
LAUNCHER = """
import posix, sys, time
begun = time.perf_counter()
child = posix.fork()
if child == 0:
    nothing = posix.open("/dev/null", posix.O_RDWR)
    for fd in 0, 1:
        posix.dup2(nothing, fd)
    posix.execve(sys.argv[1], sys.argv[1:], posix.environ)
status, usage = posix.wait4(child, 0)[1:]
print(time.perf_counter() - begun, usage.ru_maxrss, posix.waitstatus_to_exitcode(status))
"""


def environment():
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", "TERM": "dumb", "PGSSLMODE": "disable",
            "PGGSSENCMODE": "disable"}


class Program:
    def __init__(self, path, server, dbname):
        self.path = pathlib.Path(path).resolve()
        self._server = server
        self._dbname = dbname

    def command(self, *arguments, port=None):
        return [str(self.path), *arguments, "-h", "127.0.0.1", "-p", str(port or self._server.port), "-U", "pgunlock",
                "-d", self._dbname, "--timeout", "600s"]

    def measure(self, *arguments, exit_codes=(0,)):
        """seconds and peak bytes of a whole process."""
        done = subprocess.run([sys.executable, "-ISc", LAUNCHER, *self.command(*arguments)], env=environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
        seconds, peak_kb, code = done.stdout.split()
        if int(code) not in exit_codes:
            raise RuntimeError(f"pgunlock {' '.join(arguments)} ended with {code}")
        return {"seconds": float(seconds), "memory": 1024 * int(peak_kb)}

    def measure_questions(self, *arguments, exit_codes=(0,)):
        """seconds and bytes of what a process asks between the end of its login and its end."""
        tap = Tap(self._server.port)
        try:
            done = subprocess.run(self.command(*arguments, port=tap.port), env=environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL)
            if done.returncode not in exit_codes:
                raise RuntimeError(f"pgunlock {' '.join(arguments)} ended with {done.returncode}")
            # the last is the goodbye
            answered = [exchange for exchange in tap.exchanges()[1:] if exchange.bytes > 0]
            return {"seconds": sum(exchange.seconds for exchange in answered),
                    "bytes": sum(exchange.bytes for exchange in answered),
                    "trips": [exchange.seconds for exchange in answered]}
        finally:
            tap.close()

    def document(self):
        done = subprocess.run(self.command("tree", "--format", "json"), env=environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


class Watcher:
    """`pgunlock tree --watch`, text, on one connection. It stands still but for its turns. A look lasts from the first
    byte of its first question until the last byte of the tree is printed; what of it is not within a round trip is the
    program's own work."""

    def __init__(self, program, server, waiters):
        self._waiters = waiters
        self._stopped_after = None
        self._tap = Tap(server.port)
        # between two looks there has to be a pause, also when one takes longer than usual
        interval = 4 * program.measure("tree")["seconds"] + 3 * QUIET
        self._process = subprocess.Popen(
            program.command("tree", "--watch", "--interval", f"{round(1000 * interval)}ms", *self._budget(),
                            port=self._tap.port),
            env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        os.set_blocking(self._process.stdout.fileno(), False)
        try:
            self._take_turn()
        except BaseException:
            self.close()
            raise

    def _budget(self):
        """Where somebody waits it is to look in each turn; where nobody does, as it does by itself."""
        return ("--budget", "100") if self._waiters else ()

    def measure(self):
        self._finish_unwanted()
        self._tap.reset()
        self._process.send_signal(signal.SIGCONT)
        ended, text = self._take_turn()
        asked = [exchange for exchange in self._tap.exchanges() if exchange.begun < ended]
        # on a busy machine the tap may come to note the last answer only when it has been printed
        trips = [min(exchange.ended, ended) - exchange.begun for exchange in asked]
        whole = ended - asked[0].begun
        return {"seconds": whole, "server": sum(trips), "client": whole - sum(trips), "trips": trips,
                "bytes": sum(exchange.bytes for exchange in asked), "lines": text.count(b"\n")}

    def _finish_unwanted(self):
        """It may have begun to look just before it was stopped. Such a look would seem to take as long as it was stopped,
        also to the program, which would look again at once, and be stopped in that."""
        if self._tap.is_asked_since(self._stopped_after):
            self._process.send_signal(signal.SIGCONT)
            self._take_turn()

    def _take_turn(self):
        """Until it has printed a tree and isn't at work on the next: when it had printed it, and the tree."""
        first = self._next_tree()
        self._stopped_after = first[0]
        while self._tap.is_asked_since(self._stopped_after):
            self._stopped_after, _ = self._next_tree()
        self._process.send_signal(signal.SIGSTOP)
        return first

    def _next_tree(self):
        output = select.poll()
        output.register(self._process.stdout, select.POLLIN)
        text, ended = b"", None
        while output.poll(1000 * (PATIENCE if ended is None else QUIET)):
            piece = self._process.stdout.read(1 << 20)
            if not piece:
                raise RuntimeError("pgunlock tree --watch has ended")
            ended = time.perf_counter()
            text += piece
        if ended is None:
            raise RuntimeError(f"pgunlock tree --watch said nothing for {PATIENCE} s")
        self._check(text)
        return ended, text

    def _check(self, text):
        """A look at the wrong thing would be measured for nothing."""
        head = text.split(b"\n")[0].decode().replace(",", "")
        if self._waiters and not head.startswith(f"{self._waiters} "):
            raise RuntimeError(f"pgunlock tree --watch says {head!r} where {self._waiters} wait")

    def peak(self):
        """Bytes, of all looks so far."""
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._tap.close()
