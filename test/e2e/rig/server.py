"""A throw-away PostgreSQL server, and what it says itself about who waits for whom."""

import shlex
import shutil
import socket
import subprocess

import psycopg

from . import privileges
from .waiting import wait_until

# The deadlock detector and autovacuum would move what the tests have staged.
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "160",
    "max_prepared_transactions": "60",
    "max_locks_per_transaction": "128",
    "shared_buffers": "'16MB'",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "replica",
    "max_wal_senders": "4",
    # a worker of replication that has ended soon starts again
    "wal_retrieve_retry_interval": "'100ms'",
    "autovacuum": "off",
    "deadlock_timeout": "'1h'",
    "jit": "off",
    "log_connections": "on",
    # 13 would still store MD5, which HBA does not let in
    "password_encryption": "'scram-sha-256'",
    # %c is the identity that pgunlock prints and takes
    "log_line_prefix": "'%m [%p] %c '",
}

# Most roles come in without a password. "locked_out" has one, to get it wrong.
HBA = """\
local all all trust
host all locked_out 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
local replication all trust
host replication all 127.0.0.1/32 trust
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Made and started by Server(bindir); stop() ends it and removes its files. Should the test process die, a guardian
    that reads from a pipe to it does that."""

    def __init__(self, bindir, settings=None):
        self.bindir = bindir
        self.settings = {**SETTINGS, **(settings or {})}
        self.directory = privileges.private_directory("pgu-")
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.port = None
        self.spare_database = None
        self._observer = None
        self._guardian = self._start_guardian()
        try:
            self._initdb()
            self.start()
        except BaseException:
            self.stop()
            raise

    def _start_guardian(self):
        stop = shlex.join(self._command("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop"))
        remove = shlex.join(["rm", "-rf", str(self.directory)])
        return subprocess.Popen(["sh", "-c", f"trap '' INT TERM HUP; read _; {stop}; {remove}"], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                env=privileges.own_environment(), cwd="/")

    def _command(self, name, *arguments):
        return privileges.unprivileged([str(self.bindir / name), *arguments])

    def _run(self, name, *arguments):
        done = subprocess.run(self._command(name, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=privileges.own_environment(), cwd="/", timeout=60)
        if done.returncode != 0:
            log = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
            raise RuntimeError(f"{name} failed: {done.stdout.decode(errors='replace')}{log}")

    def _initdb(self):
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        privileges.write_file(self.data / "pg_hba.conf", HBA)

    def _configure(self, keep_port=True):
        if self.port is None or not keep_port:
            self.port = free_port()
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        lines += [f"port = {self.port}", f"unix_socket_directories = '{self.directory}'"]
        privileges.write_file(self.data / "postgresql.auto.conf", "\n".join(lines) + "\n")

    def start(self):
        """Starts it, on a port that nobody else has."""
        for attempt in range(5):
            self._configure(keep_port=attempt == 0)
            try:
                # pg_ctl's own output must not go to a pipe: the server would keep it open
                self._run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "30", "start")
                return
            except RuntimeError as error:
                if "could not create any TCP/IP sockets" not in str(error) and "Address already in use" not in str(error):
                    raise
        raise RuntimeError("found no free port")

    def shut_down(self, mode="fast"):
        """Ends the server alone; its files stay."""
        self.forget_observer()
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def restart(self):
        """With what ALTER SYSTEM has changed meanwhile, which start() would undo."""
        self.forget_observer()
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-m", "fast", "-w", "-t", "30", "restart")

    def is_running(self):
        done = subprocess.run(self._command("pg_ctl", "-D", str(self.data), "status"), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=privileges.own_environment(), cwd="/")
        return done.returncode == 0

    def begin_to_stop(self):
        """Doesn't wait for it, so that several can stop at the same time."""
        self.forget_observer()
        if self._guardian is not None:
            self._guardian.stdin.close()

    def stop(self):
        self.begin_to_stop()
        if self._guardian is not None:
            self._guardian.wait(60)
            self._guardian = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self, dbname="postgres", user="postgres", **options):
        """A psycopg connection for the rig's own use, in autocommit."""
        return psycopg.connect(host="127.0.0.1", port=self.port, dbname=dbname, user=user, autocommit=True,
                               application_name="rig", connect_timeout=10, **options)

    @property
    def observer(self):
        """A connection that is always there, for the questions below."""
        if self._observer is None:
            self._observer = self.connect()
        return self._observer

    def forget_observer(self):
        if self._observer is not None:
            self._observer.close()
            self._observer = None

    @property
    def version_num(self):
        return int(self.value("SHOW server_version_num"))

    def rows(self, sql, *parameters):
        return self.observer.execute(sql, parameters or None).fetchall()

    def value(self, sql, *parameters):
        row = self.observer.execute(sql, parameters or None).fetchone()
        return None if row is None else row[0]

    def blocking_pids(self, pid):
        """The server's own answer, as a set: for parallel groups it repeats pids."""
        return set(self.value("SELECT pg_blocking_pids(%s)", pid))

    def waits(self, pid):
        """Whether this backend is in the queue for a lock."""
        return self.value("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", pid) > 0

    def state(self, pid):
        """pg_stat_activity.state; None when there is no such backend."""
        return self.value("SELECT coalesce(state, 'unknown') FROM pg_stat_activity WHERE pid = %s", pid)

    def is_there(self, pid, backend_start=None):
        return self.value("SELECT count(*) FROM pg_stat_get_activity(NULL) WHERE pid = %s"
                          " AND (%s::timestamptz IS NULL OR backend_start = %s::timestamptz)",
                          pid, backend_start, backend_start) > 0

    def backend_start(self, pid):
        return self.value("SELECT backend_start FROM pg_stat_activity WHERE pid = %s", pid)

    def log_id(self, pid):
        """The %c that the server itself wrote to its log for this backend."""
        marker = f"[{pid}] "

        def find():
            for line in reversed(self.log.read_text(errors="replace").splitlines()):
                if marker in line:
                    return line.split(marker, 1)[1].split(" ", 1)[0]
            return None
        return wait_until(find, f"the server's log speaks of {pid}")

    def end_everybody(self):
        """Ends what a test has left behind: prepared transactions, sessions; not the connection of a standby, which would
        come back."""
        for gid, database in self.rows("SELECT gid, database FROM pg_prepared_xacts"):
            with self.connect(database) as connection:
                connection.execute("ROLLBACK PREPARED '%s'" % gid.replace("'", "''"))
        others = ("FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name <> 'walreceiver'"
                  " AND backend_type IN ('client backend', 'walsender')")
        self.rows(f"SELECT pg_terminate_backend(pid) {others}")
        wait_until(lambda: self.value(f"SELECT count(*) {others}") == 0, "all sessions of the test have ended")
