"""Between the plan and the yes somebody locks the catalogs. What the server looks up before it signals is in the
connection's caches by then, or it says that it can't."""

import pytest

from rig.incidents import Login

CATALOGS = ["pg_authid", "pg_database", "pg_class", "pg_namespace", "pg_proc", "pg_type", "pg_operator", "pg_auth_members",
            "pg_db_role_setting", "pg_index"]


def the_waiters_went_on(login):
    """Whatever they still wait for is the catalog."""
    return all(login.holder.pid not in login.db.server.blocking_pids(waiter.pid) for waiter in login.waiters)


@pytest.mark.parametrize("catalog", CATALOGS)
def test_yes(pgunlock, db, catalog):
    login = Login(db)
    terminal = pgunlock.terminal("release", login.holder.pid)
    terminal.expect_question()
    maintenance = db.lock_catalog(catalog)
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "3 of 3 waiters moved on" in terminal.seen
    assert not login.holder.is_open
    assert the_waiters_went_on(login)
    assert db.all_alive(maintenance)
    maintenance.run("ROLLBACK")
    assert login.all_get_in()


@pytest.mark.parametrize("command", ["release", "terminate"])
def test_yes_of_a_superuser(pgunlock, db, command):
    login = Login(db)
    terminal = pgunlock.at(user="postgres").terminal(command, login.holder.pid)
    terminal.expect_question()
    maintenance = db.lock_catalog("pg_authid")
    terminal.type("y\r")
    assert terminal.end() == 0
    assert not login.holder.is_open
    maintenance.run("ROLLBACK")
    assert login.all_get_in()


def test_cancel_and_then_terminate(pgunlock, db):
    """The escalation comes seconds later, and is warm as well."""
    holder = db.transaction("UPDATE stock SET amount = 0 WHERE id = 7", application="stocktaking")
    holder.send("SELECT pg_sleep(100)")
    waiter = db.waiter("UPDATE stock SET amount = 1 WHERE id = 7", by=[holder])
    terminal = pgunlock.terminal("release", holder.pid, "--grace", "300ms")
    terminal.expect_question()
    maintenance = db.lock_catalog("pg_authid")
    terminal.type("y\r")
    assert terminal.end() == 0
    maintenance.run("ROLLBACK")
    assert waiter.error() is None


@pytest.mark.parametrize("catalog", ["pg_proc", "pg_operator", "pg_authid"])
def test_one_for_whom_nobody_waits(pgunlock, db, catalog):
    """That it still holds the lock is in the condition then."""
    holder = db.session(application="migrator")
    holder.run("SELECT pg_advisory_lock(42)")
    terminal = pgunlock.terminal("terminate", "--advisory", "42", "--all-holders")
    terminal.expect_question()
    maintenance = db.lock_catalog(catalog)
    terminal.type("y\r")
    assert terminal.end() == 0
    assert not holder.is_open
    maintenance.run("ROLLBACK")


@pytest.mark.parametrize("user", ["pgunlock", "postgres"])
@pytest.mark.parametrize("command", ["release", "terminate"])
def test_a_role_that_is_not_cached(pgunlock, db, command, user):
    """ALTER ROLE takes it out of all caches."""
    login = Login(db)
    program = pgunlock.at(user=user)
    terminal = program.terminal(command, login.holder.pid)
    terminal.expect_question()
    db.server.observer.execute("ALTER ROLE app_rw CONNECTION LIMIT -1")
    maintenance = db.lock_catalog("pg_authid")
    terminal.type("y\r")
    assert terminal.end(timeout=15) == 1
    words = " ".join(terminal.seen.split())
    assert "pg_authid is locked" in words and f"kill {login.holder.pid}" in words and "never kill -9" in words
    assert "nothing was done" in words
    assert db.all_alive(login.holder) and all(db.server.waits(waiter.pid) for waiter in login.waiters)
    maintenance.run("ROLLBACK")
    program(command, login.holder.pid, "--yes").expect(0)
    assert login.all_get_in()


def test_the_successor_is_who_locks_the_catalog(pgunlock, db):
    """Once it has the table it locks pg_authid, too, and keeps both."""
    holder = db.transaction("LOCK TABLE stock")
    maintenance = db.waiter("DO $$ BEGIN LOCK TABLE stock; LOCK TABLE pg_authid; END $$", by=[holder],
                            in_transaction=True, user="postgres", application="maintenance")
    db.catalog_lockers.append(maintenance)
    waiter = db.waiter("UPDATE stock SET amount = 1 WHERE id = 7", by=[holder, maintenance])
    terminal = pgunlock.at(user="postgres").terminal("release", holder.pid, "--rounds", "2", "--wait", "1s")
    terminal.expect_question()
    terminal.type("y\r")
    terminal.expect_question()
    assert not holder.is_open and maintenance.is_done()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert not maintenance.is_open
    assert waiter.error() is None
