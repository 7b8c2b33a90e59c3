"""A database session that a test moves by hand: it runs a statement, or sends one and is left waiting."""

import array
import fcntl
import select
import termios

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo

from .waiting import PATIENCE, wait_until


# calls
STEADY = 50


class SqlError(Exception):
    """What the server answered; sqlstate is None when the connection broke without a word."""

    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate}: {message}")
        self.sqlstate = sqlstate


_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY)


class Session:
    """On libpq itself, since the tests need a statement that is sent and not waited for. Values come back as text."""

    def __init__(self, server, **conninfo):
        self.server = server
        conninfo = {"host": "127.0.0.1", "port": server.port, "connect_timeout": 10, **conninfo}
        self._connection = pq.PGconn.connect(make_conninfo(**conninfo).encode())
        if self._connection.status != pq.ConnStatus.OK:
            raise SqlError(None, self._connection.error_message.decode(errors="replace"))
        # psycopg prints notices nobody reads
        self._connection.notice_handler = lambda result: None
        self.pid = self._connection.backend_pid
        self.sql = None
        self._first_error = None
        self._rows = []
        self._unread = []

    @property
    def id(self):
        """As in pgunlock's JSON."""
        return f"pid:{self.pid}"

    def _has_input(self):
        # not select(): it doesn't take descriptors above 1,023
        waiting = select.poll()
        waiting.register(self._connection.socket, select.POLLIN)
        return bool(waiting.poll(0))

    @property
    def is_open(self):
        """Whether the server has not closed the connection, as far as its client can know."""
        # the server's last words come before the end of the connection
        while self._connection.status == pq.ConnStatus.OK:
            if not self._has_input():
                return True
            try:
                self._connection.consume_input()
            except OperationalError:
                return False
            if self._connection.is_busy() or self.sql is not None:
                return self._connection.status == pq.ConnStatus.OK
        return False

    def in_transaction(self):
        """"idle" (in none), "active", "inside" or "aborted", as its client knows it."""
        names = {pq.TransactionStatus.IDLE: "idle", pq.TransactionStatus.ACTIVE: "active",
                 pq.TransactionStatus.INTRANS: "inside", pq.TransactionStatus.INERROR: "aborted"}
        return names.get(self._connection.transaction_status, "unknown")

    def send(self, sql):
        """Starts a statement and doesn't wait for it."""
        assert self.sql is None, f"still busy with {self.sql}"
        self.sql, self._first_error, self._rows = sql, None, []
        try:
            self._connection.send_query(sql.encode() if isinstance(sql, str) else sql)
        except OperationalError as error:
            self.sql = None
            raise SqlError(None, str(error)) from None
        return self

    def is_done(self):
        """Whether the statement that was sent has ended, well or not. Never waits."""
        if self.sql is None:
            return True
        try:
            while True:
                if self._connection.is_busy():
                    if not self._has_input():
                        return False
                    self._connection.consume_input()
                    continue
                result = self._connection.get_result()
                if result is None:
                    self.sql = None
                    return True
                self._take(result)
        except OperationalError as error:
            self._first_error = self._first_error or SqlError(None, str(error))
            self.sql = None
            return True

    def _take(self, result):
        if result.status in _DONE:
            self._rows = [tuple(self._text(result, row, column) for column in range(result.nfields))
                          for row in range(result.ntuples)]
        elif self._first_error is None:
            sqlstate = result.error_field(pq.DiagnosticField.SQLSTATE)
            self._first_error = SqlError(sqlstate.decode() if sqlstate else None,
                                         result.error_message.decode(errors="replace"))

    @staticmethod
    def _text(result, row, column):
        value = result.get_value(row, column)
        return None if value is None else value.decode(errors="replace")

    def unread_is_steady(self):
        """Whether what the server has sent and its client hasn't read has stayed the same for some calls: the way is
        full."""
        unread = array.array("i", [0])
        fcntl.ioctl(self._connection.socket, termios.FIONREAD, unread)
        self._unread = [*self._unread[-STEADY:], unread[0]]
        return unread[0] > 0 and self._unread == [unread[0]] * (STEADY + 1)

    def result(self, timeout=PATIENCE):
        """The rows of the last statement that was sent; an SqlError when it failed."""
        wait_until(self.is_done, f"{self.sql!r} of {self.pid} ends", timeout)
        if self._first_error is not None:
            raise self._first_error
        return self._rows

    def error(self, timeout=PATIENCE):
        """The SQLSTATE with which the last statement ended; None when it was well."""
        try:
            self.result(timeout)
        except SqlError as error:
            return error.sqlstate or "lost"
        return None

    def run(self, sql):
        """Runs a statement to its end and returns its rows."""
        return self.send(sql).result()

    def block(self, sql, by=None):
        """Sends a statement and returns when the server has it waiting for a lock; by: the sessions that the server must
        name as its blockers."""
        self.send(sql)
        wait_until(lambda: self.is_done() or self.server.waits(self.pid), f"{sql!r} waits for a lock")
        if self.is_done():
            self.result()
            raise AssertionError(f"{sql!r} did not have to wait")
        if by is not None:
            expected = {session.pid for session in by}
            wait_until(lambda: self.server.blocking_pids(self.pid) == expected,
                       f"{self.pid} waits for {sorted(expected)}")
        return self

    def close(self):
        self._connection.finish()
        self.sql = None
