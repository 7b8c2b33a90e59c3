"""The catalogs themselves are locked: what can still be seen is shown, and the rest is said. (A login reads some of them,
too; test_watch.py looks from a connection that is open already.)"""

import time

import pytest

from rig import documents
from rig.incidents import Login
from rig.waiting import wait_until


@pytest.mark.parametrize("catalog", ["pg_class", "pg_namespace"])
def test_catalog_of_another_database(pgunlock, db, catalog):
    """Names of that database can't be read: numbers stand in their place."""
    login = Login(db)
    oid = db.oid("login_sessions")
    migration = db.lock_catalog(catalog)
    elsewhere = pgunlock.at(dbname="postgres")
    started = time.monotonic()
    document = elsewhere.json("tree")
    assert time.monotonic() - started < 5, "names have little time"
    assert document["roots"] == [login.holder.id]
    target = documents.session(document, login.waiters[1])["wait"]["target"]
    assert target["relation"] is None and str(oid) in target["text"]
    assert str(login.holder.pid) in elsewhere("status").expect(0).out
    document = elsewhere.json("release", login.holder.pid, "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()
    migration.run("ROLLBACK")


def test_who_waits_for_the_catalog_is_shown(pgunlock, db):
    waiter = db.session()
    migration = db.lock_catalog("pg_class")
    waiter.block("SELECT 'login_sessions'::regclass", by=[migration])
    superuser = pgunlock.at(user="postgres", dbname="postgres")
    document = superuser.json("tree")
    assert document["roots"] == [migration.id]
    assert documents.session(document, waiter)["waits_for"] == [migration.id]
    document = superuser.json("release", migration.pid, "--yes")
    assert documents.results(document) == {migration.id: "freed"}
    assert waiter.error() is None


def test_who_waits_while_logging_in_is_shown(pgunlock, db):
    """Before 18 the server has no row for it but that of its lock. Nobody could tell its process from a later one."""
    migration = db.lock_catalog("pg_class")
    late = pgunlock.start("status", env={"PGCONNECT_TIMEOUT": "30"})
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_lock_status() WHERE NOT granted"), "the login waits")
    superuser = pgunlock.at(user="postgres", dbname="postgres")
    document = superuser.json("tree")
    assert document["roots"] == [migration.id]
    waiter, = (entry for entry in document["sessions"] if entry["waits_for"])
    assert waiter["waits_for"] == [migration.id]
    if db.server.major < 18:
        assert waiter["user"] is waiter["backend_start"] is waiter["state"] is waiter["has_written"] is None
        assert "logging in" in superuser("tree").expect(0).out
        superuser.json("show", waiter["id"])
        refused = superuser("terminate", waiter["pid"], "--yes").expect(5)
        assert "logging in" in refused.out and "GRANT" not in refused.text
    document = superuser.json("release", "--all", "--yes")
    assert documents.results(document) == {migration.id: "freed"}
    pgunlock.finish(late, ("status",)).expect(0)


def test_nobody_waits_behind_it(pgunlock, db):
    migration = db.lock_catalog("pg_class")
    pgunlock.at(dbname="postgres")("tree").expect(0)
    assert db.server.value("SELECT count(*) FROM pg_lock_status() WHERE NOT granted") == 0
    migration.run("ROLLBACK")


# What a login reads, and what is read right after it. The rest is of one database alone.
SHARED = ["pg_authid", "pg_database", "pg_db_role_setting"]
LOGIN = ["pg_class", "pg_index", "pg_attribute"]
AFTER_LOGIN = ["pg_namespace", "pg_proc", "pg_type", "pg_operator"]


def cannot_connect(program):
    """One clear error, in time."""
    started = time.monotonic()
    finished = program("status", env={"PGCONNECT_TIMEOUT": "2"}).expect(6)
    assert time.monotonic() - started < 5
    error, hint = finished.err.splitlines()
    assert error.startswith("pgunlock: error: cannot connect to ") and hint.startswith("hint: ")
    assert "catalog" in hint and "is locked" in hint
    for way_out in ("-d OTHERDATABASE gets in", "a session that is open already", "`kill PID`", "never kill -9"):
        assert way_out in hint, hint
    return finished.err


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("catalog", SHARED)
def test_nobody_can_log_in(pgunlock, db, catalog, named):
    migration = db.lock_catalog(catalog)
    words = cannot_connect(pgunlock if named else pgunlock.at(dbname=None))
    assert named or ("database postgres" in words and "database template1" in words)
    migration.run("ROLLBACK")
    pgunlock("status").expect(0)


@pytest.mark.parametrize("catalog", LOGIN + AFTER_LOGIN)
def test_nobody_can_log_in_there(pgunlock, db, catalog):
    migration = db.lock_catalog(catalog)
    words = cannot_connect(pgunlock)
    assert ("55P03" in words) == (catalog in AFTER_LOGIN)
    for other in ("postgres", None):
        document = pgunlock.at(dbname=other).json("locks", "--all-databases")
        assert any(lock["session"] == migration.id and lock["mode"] == "AccessExclusiveLock" for lock in document["locks"])
    migration.run("ROLLBACK")
    pgunlock("status").expect(0)


@pytest.mark.parametrize("catalog", ["pg_class", "pg_proc"])
def test_the_next_default_database(pgunlock, db, catalog):
    """Without -d it is postgres, and where nobody gets in there template1."""
    migration = db.session(user="postgres", dbname="postgres", application="maintenance")
    db.catalog_lockers.append(migration)
    migration.run("BEGIN")
    migration.run(f"LOCK TABLE {catalog}")
    document = pgunlock.at(dbname=None).json("tree", env={"PGCONNECT_TIMEOUT": "2"})
    assert document["server"]["database"] == "template1"


def test_who_may_see_what(pgunlock, db):
    """To know that, the server reads pg_auth_members, but not for a superuser."""
    migration = db.lock_catalog("pg_auth_members")
    for program in (pgunlock, pgunlock.at(dbname=None)):
        started = time.monotonic()
        finished = program("status").expect(1)
        assert time.monotonic() - started < 5
        assert "(55P03)\n" in finished.err and "a superuser can do without pg_auth_members" in finished.err
    pgunlock.at(user="postgres")("status").expect(0)
    migration.run("ROLLBACK")
    pgunlock("status").expect(0)


@pytest.mark.parametrize("named", [True, False])
def test_not_read_at_all(pgunlock, db, named):
    migration = db.lock_catalog("pg_inherits")
    (pgunlock if named else pgunlock.at(dbname=None))("status").expect(0)
    migration.run("ROLLBACK")
