"""Random lock situations: many sessions lock the same few things in every way there is, until those that wait wait for
good and the rest are idle. The server's own pg_blocking_pids() then says what the truth is."""

import random

from .waiting import wait_until

SESSIONS = 16
TABLES = ("oracle_a", "oracle_b", "oracle_c")
ROWS = 4
ADVISORY_KEYS = 3

SETUP = "".join(f"""
CREATE TABLE {table} (id int PRIMARY KEY, value int DEFAULT 0);
INSERT INTO {table} SELECT n FROM generate_series(1, {ROWS}) n;
GRANT ALL ON {table} TO PUBLIC;
""" for table in TABLES)

RELATION_MODES = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE",
                  "EXCLUSIVE", "ACCESS EXCLUSIVE")
ROW_MODES = ("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE")


class Theme:
    """What the sessions of one situation are after: few things that all want, or many; gently or not."""

    def __init__(self, generator):
        self.choice = choice = generator.choice
        self.tables = generator.sample(TABLES, choice((1, 1, 2, 3)))
        self.rows = range(1, choice((1, 2, ROWS)) + 1)
        self.modes = generator.sample(RELATION_MODES, choice((2, 3, 8)))
        self.row_modes = generator.sample(ROW_MODES, choice((1, 2, 4)))
        # of few steps few circles come
        self.steps_a_session = choice((2, 3, 10))
        chosen = STEPS if generator.random() < 0.5 else generator.sample(STEPS, 3)
        self._functions, self._weights = zip(*chosen)
        self._choices = generator.choices

    def step(self):
        return self._choices(self._functions, self._weights)[0](self)


def _lock_table(theme):
    return f"LOCK TABLE {theme.choice(theme.tables)} IN {theme.choice(theme.modes)} MODE"


def _update_row(theme):
    return f"UPDATE {theme.choice(theme.tables)} SET value = value + 1 WHERE id = {theme.choice(theme.rows)}"


def _lock_row(theme):
    table, row, mode = theme.choice(theme.tables), theme.choice(theme.rows), theme.choice(theme.row_modes)
    return f"SELECT FROM {table} WHERE id = {row} FOR {mode}"


def _insert_row(theme):
    return f"INSERT INTO {theme.choice(theme.tables)} VALUES ({theme.choice((101, 102))})"


def _delete_row(theme):
    return f"DELETE FROM {theme.choice(theme.tables)} WHERE id = {theme.choice(theme.rows)}"


def _advisory(theme):
    scope, shared = theme.choice(("xact_", "xact_", "")), theme.choice(("", "_shared"))
    return f"SELECT pg_advisory_{scope}lock{shared}({theme.choice(range(1, ADVISORY_KEYS + 1))})"


def _savepoint(theme):
    return theme.choice(("SAVEPOINT s", "SAVEPOINT s", "RELEASE s", "ROLLBACK TO s"))


def _end(theme):
    return theme.choice(("COMMIT", "ROLLBACK"))


# What is done, and how often. Ends are rare, or nothing ever jams.
STEPS = ((_lock_table, 30), (_update_row, 22), (_lock_row, 22), (_insert_row, 6), (_delete_row, 3), (_advisory, 14),
         (_savepoint, 10), (_end, 2))


