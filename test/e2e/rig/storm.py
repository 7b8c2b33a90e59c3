"""Very many sessions that wait for one row, as when an application's pool runs full of logins."""

import psycopg
from psycopg import pq

from .waiting import wait_until

UPDATE = b"UPDATE login_sessions SET token = 'new' WHERE user_id = 42"


def settings(n_waiters):
    return {"max_connections": n_waiters + 50, "max_wal_senders": 0}


class Storm:
    """One session holds the row, n_waiters wait for it. Without a thread each: statements are sent and not waited for."""

    def __init__(self, server, dbname, n_waiters, user="app_rw"):
        self.server = server
        self.conninfo = f"host=127.0.0.1 port={server.port} dbname={dbname} user={user} application_name=login-service"
        self.holder = psycopg.connect(self.conninfo)
        self.holder.execute(UPDATE)
        self.waiters = []
        for _ in range(n_waiters):
            self.waiters.append(pq.PGconn.connect(self.conninfo.encode()))
            self.waiters[-1].send_query(UPDATE)
        wait_until(lambda: self.n_waiting() == n_waiters, f"{n_waiters} wait")

    def n_waiting(self):
        return self.server.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")

    def end(self):
        self.holder.close()
        for waiter in self.waiters:
            waiter.finish()
