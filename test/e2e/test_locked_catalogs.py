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


@pytest.mark.parametrize("catalog", ["pg_authid", "pg_database", "pg_class"])
def test_nobody_can_log_in(pgunlock, db, catalog):
    migration = db.lock_catalog(catalog)
    started = time.monotonic()
    finished = pgunlock("status").expect(6)
    assert time.monotonic() - started < 8
    assert "catalog" in finished.err and "hint: " in finished.err
    migration.run("ROLLBACK")
    pgunlock("status").expect(0)