class Stage:
    """Sessions that are used again for one situation after the other."""

    def __init__(self, db):
        self.db = db
        self.admin = db.server.connect(db.name)
        self.admin.execute(SETUP)
        self.sessions = []
        self.by_pid = {}
        self.script = []
        self._fill_up()

    def _fill_up(self):
        """Puts new sessions in the place of those that were terminated."""
        there = {pid for pid, in self.admin.execute("SELECT pid FROM pg_stat_activity").fetchall()}
        self.sessions = [session for session in self.sessions if session.pid in there and session.is_open]
        while len(self.sessions) < SESSIONS:
            self.sessions.append(self.db.session(application=f"oracle-{len(self.sessions)}"))
        self.by_pid = {session.pid: session for session in self.sessions}

    def close(self):
        self.admin.close()

    def waiting_pids(self):
        return {pid for pid, in self.admin.execute("SELECT DISTINCT pid FROM pg_locks WHERE NOT granted").fetchall()}

    def _is_frozen(self):
        """pg_locks is read in one piece: when all that are not done wait in the same reading, nothing moves any more."""
        busy = {session.pid for session in self.sessions if not session.is_done()}
        return not busy or busy <= self.waiting_pids()

    def settle(self):
        wait_until(self._is_frozen, "the situation is frozen")

    def stage(self, seed):
        """Stages the situation of this seed."""
        generator = random.Random(seed)
        theme = Theme(generator)
        actors = generator.sample(self.sessions, generator.randint(4, SESSIONS))
        if generator.random() < 0.4:
            self._prepare(generator, theme, actors[0])
        steps_left = {session.pid: theme.steps_a_session for session in actors}
        while True:
            free = [session for session in actors if session.is_done() and steps_left[session.pid] > 0]
            if not free:
                return self
            session = generator.choice(free)
            steps_left[session.pid] -= 1
            self._step(session, theme.step())

    def _prepare(self, generator, theme, session):
        """Leaves a prepared transaction or two behind."""
        for number in range(generator.randint(1, 2)):
            for _ in range(generator.randint(1, 3)):
                if session.is_done():
                    self._step(session, theme.step())
            if session.is_done() and session.in_transaction() == "inside":
                self._send(session, f"PREPARE TRANSACTION 'oracle {number}'")

    def _step(self, session, sql):
        if session.in_transaction() == "aborted":
            # what it holds from before a savepoint it keeps
            sql = "ROLLBACK TO s" if sql.startswith("ROLLBACK TO") else "ROLLBACK"
        elif session.in_transaction() == "idle":
            self._send(session, "BEGIN")
        self._send(session, sql)

    def _send(self, session, sql):
        self.script.append(f"{session.pid}: {sql}")
        session.send(sql)
        self.settle()
        if session.is_done() and session.error() not in (None, "25P02"):
            self.script[-1] += f"  -- failed, {session.error()}"

    def truth(self):
        """waiter's pid -> pids that block it, by the server itself; 0 stands for any prepared transaction."""
        rows = self.admin.execute("SELECT pid, pg_blocking_pids(pid) FROM"
                                  " (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted) AS waiting").fetchall()
        return {pid: set(blockers) for pid, blockers in rows}

    def describe(self):
        locks = self.admin.execute(
            "SELECT coalesce(pid::text, 'prepared'), virtualtransaction, locktype, relation::regclass, page, tuple,"
            " transactionid, classid, objid, mode, granted FROM pg_locks WHERE pid <> pg_backend_pid() OR pid IS NULL"
            " ORDER BY locktype, relation, tuple, transactionid::text, objid, granted DESC, pid").fetchall()
        return "\n".join([*self.script, "", *(" ".join(map(str, row)) for row in locks)])

    def clear(self):
        """Ends the situation; the sessions stay."""
        self.script = []

        def cancelled():
            if all(session.is_done() for session in self.sessions):
                return True
            self.admin.execute("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE NOT granted AND pid = ANY(%s)",
                               (list(self.by_pid),))
            return False
        wait_until(cancelled, "nobody waits any more")
        self._fill_up()
        for sql in ("ROLLBACK", "SELECT pg_advisory_unlock_all()"):
            for session in self.sessions:
                session.send(sql)
            for session in self.sessions:
                session.result()
        for gid, in self.admin.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").fetchall():
            self.admin.execute(f"ROLLBACK PREPARED '{gid}'")
        for table in TABLES:
            self.admin.execute(f"DELETE FROM {table}")
            self.admin.execute(f"INSERT INTO {table} SELECT n FROM generate_series(1, {ROWS}) n")


def reachable(edges, start):
    """All nodes that a walk along edges (node -> set of nodes) from start meets."""
    seen, todo = set(), list(edges.get(start, ()))
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(edges.get(node, ()))
    return seen

