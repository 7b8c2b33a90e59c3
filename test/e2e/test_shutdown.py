"""The server goes away in the middle of it: it says so and ends, in every phase, and never claims what it doesn't know."""

import json
import signal

import pytest

from rig import schemas
from rig.incidents import Login
from rig.proxy import after_signal

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
    # at once: the connection is lost, it isn't that no answer comes
    assert terminal.end(timeout=5) == 1
    assert ERROR in terminal.seen
    assert "freed." not in terminal.seen.lower()


def test_with_the_signal_on_its_way(run, own_db):
    login = Login(own_db)
    finished = run(["release", "--table", "login_sessions", "--yes"],
                   lambda statement: "pg_terminate_backend" in statement.sql and statement.mentions(login.holder.pid))
    finished.expect(1)
    assert "freed." not in finished.out.lower()


def test_while_verifying(run, own_db):
    login = Login(own_db)
    finished = run(["release", "--table", "login_sessions", "--yes"], after_signal(login.holder.pid))
    finished.expect(1)
    assert str(login.holder.pid) in finished.text, "it lists what was signalled"


def test_watch_says_so_and_goes_on_when_the_server_is_back(own_pgunlock, own_server):
    process = own_pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    assert json.loads(process.stdout.readline())["summary"]["blocked"] == 0
    own_server.shut_down()
    # looks from before the end may still be on the way
    line = process.stderr.readline().decode()
    assert line.startswith(("pgunlock: error: ", "pgunlock: warning: ")), line
    assert process.poll() is None
    own_server.start()
    started = own_server.value("SELECT to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')")
    while True:
        document = json.loads(process.stdout.readline())
        schemas.validate(document)
        if document["schema"] == "pgunlock.error/1":
            continue
        assert document["schema"] == "pgunlock.tree/1"
        if document["taken_at"] > started:
            break
    process.send_signal(signal.SIGINT)
    own_pgunlock.finish(process, ("tree", "--watch")).expect(130)


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
