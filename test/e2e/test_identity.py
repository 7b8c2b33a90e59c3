"""Never the wrong one: a pid alone doesn't say who is meant, since the kernel gives it to somebody else later."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.incidents import Login
from rig.session import Session


def shifted(log_id, seconds):
    """The log id of a backend with the same pid that started at another time."""
    start, pid = log_id.split(".")
    return f"{int(start, 16) + seconds:x}.{pid}"


@pytest.mark.parametrize("command", ["cancel", "terminate", "release"])
def test_same_pid_of_another_time_is_already_gone(pgunlock, db, command):
    login = Login(db)
    earlier = shifted(db.server.log_id(login.holder.pid), -3600)
    finished = pgunlock(command, earlier, "--yes", "--format", "json")
    assert login.nothing_moved()
    # "already gone" or "no such session": in no case it is taken for the one that has the pid now
    assert finished.exit in (0, 3), repr(finished)
    if finished.exit == 0:
        assert list(documents.results(finished.json).values()) == ["already_gone"]


def test_exact_form_names_the_one_that_is_meant(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("terminate", db.server.log_id(login.holder.pid), "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


@pytest.mark.parametrize("command", ["terminate", "release"])
def test_gone_between_plan_and_yes(pgunlock, db, command):
    login = Login(db)
    terminal = pgunlock.terminal(command, login.holder.pid)
    terminal.expect_question()
    db.server.value("SELECT pg_terminate_backend(%s)", login.holder.pid)
    wait_gone(db.server, login.holder)
    assert login.all_get_in()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "gone already" in terminal.seen.lower()
    assert db.all_alive(*login.waiters)


def reuse_pid(db, earlier):
    """Ends a session, and opens another one that gets the same pid."""
    earlier.close()
    wait_gone(db.server, earlier)
    for _ in range(200):
        db.server.next_pid(earlier.pid)
        session = Session(db.server, dbname=db.name, user="app_rw", application_name="innocent")
        if session.pid == earlier.pid:
            db.sessions.append(session)
            return session
        session.close()
    raise AssertionError("the kernel does not give that pid again")


def test_pid_is_reused_between_plan_and_yes(program, namespace_db):
    db = namespace_db
    pgunlock = program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="pgunlock")
    holder = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[holder])
    terminal = pgunlock.terminal("terminate", holder.pid)
    terminal.expect_question()
    innocent = reuse_pid(db, holder)
    assert waiter.error() is None
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "gone already" in terminal.seen.lower()
    assert db.all_alive(innocent)


def test_pid_is_reused_just_before_the_signal(program, namespace_db, make_proxy):
    db = namespace_db
    proxy = make_proxy(db.server)
    pgunlock = program.at(host="127.0.0.1", port=proxy.port, dbname=db.name, user="pgunlock")
    holder = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[holder])
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=holder.pid)
    arguments = ("terminate", holder.pid, "--yes", "--format", "json")
    process = pgunlock.start(*arguments)
    hold.wait()
    innocent = reuse_pid(db, holder)
    hold.release()
    finished = pgunlock.finish(process, arguments).expect(0)
    assert documents.results(finished.json) == {holder.id: "already_gone"}
    assert waiter.error() is None
    assert db.all_alive(innocent)


@pytest.mark.smoke
def test_the_rig_reuses_pids(namespace_db):
    # whatever stands on it proves nothing if this does not hold
    earlier = namespace_db.session()
    start = namespace_db.server.backend_start(earlier.pid)
    later = reuse_pid(namespace_db, earlier)
    assert later.pid == earlier.pid
    assert namespace_db.server.backend_start(later.pid) > start
