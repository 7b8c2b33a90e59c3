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


class Subscription:
    """Of a database to tables of the same names in a database of another server."""

    def __init__(self, publisher, subscriber, *tables, copy_data=False):
        self.publisher = publisher
        self.subscriber = subscriber
        self.name = f"copy_of_{publisher.name}"
        self._publish(f"CREATE PUBLICATION {self.name} FOR TABLE {', '.join(tables)}")
        self._subscribe(f"CREATE SUBSCRIPTION {self.name} CONNECTION 'host=127.0.0.1 port={publisher.server.port}"
                        f" dbname={publisher.name} user=postgres' PUBLICATION {self.name}"
                        f" WITH (copy_data = {str(copy_data).lower()})")

    def _publish(self, sql):
        with self.publisher.server.connect(self.publisher.name) as connection:
            connection.execute(sql)

    def _subscribe(self, sql):
        with self.subscriber.server.connect(self.subscriber.name) as connection:
            connection.execute(sql)

    def add_table(self, table):
        """With what is in it, which a tablesync worker copies."""
        self._publish(f"ALTER PUBLICATION {self.name} ADD TABLE {table}")
        self._subscribe(f"ALTER SUBSCRIPTION {self.name} REFRESH PUBLICATION")

    def _worker(self, kind):
        return wait_until(lambda: self.subscriber.server.value(
            "SELECT pid FROM pg_stat_subscription WHERE subname = %s AND pid IS NOT NULL AND (relid IS NULL) = %s",
            self.name, kind == "apply"), f"there is a worker of the kind {kind}")

    def apply_worker(self):
        return Worker(self._worker("apply"))

    def tablesync_worker(self):
        return Worker(self._worker("tablesync"))

    def drop(self):
        """Together with the test's sessions, for whom it would wait."""
        self.subscriber.server.end_everybody()
        for session in self.publisher.sessions:
            session.close()
        for sql in ("DISABLE", "SET (slot_name = NONE)"):
            self._subscribe(f"ALTER SUBSCRIPTION {self.name} {sql}")
        server = self.subscriber.server
        server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_subscription WHERE pid IS NOT NULL")
        self._subscribe(f"DROP SUBSCRIPTION {self.name}")
        self._drop_slots()
        self._publish(f"DROP PUBLICATION {self.name}")

    def _drop_slots(self):
        slots = "FROM pg_replication_slots WHERE database = %s"

        def dropped():
            self.publisher.server.rows(f"SELECT pg_terminate_backend(active_pid) {slots} AND active", self.publisher.name)
            self.publisher.server.rows(f"SELECT pg_drop_replication_slot(slot_name) {slots} AND NOT active",
                                       self.publisher.name)
            return self.publisher.server.value(f"SELECT count(*) {slots}", self.publisher.name) == 0
        wait_until(dropped, "the slots are gone")


class Worker:
    """A process of the server, by what tests know sessions by."""

    def __init__(self, pid):
        self.pid = pid
        self.id = f"pid:{pid}"
