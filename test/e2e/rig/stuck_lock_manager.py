"""A lock manager that lets nobody in: one backend stands still inside its deadlock check, with all partitions of the table
of locks held exclusively. A check of many waits that can be put in another order takes minutes there."""

import os
import signal
import subprocess

import pytest

from . import privileges
from .database import Database
from .waiting import wait_until

# What it takes on a server of its own: everybody's deadlock check comes soon.
SETTINGS = {"deadlock_timeout": "'100ms'"}
STATEMENT = "SELECT pg_advisory_lock(4711) /* in its deadlock check */"


def _is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


class StuckDatabase(Database):
    """A database on a server whose lock manager can be stuck. What the server answers then: functions of backend status,
    over connections that are open."""

    def __init__(self, server):
        super().__init__(server)
        self.holder = self.transaction("SELECT pg_advisory_lock(4711)")
        self.culprit = self.session(application="knot")
        # open already, with all that it needs for is_waiting in its caches
        self.waits_for_it()

    def waits_for_it(self):
        """The pids of those who wait for the lock manager, by the server's own word."""
        return {pid for pid, in self.server.rows("SELECT pid FROM pg_stat_get_activity(NULL)"
                                                 " WHERE wait_event_type = 'LWLock' AND wait_event = 'LockManager'")}

    def stick(self):
        """From here on who asks about locks or logs in hangs."""
        pid = self.culprit.pid
        commands = ["break DeadLockCheck", "python print('ready', flush=True)", "continue", f"shell kill -STOP {pid}",
                    "detach"]
        debugger = subprocess.Popen(["gdb", "-nx", "-batch", "-p", str(pid)] + [word for command in commands
                                                                               for word in ("-ex", command)],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = ""
        while "ready" not in said and (line := debugger.stdout.readline()):
            said += line
            if "Operation not permitted" in line:
                debugger.kill()
                pytest.skip("needs leave to trace the server's processes")
        self.culprit.send(STATEMENT)
        said += debugger.stdout.read()
        debugger.wait()
        # the signal reaches it a moment after the debugger has let go
        wait_until(lambda: _is_stopped(pid), f"it stands still in the lock manager: {said}")

    def release(self):
        """It goes on as if nothing had been."""
        os.kill(self.culprit.pid, signal.SIGCONT)

    def leave(self):
        if self.is_alive(self.culprit):
            self.release()
        super().leave()
        self.server.spare_database = None
