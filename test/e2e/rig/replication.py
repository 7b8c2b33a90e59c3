"""Servers that copy each other: a hot standby of a primary, and subscriptions of one server to another."""

import subprocess

from . import privileges
from .database import Database
from .server import Server
from .waiting import wait_until

# wal_level logical is enough for all of it. A commit waits for the standby "nobody", which isn't there, only where a
# session says synchronous_commit = on.
PRIMARY_SETTINGS = {
    "wal_level": "logical",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "synchronous_commit": "local",
    "synchronous_standby_names": "'nobody'",
}


class Standby(Server):
    """A hot standby that streams from the primary, which is stopped for a moment to copy its files."""

    def __init__(self, primary):
        self.primary = primary
        super().__init__(primary.bindir, {
            **primary.settings,
            "primary_conninfo": f"'host=127.0.0.1 port={primary.port} user=postgres'",
            # what is staged is to stay
            "max_standby_streaming_delay": "-1",
        })
        self.major = primary.major

    def _initdb(self):
        self.primary.shut_down()
        subprocess.run(privileges.unprivileged(["cp", "-a", str(self.primary.data), str(self.data)]), check=True)
        self.primary.start()
        privileges.write_file(self.data / "standby.signal", "")

    @property
    def startup_pid(self):
        return self.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'")

    def catch_up(self):
        """Until it has replayed all that the primary has done so far."""
        position = flush_wal(self.primary)
        wait_until(lambda: self.value("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position),
                   "the standby has replayed what the primary has done")

    def set(self, name, value):
        """Changes a setting that a reload is enough for; value as SHOW writes it."""
        self.observer.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.observer.execute("SELECT pg_reload_conf()")
        wait_until(lambda: self.value(f"SHOW {name}") == value, f"{name} is {value}")


def flush_wal(server):
    """A lock's WAL goes out with the next commit. Returns where that is."""
    server.value("SELECT txid_current()")
    return server.value("SELECT pg_current_wal_flush_lsn()::text")


class StandbyDatabase(Database):
    """A database of the primary, as it is on the standby."""

    def __init__(self, standby, database):
        self.server = standby
        self.name = database.name
        self.sessions = []
        self.catalog_lockers = []
        standby.catch_up()

    def leave(self):
        self.server.end_everybody()
        for session in self.sessions:
            session.close()
