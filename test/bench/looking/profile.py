"""Where the server's time goes during a look, by pg_stat_statements. It is apart from the measurement, since it costs a
little itself."""

LOOKS = 5
SHOWN = 4
SETTINGS = {"shared_preload_libraries": "'pg_stat_statements'", "pg_stat_statements.track_planning": "on"}

TOP = """
    SELECT regexp_replace(s.query, '\\s+', ' ', 'g'), s.calls, s.total_exec_time, s.total_plan_time
    FROM pg_stat_statements AS s JOIN pg_roles AS r ON r.oid = s.userid
    WHERE r.rolname = 'pgunlock'
    ORDER BY s.total_exec_time + s.total_plan_time DESC LIMIT %s"""


def prepare(server):
    server.observer.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def take(server, watcher):
    """The statements that took longest, a look: text, calls, milliseconds to execute and to plan."""
    server.observer.execute("SELECT pg_stat_statements_reset()")
    for _ in range(LOOKS):
        watcher.measure()
    return [{"statement": text, "calls": calls / LOOKS, "execute": execute / LOOKS, "plan": plan / LOOKS}
            for text, calls, execute, plan in server.rows(TOP, SHOWN)]
