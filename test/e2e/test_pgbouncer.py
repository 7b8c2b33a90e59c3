"""Through a pooler in transaction mode the connection to the server belongs to another client a moment later: nothing may
be left on it, so pgunlock notices and goes no further."""

import pytest

from rig.incidents import Login
from rig.pgbouncer import PgBouncer

SETTINGS = """SELECT name, setting FROM pg_settings WHERE source = 'session' OR name IN ('application_name',
    'client_encoding', 'statement_timeout', 'lock_timeout', 'search_path', 'idle_in_transaction_session_timeout')
    ORDER BY 1"""


@pytest.mark.smoke
@pytest.mark.parametrize("command", [["status"], ["tree"], ["locks"], ["release", "--all", "--yes"],
                                     ["terminate", "--table", "login_sessions", "--yes"],
                                     ["row", "login_sessions", "user_id = 42"],
                                     ["release", "--row", "login_sessions WHERE user_id = 42", "--yes"]])
def test_ends_and_touches_nothing(pgunlock, db, pgbouncer, command):
    # a pool of one connection: what pgunlock leaves on it this client sees
    client = db.session(port=pgbouncer.port, user="pgunlock", application="shop")
    client.run("SET statement_timeout = '42s'")
    client.run("SET search_path = archive, public")
    backend, = client.run("SELECT pg_backend_pid()")
    before = client.run(SETTINGS)
    login = Login(db)
    finished = pgunlock.at(port=pgbouncer.port)(*command).expect(6)
    assert finished.err.startswith("pgunlock: error: ")
    assert "connection pooler" in finished.err and "if it pools transactions" in finished.err
    assert any(line.startswith("hint: ") and str(db.server.port) in line for line in finished.err.splitlines()), \
        f"it does not say where the server is: {finished.err}"
    assert client.run("SELECT pg_backend_pid()") == [backend]
    assert client.run(SETTINGS) == before
    assert login.nothing_moved()


@pytest.mark.parametrize("mode", ["session", "statement"])
def test_other_modes(pgunlock, db, mode):
    """Where only statements are pooled not even the first question can be asked."""
    if not PgBouncer.find():
        pytest.fail("pgbouncer is not installed", pytrace=False)
    pooler = PgBouncer(db.server, ["pgunlock"], mode=mode)
    try:
        error, hint = pgunlock.at(port=pooler.port)("status").expect(6).err.splitlines()
        assert "connection pooler is in between" in error + hint and "connect to the server itself" in hint
    finally:
        pooler.stop()


def test_console(pgunlock, pgbouncer):
    finished = pgunlock.at(port=pgbouncer.port, dbname="pgbouncer")("status").expect(6)
    error, hint = finished.err.splitlines()
    assert "PgBouncer's console" in error and str(pgbouncer.port) in error
    assert hint.startswith("hint: ") and "connect to the server directly" in hint


def test_session_that_is_terminated_directly(pgunlock, db, pgbouncer):
    # the holder comes through the pooler, pgunlock doesn't
    client = db.session(port=pgbouncer.port, application="shop")
    client.run("BEGIN")
    client.run("LOCK TABLE stock")
    waiter = db.session().block("SELECT * FROM stock")
    holder_pid, = db.server.blocking_pids(waiter.pid)
    assert holder_pid != client.pid
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert [item["session"] for item in document["results"]] == [f"pid:{holder_pid}"]
    assert waiter.error() is None
