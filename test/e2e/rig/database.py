"""A fresh database for one test, and the sessions that the test opens in it."""

from .session import Session
from .waiting import wait_until

TEMPLATE = "pgunlock_template"

# The recommended role of pgunlock's documentation, and people of an application. "oncall" may do nothing special.
ROLES = """
CREATE ROLE pgunlock LOGIN IN ROLE pg_monitor, pg_signal_backend;
CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
CREATE ROLE oncall LOGIN;
CREATE ROLE app_rw LOGIN;
CREATE ROLE app_ro LOGIN;
CREATE ROLE bi LOGIN;
CREATE ROLE deploy LOGIN;
CREATE ROLE replicator LOGIN REPLICATION;
CREATE ROLE locked_out LOGIN PASSWORD 'the right one';
"""

TABLES = """
CREATE TABLE login_sessions (user_id int PRIMARY KEY, token text);
INSERT INTO login_sessions SELECT n, 'token ' || n FROM generate_series(1, 100) n;
CREATE TABLE orders (id int PRIMARY KEY, note text);
INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 100) n;
CREATE TABLE stock (id int PRIMARY KEY, amount int);
INSERT INTO stock SELECT n, 100 FROM generate_series(1, 100) n;
CREATE TABLE measurements (at date, value int) PARTITION BY RANGE (at);
CREATE TABLE measurements_2023 PARTITION OF measurements FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO measurements VALUES ('2023-05-01', 1), ('2024-05-01', 2);
CREATE SCHEMA archive;
-- the same name in two schemas
CREATE TABLE ledger (id int PRIMARY KEY);
CREATE TABLE archive.ledger (id int PRIMARY KEY);
GRANT ALL ON SCHEMA public, archive TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA public, archive TO PUBLIC;
ALTER TABLE orders OWNER TO deploy;
ALTER TABLE stock OWNER TO deploy;
"""


def make_template(server):
    server.observer.execute(ROLES)
    server.observer.execute(f"CREATE DATABASE {TEMPLATE}")
    with server.connect(TEMPLATE) as connection:
        connection.execute(TABLES)


class Database:
    """Made from the template. Making one takes ten times as long as to put the tables of another one back."""

    _number = 0

    def __init__(self, server, name=None, template=TEMPLATE):
        Database._number += 1
        self.server = server
        self.name = name or f"test_{Database._number}"
        self.sessions = []
        self.catalog_lockers = []
        server.observer.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')

    @classmethod
    def fresh(cls, server):
        """As good as a new one: the one of the test before, where there is one."""
        database, server.spare_database = server.spare_database, None
        if database is None:
            return cls(server)
        database.sessions = []
        with server.connect(database.name) as connection:
            connection.execute("DROP SCHEMA IF EXISTS public, archive CASCADE; CREATE SCHEMA public;" + TABLES)
        return database

    def leave(self):
        """Ends all that the test began, and keeps the database for the next test."""
        for session in self.catalog_lockers:
            session.close()
        self.catalog_lockers = []
        if self.server.is_running():
            # all at once: closed one by one, those that wait would go on to work
            self.server.end_everybody()
            self.server.spare_database = self
        for session in self.sessions:
            session.close()

    def session(self, application="app", user="app_rw", **conninfo):
        """A session that is ended with the test. application and user as pgunlock will show them."""
        session = Session(self.server, **{"dbname": self.name, "user": user, "application_name": application, **conninfo})
        self.sessions.append(session)
        return session

    def transaction(self, *statements, **conninfo):
        """A session that is idle in a transaction after these statements."""
        session = self.session(**conninfo)
        session.run("BEGIN")
        for statement in statements:
            session.run(statement)
        return session

    def waiter(self, statement, by=None, in_transaction=False, **conninfo):
        """A session that waits for a lock with this statement; by: the sessions that the server must name."""
        session = self.session(**conninfo)
        if in_transaction:
            session.run("BEGIN")
        return session.block(statement, by)

    def lock_catalog(self, catalog):
        """A session that has locked a system catalog, as some maintenance does. From here on logins and the rig's own
        questions may hang; so it is the first to go with the test."""
        session = self.transaction(user="postgres", application="maintenance")
        # in the cache from now on, so that it can be asked while the catalog is locked
        self.server.state(session.pid)
        self.catalog_lockers.append(session)
        session.run(f"LOCK TABLE {catalog}")
        return session

    def is_alive(self, session):
        """Whether neither the server nor the session's client has seen its end. Its pid can't have been given to another
        meanwhile as far as its client is still connected."""
        return self.server.is_there(session.pid) and session.is_open

    def all_alive(self, *sessions):
        ended = [session.pid for session in sessions if not self.is_alive(session)]
        assert not ended, f"ended, though nobody should have touched them: {ended}"
        return True

    def oid(self, relation):
        with self.server.connect(self.name) as connection:
            return connection.execute("SELECT %s::regclass::oid::int8", (relation,)).fetchone()[0]

    def locks_on(self, relation, session):
        """The granted modes of a session on a relation."""
        return {mode for mode, in self.server.rows(
            "SELECT mode FROM pg_locks WHERE pid = %s AND relation = %s AND granted", session.pid, self.oid(relation))}

    def drop(self):
        self.server.end_everybody()
        for session in self.sessions:
            session.close()
        self.server.observer.execute(f'DROP DATABASE IF EXISTS "{self.name}"')


def wait_gone(server, session):
    """Until the server has no such backend any more."""
    wait_until(lambda: not server.is_there(session.pid), f"{session.pid} is gone")
