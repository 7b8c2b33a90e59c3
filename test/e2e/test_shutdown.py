"""The server goes away in the middle of it: it says so and ends, in every phase, and never claims what it doesn't know."""

import pytest

from rig.incidents import Login
from rig.waiting import wait_until

ERROR = "pgunlock: error: "


@pytest.fixture
def run(own_pgunlock, own_server, make_proxy):
    """Runs a command through a proxy, shuts the server down when it comes to a statement with this text, and lets that
    statement go on its way."""
    def run(command, matches, mode="fast"):
        proxy = make_proxy(own_server)
        hold = proxy.hold(matches, "the phase")
        process = own_pgunlock.at(port=proxy.port).start(*command)
        hold.wait()
        own_server.shut_down(mode)
        hold.release()
        finished = own_pgunlock.finish(process, command)
        assert finished.err.startswith(ERROR), repr(finished)
        return finished
    return run


def has(text):
    return lambda statement: text in statement.sql


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_while_connecting(run, mode):
    run(["tree"], has("startup"), mode).expect(6)


def test_after_it_was_let_in(run):
    finished = run(["tree"], lambda statement: statement.sql != "startup")
    assert finished.exit in (1, 6)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("command", [["tree"], ["status"], ["locks"], ["release", "--all", "--yes"]])
def test_while_looking(run, own_db, command, mode):
    Login(own_db)
    finished = run(command, has("pg_lock_status"), mode).expect(1)
    assert "freed" not in finished.out.lower()


def test_between_plan_and_yes(own_pgunlock, own_db, own_server):
    Login(own_db)
    terminal = own_pgunlock.terminal("release", "--table", "login_sessions")
    terminal.expect_question()
    own_server.shut_down()
    terminal.type("y\r")
    assert terminal.end() == 1
    assert ERROR in terminal.seen
    assert "freed." not in terminal.seen.lower()


def test_with_the_signal_on_its_way(run, own_db):
    login = Login(own_db)
    finished = run(["release", "--table", "login_sessions", "--yes"],
                   lambda statement: "pg_terminate_backend" in statement.sql and statement.mentions(login.holder.pid))
    finished.expect(1)
    assert "freed." not in finished.out.lower()


def test_while_verifying(run, own_db, own_server):
    login = Login(own_db)

    def verifies(statement):
        # the first look after the signal has reached the server
        return "pg_lock_status" in statement.sql and not own_server.is_there(login.holder.pid)
    finished = run(["release", "--table", "login_sessions", "--yes"], verifies)
    finished.expect(1)
    assert str(login.holder.pid) in finished.text, "it lists what was signalled"


def test_between_two_looks_of_a_watch(own_pgunlock, own_server):
    process = own_pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    assert process.stdout.readline()
    own_server.shut_down()
    wait_until(lambda: process.poll() is not None, "it ends")
    finished = own_pgunlock.finish(process, ("tree", "--watch"))
    assert finished.exit in (1, 6)
    assert finished.err.startswith(ERROR)


def test_its_own_backend_is_terminated(pgunlock, db, proxy):
    hold = proxy.hold_sql("pg_lock_status")
    process = pgunlock.at(port=proxy.port).start("tree")
    hold.wait()
    assert db.server.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                           " WHERE application_name = 'pgunlock'") == 1
    hold.release()
    finished = pgunlock.finish(process, ("tree",)).expect(1)
    assert finished.err.startswith(ERROR)
    assert "57P01" in finished.err or "terminat" in finished.err
