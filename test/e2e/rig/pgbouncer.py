"""A PgBouncer in transaction pooling mode, with one connection to the server: whatever a client leaves on it the next
client finds."""

import shutil
import socket
import subprocess

from . import privileges
from .server import free_port
from .waiting import wait_until

CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {directory}/users
pool_mode = transaction
stats_users = pgunlock
default_pool_size = 1
max_db_connections = 1
server_tls_sslmode = disable
logfile = {directory}/log
pidfile = {directory}/pid
"""


class PgBouncer:
    @staticmethod
    def find():
        return privileges.require("pgbouncer")

    def __init__(self, server, users):
        self.directory = privileges.private_directory("pgu-bouncer-")
        self.port = free_port()
        configuration = self.directory / "pgbouncer.ini"
        privileges.write_file(configuration, CONFIGURATION.format(server_port=server.port, port=self.port,
                                                                  directory=self.directory))
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

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)
