"""A hundred clients that lock tables and rows at random, and remember which lock each may have had or wanted, and when."""

import random
import threading
import time
from typing import NamedTuple

TABLES = ("traffic_a", "traffic_b", "traffic_c", "traffic_d")
ROWS = 12

SETUP = "".join(f"""
CREATE TABLE {table} (id int PRIMARY KEY, value int DEFAULT 0);
INSERT INTO {table} SELECT n FROM generate_series(1, {ROWS}) n;
GRANT ALL ON {table} TO PUBLIC;
""" for table in TABLES)

# The table of src/backend/storage/lmgr/lock.c: what each mode of a table's lock conflicts with, in order of strength.
MODES = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
         "ACCESS EXCLUSIVE")
_CONFLICTS = {"ACCESS SHARE": {7}, "ROW SHARE": {6, 7}, "ROW EXCLUSIVE": {4, 5, 6, 7}, "SHARE UPDATE EXCLUSIVE": {3, 4, 5, 6, 7},
              "SHARE": {2, 3, 5, 6, 7}, "SHARE ROW EXCLUSIVE": {2, 3, 4, 5, 6, 7}, "EXCLUSIVE": set(range(1, 8)),
              "ACCESS EXCLUSIVE": set(range(8))}
# Some modes of tables now and then; mostly rows, as applications do.
_TABLE_MODES = ("ACCESS SHARE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE")


class Lock(NamedTuple):
    table: str
    row: int  # None: the table itself
    mode: str  # of the table; a row's locks all conflict


def conflict(one, other):
    if one.table != other.table or one.row != other.row:
        return False
    return one.row is not None or MODES.index(other.mode) in _CONFLICTS[one.mode]


class Interval:
    """One lock of one client: wanted from `sent` on, `got` when its statement had ended, kept at most until `ended`. None:
    not yet; got None after the end: never."""

    def __init__(self, lock):
        self.lock = lock
        self.sent = time.time()
        self.got = self.ended = None

    def was_wanted(self, start, end):
        return self.sent <= end and (self.got or self.ended or end) >= start

    def was_kept(self, start, end):
        """It may have been granted as soon as it was asked for."""
        return self.sent <= end and (self.ended or end) >= start


class _Client:
    def __init__(self, session, generator):
        self.session = session
        self.intervals = []
        self._generator = generator
        self._open = []  # of the transaction
        self._asked = []  # of the statement
        self._steps_left = 0
        self._rests_until = 0.0
        self._in_transaction = False
        self._is_busy = False
        session.run("SET lock_timeout = '300ms'")

    def _send(self, sql, locks=()):
        self._asked = [Interval(lock) for lock in locks]
        self.intervals += self._asked
        self._is_busy = True
        self.session.send(sql)

    def _lock_something(self):
        choice = self._generator.choice
        table, row = choice(TABLES), self._generator.randint(1, ROWS)
        kind = self._generator.random()
        if kind < 0.1:
            mode = choice(_TABLE_MODES)
            self._send(f"LOCK TABLE {table} IN {mode} MODE", [Lock(table, None, mode)])
        elif kind < 0.5:
            self._send(f"SELECT FROM {table} WHERE id = {row} FOR UPDATE",
                       [Lock(table, None, "ROW SHARE"), Lock(table, row, None)])
        else:
            self._send(f"UPDATE {table} SET value = value + 1 WHERE id = {row}",
                       [Lock(table, None, "ROW EXCLUSIVE"), Lock(table, row, None)])

    def _end_transaction(self):
        now = time.time()
        for interval in self._open:
            interval.ended = now
        self._open = []

    def _take_answer(self):
        error = self.session.error()
        now = time.time()
        for interval in self._asked:
            interval.got = None if error else now
        self._open += self._asked
        self._asked = []
        inside = self.session.in_transaction()
        if inside != "inside":
            self._end_transaction()
        self._in_transaction = inside != "idle"
        if inside == "aborted":
            self._steps_left = 0

    def move(self):
        """Never waits."""
        if not self.session.is_done():
            return
        if self._is_busy:
            self._is_busy = False
            self._take_answer()
            self._rests_until = time.time() + self._generator.random() * 0.03
        if time.time() < self._rests_until:
            return
        if not self._in_transaction:
            self._steps_left = self._generator.randint(1, 3)
            self._send("BEGIN")
        elif self._steps_left > 0:
            self._steps_left -= 1
            self._lock_something()
        else:
            self._send("COMMIT")


class Traffic:
    """Runs until stop()."""

    def __init__(self, db, n, seed):
        with db.server.connect(db.name) as connection:
            connection.execute(SETUP)
        self._clients = {session.id: _Client(session, random.Random(f"{seed} {number}"))
                         for number, session in enumerate(db.session(application="traffic") for _ in range(n))}
        self._is_over = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._is_over.is_set():
                for client in self._clients.values():
                    client.move()
                time.sleep(0.001)
        except Exception as failure:
            self._failure = failure

    def stop(self):
        self._is_over.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def ids(self):
        return list(self._clients)

    def may_have_blocked(self, blocker, waiter, start, end):
        """Whether, between these two moments, blocker may have had a lock that conflicts with one that waiter wanted."""
        wanted = [interval.lock for interval in self._clients[waiter].intervals if interval.was_wanted(start, end)]
        kept = [interval.lock for interval in self._clients[blocker].intervals if interval.was_kept(start, end)]
        return any(conflict(one, other) for one in wanted for other in kept)

    def n_statements(self):
        return sum(len(client.intervals) for client in self._clients.values())
