"""A server in a PID namespace of its own, where a test can have the kernel give a backend the pid of an earlier one."""

import os
import pathlib
import shutil
import subprocess

from . import privileges
from .server import Server
from .waiting import wait_until


def is_possible():
    """Only root may make such a namespace, and not in every container."""
    if os.geteuid() != 0 or not privileges.require("unshare") or not privileges.require("nsenter"):
        return False
    return subprocess.run(["unshare", "--pid", "--fork", "sh", "-c", "echo 300 > /proc/sys/kernel/ns_last_pid"],
                          stderr=subprocess.DEVNULL).returncode == 0


class NamespaceServer(Server):
    """pg_ctl can't be used: it would take the pids in the server's files for those outside."""

    _unshare = None

    def _start_guardian(self):
        # started when the server's pid is known
        return None

    def start(self):
        self._configure()
        with open(self.log, "wb") as log:
            unshare = subprocess.Popen(["unshare", "--pid", "--fork", *self._command("postgres", "-D", str(self.data))],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                       env=privileges.own_environment(), cwd="/")
        # the only child of unshare: the first process of the namespace
        children = pathlib.Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children")
        self._unshare, self._server_pid = unshare, int(wait_until(lambda: children.read_text().split(), "it forks")[0])
        script = f"trap '' INT TERM HUP; read _; kill -QUIT {self._server_pid}"
        self._guardian = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, start_new_session=True)
        wait_until(self._accepts, "the server in the namespace accepts connections")

    def stop(self):
        super().stop()
        if self._unshare is not None:
            self._unshare.wait(60)
            shutil.rmtree(self.directory, ignore_errors=True)

    def _accepts(self):
        try:
            return self.value("SELECT true")
        except Exception:
            return False

    def is_running(self):
        return self._guardian is not None and self._accepts()

    def shut_down(self, mode="fast"):
        raise NotImplementedError("a server in a namespace is only stopped")

    def next_pid(self, pid):
        """Has the kernel give the next process in the namespace this pid."""
        write = f"echo {pid - 1} > /proc/sys/kernel/ns_last_pid"
        subprocess.run(["nsenter", "-t", str(self._server_pid), "-p", "sh", "-c", write], check=True)
