"""Between the look and the signal the world goes on: who has gone on to other work is left alone."""

import pytest

from rig import documents
from rig.incidents import Login
from rig.waiting import wait_until

OTHER_WORK = "UPDATE stock SET amount = amount - 1 WHERE id = 1"


def go_on(session):
    """Ends its transaction and begins another."""
    session.run("COMMIT")
    session.run("BEGIN")
    session.run(OTHER_WORK)


def run_up_to_signal(pgunlock, proxy, pid, *arguments, sql="pg_terminate_backend", meanwhile):
    """Runs pgunlock through the proxy; meanwhile() is called when its signal is on the way, before the server sees it."""
    hold = proxy.hold_sql(sql, mentioning=pid)
    arguments = (*arguments, "--yes", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    meanwhile()
    hold.release()
    return pgunlock.finish(process, arguments)


@pytest.mark.parametrize("selector", [["--table", "login_sessions"], ["--all"]])
def test_goes_on_between_plan_and_yes(pgunlock, db, selector):
    login = Login(db)
    terminal = pgunlock.terminal("release", *selector)
    terminal.expect_question()
    go_on(login.holder)
    assert login.all_get_in()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert db.all_alive(login.holder)
    assert db.server.state(login.holder.pid) == "idle in transaction"
    login.holder.run("COMMIT")


def test_goes_on_just_before_the_signal(pgunlock, db, proxy):
    login = Login(db)
    finished = run_up_to_signal(pgunlock, proxy, login.holder.pid, "release", "--table", "login_sessions",
                                meanwhile=lambda: go_on(login.holder)).expect(0)
    assert documents.results(finished.json) == {login.holder.id: "already_gone"}
    assert db.all_alive(login.holder)
    login.holder.run("COMMIT")
    assert login.all_get_in()


def test_selection_goes_on_just_before_the_signal(pgunlock, db, proxy):
    login = Login(db)
    finished = run_up_to_signal(pgunlock, proxy, login.holder.pid, "terminate", "--table", "login_sessions",
                                meanwhile=lambda: go_on(login.holder)).expect(0)
    assert documents.results(finished.json) == {login.holder.id: "already_gone"}
    assert db.all_alive(login.holder)


def test_wakes_up_just_before_the_signal(pgunlock, db, proxy):
    # the same transaction, but it isn't idle any more: the reason for ending it is gone
    login = Login(db)
    finished = run_up_to_signal(pgunlock, proxy, login.holder.pid, "release", "--table", "login_sessions", "--wait", "1s",
                                meanwhile=lambda: wake_up(db, login.holder))
    assert db.all_alive(login.holder)
    assert documents.results(finished.json) == {login.holder.id: "already_gone"}


def wake_up(db, session):
    session.send("SELECT pg_sleep(600)")
    wait_until(lambda: db.server.state(session.pid) == "active", "it runs again")


def test_waiter_gives_up_just_before_the_signal(pgunlock, db, proxy):
    # the waiter was the reason
    login = Login(db, waiters=1)
    waiter = login.waiters[0]

    def give_up():
        db.server.value("SELECT pg_cancel_backend(%s)", waiter.pid)
        assert waiter.error() == "57014"
    finished = run_up_to_signal(pgunlock, proxy, login.holder.pid, "release", "--waiter", waiter.pid,
                                meanwhile=give_up)
    assert db.all_alive(login.holder)
    assert documents.results(finished.json) == {login.holder.id: "already_gone"}


def test_next_statement_is_not_cancelled(pgunlock, db, proxy):
    session = db.session().send("SELECT pg_sleep(600)")
    wait_until(lambda: db.server.state(session.pid) == "active", "it runs")

    def next_statement():
        db.server.value("SELECT pg_cancel_backend(%s)", session.pid)
        assert session.error() == "57014"
        wake_up(db, session)
    finished = run_up_to_signal(pgunlock, proxy, session.pid, "cancel", session.pid, sql="pg_cancel_backend",
                                meanwhile=next_statement).expect(0)
    assert documents.results(finished.json) == {session.id: "already_gone"}
    assert not session.is_done()


def test_nobody_is_added_after_the_yes(pgunlock, db):
    # the row's next holder jams it anew, but was not on the plan that the person saw
    login = Login(db, in_transaction=True)
    terminal = pgunlock.terminal("release", "--table", "login_sessions", "--wait", "1s")
    plan = terminal.expect_question()
    assert str(login.holder.pid) in plan
    login.holder.run("COMMIT")
    # Not always the first in the queue: it lets go of the old version of the row before it locks the new one.
    heir = wait_until(lambda: next((waiter for waiter in login.waiters if waiter.is_done()), None), "one has the row")
    others = [waiter for waiter in login.waiters if waiter is not heir]
    wait_until(lambda: any(db.server.blocking_pids(other.pid) == {heir.pid} for other in others), "another waits for it")
    terminal.type("y\r")
    assert terminal.end() in (0, 4)
    assert db.all_alive(login.holder, *login.waiters)
    assert db.server.state(heir.pid) == "idle in transaction"
    assert all(db.server.waits(other.pid) for other in others)


def test_second_holder_that_came_later_is_not_added(pgunlock, db):
    first = Login(db, waiters=1)
    terminal = pgunlock.terminal("terminate", "--table", "login_sessions")
    terminal.expect_question()
    later = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 1")
    behind = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 1", by=[later])
    terminal.type("y\r")
    assert terminal.end() == 0
    assert first.all_get_in()
    assert db.all_alive(later)
    assert db.server.waits(behind.pid)


def test_typed_ahead_is_thrown_away(pgunlock, db, proxy):
    login = Login(db)
    hold = proxy.hold_sql("pg_lock_status")
    terminal = pgunlock.at(port=proxy.port).terminal("release", "--table", "login_sessions")
    hold.wait()
    terminal.type("y\r")
    hold.release()
    terminal.expect_question()
    terminal.type("n\r")
    assert terminal.end() == 5
    assert login.nothing_moved()
