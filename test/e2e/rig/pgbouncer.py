"""A PgBouncer, by default in transaction pooling mode and with one connection to the server: whatever a client leaves on it
the next client finds. The roles postgres (admin) and pgunlock (stats) may use its console."""

import shutil
import socket
import subprocess

from . import privileges
from .server import free_port
from .waiting import wait_until

CONFIGURATION = """\
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {directory}/users
pool_mode = {mode}
admin_users = postgres
stats_users = pgunlock
default_pool_size = {pool_size}
max_db_connections = {pool_size}
server_tls_sslmode = disable
logfile = {directory}/log
pidfile = {directory}/pid
"""


class PgBouncer:
    @staticmethod
    def find():
        return privileges.require("pgbouncer")

    def __init__(self, server, users, pool_size=1, host="127.0.0.1", mode="transaction"):
        self.directory = privileges.private_directory("pgu-bouncer-")
        self.port = free_port()
        configuration = self.directory / "pgbouncer.ini"
        privileges.write_file(configuration, CONFIGURATION.format(host=host, server_port=server.port, port=self.port,
                                                                  directory=self.directory, pool_size=pool_size, mode=mode))
        privileges.write_file(self.directory / "users", "".join(f'"{user}" ""\n' for user in users))
        self._process = subprocess.Popen(privileges.unprivileged([self.find(), "-q", str(configuration)]),
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, env=privileges.own_environment(), cwd="/")
        try:
            wait_until(self._answers, "PgBouncer listens")
        except BaseException:
            self.stop()
            raise

    def _answers(self):
        if self._process.poll() is not None:
            raise RuntimeError("PgBouncer ended: " + (self.directory / "log").read_text(errors="replace"))
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def console(self, **parts):
        """The CONNINFO of its console."""
        return " ".join(f"{key}={value}" for key, value in
                        {"host": "127.0.0.1", "port": self.port, "user": "pgunlock", **parts}.items())

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)
