"""What pgunlock's look is measured against: the bare fetches that no look can do without, and, in our own words, the
statements that people look with today. They are sent through a tap, answered in binary, and not read further than libpq
does."""

import time

from psycopg import pq

from .tap import Tap

# the physical limit of a client that reads the lock table
BARE = {
    "bare locks": "SELECT * FROM pg_catalog.pg_locks",
    "bare activity": "SELECT * FROM pg_catalog.pg_stat_activity",
    # who waits for a lock at all, without touching the lock table
    "heartbeat": """
        SELECT pg_stat_get_backend_pid(b.id)
        FROM pg_stat_get_backend_idset() AS b (id)
        WHERE pg_stat_get_backend_wait_event_type(b.id) = 'Lock'""",
}

PEERS = {
    # each waiting lock beside every other lock on the same thing
    "self-join": """
        SELECT waiting.pid AS waiting_pid, waiter.usename AS waiting_user, waiter.query AS waiting_query,
            waiting.mode AS wanted, other.pid AS other_pid, owner.usename AS other_user, owner.query AS other_query,
            owner.application_name AS other_application, other.mode AS other_mode, other.granted AS other_granted
        FROM pg_locks AS waiting
        JOIN pg_stat_activity AS waiter ON waiter.pid = waiting.pid
        JOIN pg_locks AS other
            ON other.locktype = waiting.locktype
            AND other.relation IS NOT DISTINCT FROM waiting.relation
            AND other.database IS NOT DISTINCT FROM waiting.database
            AND other.transactionid IS NOT DISTINCT FROM waiting.transactionid
            AND other.virtualxid IS NOT DISTINCT FROM waiting.virtualxid
            AND other.page IS NOT DISTINCT FROM waiting.page
            AND other.tuple IS NOT DISTINCT FROM waiting.tuple
            AND other.classid IS NOT DISTINCT FROM waiting.classid
            AND other.objid IS NOT DISTINCT FROM waiting.objid
            AND other.objsubid IS NOT DISTINCT FROM waiting.objsubid
            AND other.pid <> waiting.pid
        JOIN pg_stat_activity AS owner ON owner.pid = other.pid
        WHERE NOT waiting.granted""",
    # level by level: those who wait for nobody but sessions that have their place already
    "recursive tree": """
        WITH RECURSIVE session AS MATERIALIZED (
            SELECT a.pid, a.usename, a.application_name, a.state, a.xact_start, a.query, pg_blocking_pids(a.pid) AS behind
            FROM pg_stat_activity AS a
        ), level AS (
            SELECT 0 AS depth, array_agg(s.pid) AS members, array_agg(s.pid) AS placed
            FROM session AS s
            WHERE s.behind = '{}' AND s.pid IN (SELECT unnest(w.behind) FROM session AS w)
            UNION ALL
            SELECT level.depth + 1, next.members, level.placed || next.members
            FROM level CROSS JOIN LATERAL (
                SELECT array_agg(s.pid) AS members
                FROM session AS s
                WHERE s.pid <> ALL (level.placed) AND s.behind <> '{}' AND s.behind <@ level.placed
            ) AS next
            WHERE next.members IS NOT NULL
        )
        SELECT level.depth, s.* FROM level JOIN session AS s ON s.pid = ANY (level.members) ORDER BY level.depth""",
    "pg_blocking_pids": """
        SELECT a.pid, a.usename, a.query, pg_blocking_pids(a.pid)
        FROM pg_stat_activity AS a
        WHERE a.wait_event_type = 'Lock'""",
}

QUERY_CANCELED = "57014"


class Client:
    """A warm connection that measures statements; after the limit the server ends them."""

    def __init__(self, server, dbname, limit):
        self.tap = Tap(server.port)
        self._connection = pq.PGconn.connect(
            f"host=127.0.0.1 port={self.tap.port} dbname={dbname} user=pgunlock application_name=peer sslmode=disable"
            f" gssencmode=disable options='-c statement_timeout={round(1000 * limit)}'".encode())
        assert self._connection.status == pq.ConnStatus.OK, self._connection.error_message.decode()

    def measure(self, sql):
        """seconds and bytes of one statement, from its start until libpq has all of the answer, and rows; None where it
        took longer than the limit."""
        self.tap.reset()
        begun = time.perf_counter()
        result = self._connection.exec_params(sql.encode(), [], result_format=pq.Format.BINARY)
        seconds = time.perf_counter() - begun
        try:
            if result.status == pq.ExecStatus.TUPLES_OK:
                answer = self.tap.exchanges()[0]
                return {"seconds": seconds, "bytes": answer.bytes, "rows": result.ntuples}
            if result.error_field(pq.DiagnosticField.SQLSTATE) == QUERY_CANCELED.encode():
                return None
            raise RuntimeError(result.error_message.decode(errors="replace"))
        finally:
            result.clear()

    def close(self):
        self._connection.finish()
        self.tap.close()
