"""locks: who holds or wants which lock."""

import csv
import io

import pytest

from rig import documents
from rig.database import Database
from rig.incidents import DdlQueue, Login


def rows(pgunlock, *arguments):
    return pgunlock.json("locks", *arguments)["locks"]


def sessions(locks):
    return {lock["session"] for lock in locks}


@pytest.mark.smoke
def test_same_rows_as_pg_locks(pgunlock, db):
    """Of this database, without those of pgunlock's own session."""
    Login(db)
    DdlQueue(db)
    expected = sorted(
        (f"pid:{pid}", locktype, mode, granted, fastpath) for pid, locktype, mode, granted, fastpath in db.server.rows(
            "SELECT pid, locktype, mode, granted, fastpath FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE pid <> pg_backend_pid() AND datname = %s AND mode <> 'SIReadLock'"
            " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = %s)", db.name, db.name))
    found = sorted((lock["session"], lock["target"]["type"], lock["mode"], lock["granted"], lock["fast_path"])
                   for lock in rows(pgunlock) if lock["target"]["type"] in ("relation", "tuple"))
    assert found == [row for row in expected if row[1] in ("relation", "tuple")]
    assert len(found) > 10


def test_by_table(pgunlock, db):
    login = Login(db)
    DdlQueue(db)
    found = rows(pgunlock, "--table", "login_sessions")
    assert sessions(found) == documents.ids(login.holder, *login.waiters)
    assert {lock["target"]["relation"] for lock in found if lock["target"]["type"] == "relation"} <= {
        "login_sessions", "login_sessions_pkey"}
    pgunlock("locks", "--table", "no_such_table").expect(3)


def test_by_mode(pgunlock, db):
    jam = DdlQueue(db)
    assert sessions(rows(pgunlock, "--mode", "AccessExclusiveLock", "--table", "orders")) == {jam.ddl.id}
    found = rows(pgunlock, "--mode", "access-share", "--table", "orders")
    assert {lock["mode"] for lock in found} == {"AccessShareLock"}
    assert sessions(found) >= documents.ids(jam.reader, *jam.queue)
    assert sessions(rows(pgunlock, "--mode", "*share*", "--table", "orders")) >= documents.ids(jam.reader, *jam.queue)


def test_waiting_and_granted(pgunlock, db, major):
    jam = DdlQueue(db)
    waiting = rows(pgunlock, "--waiting")
    assert sessions(waiting) == documents.ids(jam.ddl, *jam.queue)
    assert all(not lock["granted"] for lock in waiting)
    assert all((lock["waiting_since"] is None) == (major == 13) for lock in waiting)
    granted = rows(pgunlock, "--granted", "--table", "orders")
    assert jam.reader.id in sessions(granted)
    assert all(lock["granted"] and lock["waiting_since"] is None for lock in granted)


def test_by_session(pgunlock, db):
    login = Login(db)
    exact = db.server.log_id(login.holder.pid)
    for name in (login.holder.pid, login.holder.id, exact):
        assert sessions(rows(pgunlock, "--session", name)) == {login.holder.id}
    both = rows(pgunlock, "--session", login.holder.pid, "--session", login.waiters[0].pid)
    assert sessions(both) == documents.ids(login.holder, login.waiters[0])


def test_only_this_database_unless_told(pgunlock, db):
    other = Database(db.server)
    holder = other.transaction("LOCK TABLE stock")
    assert holder.id not in sessions(rows(pgunlock))
    assert holder.id in sessions(rows(pgunlock, "--all-databases"))
    other.drop()


def test_prepared_transactions_have_locks(pgunlock, db):
    session = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1")
    session.run("PREPARE TRANSACTION 'order-4711'")
    found = rows(pgunlock, "--table", "stock")
    assert sessions(found) == {"gid:order-4711"}
    assert {lock["pid"] for lock in found} == {None}


@pytest.mark.parametrize("key", ["waiting", "age", "pid", "mode", "target", "user"])
def test_sorts(pgunlock, db, key):
    jam = DdlQueue(db)
    found = rows(pgunlock, "--sort", key)
    assert sessions(found) >= documents.ids(jam.reader, jam.ddl, *jam.queue)
    if key == "pid":
        pids = [lock["pid"] for lock in found]
        assert pids == sorted(pids)
    if key == "waiting":
        assert found[0]["session"] == jam.ddl.id
    if key == "age":
        assert found[0]["session"] == jam.reader.id
    if key == "mode":
        assert found[0]["mode"] == "AccessExclusiveLock"


def test_csv_has_the_same_rows(pgunlock, db):
    Login(db)
    document = rows(pgunlock, "--table", "login_sessions")
    out = pgunlock("locks", "--table", "login_sessions", "--format", "csv").expect(0).out
    table = list(csv.DictReader(io.StringIO(out, newline="")))
    assert [(row["session"], row["mode"]) for row in table] == [(lock["session"], lock["mode"]) for lock in document]
    assert {row["application_name"] for row in table} == {"login-service"}


def test_csv_quotes(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application='a, "b"; c')
    holder.run("SELECT 'x,\n\"y\"'")
    out = pgunlock("locks", "--table", "stock", "--format", "csv").expect(0).out
    row, = csv.DictReader(io.StringIO(out, newline=""))
    assert row["application_name"] == 'a, "b"; c'
    assert "y" in row["query"]


def test_text(pgunlock, db):
    login = Login(db)
    out = pgunlock("locks", "--table", "login_sessions").expect(0).out
    for session in (login.holder, *login.waiters):
        assert str(session.pid) in out
    assert "login_sessions" in out and "RowExclusive" in out


def test_own_locks_are_not_shown(pgunlock, db):
    found = rows(pgunlock, "--all-databases")
    own = db.server.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'pgunlock'")
    assert not sessions(found) & {f"pid:{pid}" for pid, in own}
