"""The rig itself: that it stages what it says, and sees what is wrong."""

import socket

import psycopg
import pytest
from psycopg.types.numeric import Int4

from rig.database import Database, wait_gone
from rig.program import Program
from rig.screen import Emulated, EmulatedStream
from rig.session import SqlError
from rig.waiting import wait_until


@pytest.mark.smoke
def test_server_is_of_its_major(server, major):
    assert server.version_num // 10000 == major
    assert server.value("SHOW deadlock_timeout") == "1h"


def test_sessions_wait_as_the_server_says(db):
    holder = db.transaction("UPDATE login_sessions SET token = 'x' WHERE user_id = 42")
    first = db.waiter("UPDATE login_sessions SET token = 'y' WHERE user_id = 42", by=[holder])
    second = db.waiter("UPDATE login_sessions SET token = 'z' WHERE user_id = 42", by=[first])
    third = db.waiter("UPDATE login_sessions SET token = 'w' WHERE user_id = 42", by=[first, second])
    assert not first.is_done() and not third.is_done()
    holder.run("COMMIT")
    for waiter in (first, second, third):
        waiter.result()


def test_block_says_when_nothing_blocks(db):
    with pytest.raises(AssertionError, match="did not have to wait"):
        db.session().block("UPDATE login_sessions SET token = 'x' WHERE user_id = 42")


def test_errors_of_a_session(db):
    session = db.session()
    assert session.run("SELECT 1, NULL, 'x'") == [("1", None, "x")]
    with pytest.raises(SqlError) as caught:
        session.run("SELECT 1/0")
    assert caught.value.sqlstate == "22012"
    assert session.is_open
    db.server.value("SELECT pg_terminate_backend(%s)", session.pid)
    wait_gone(db.server, session)
    wait_until(lambda: not session.is_open, "its client notices")
    with pytest.raises(SqlError):
        session.run("SELECT 1")


def test_log_id_is_pid_and_start(db):
    session = db.session()
    seconds, pid = db.server.log_id(session.pid).split(".")
    assert int(pid, 16) == session.pid
    assert int(seconds, 16) == int(db.server.backend_start(session.pid).timestamp())


def test_everything_is_ended_with_the_test(server):
    db = Database(server)
    holder = db.transaction("LOCK TABLE stock")
    db.waiter("SELECT * FROM stock", by=[holder])
    db.transaction("UPDATE orders SET note = ''", "PREPARE TRANSACTION 'it''s'")
    db.drop()
    assert server.value("SELECT count(*) FROM pg_prepared_xacts") == 0
    assert server.value("SELECT count(*) FROM pg_database WHERE datname = %s", db.name) == 0


def test_own_server_can_be_shut_down_and_started(own_server):
    port = own_server.port
    own_server.shut_down()
    assert not own_server.is_running()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    own_server.start()
    assert own_server.value("SELECT 1") == 1


def test_proxy_forwards_falls_silent_and_speaks(db, proxy):
    session = db.session(port=proxy.port)
    assert session.run("SELECT 1") == [("1",)]
    proxy.fall_silent()
    session.send("SELECT 2")
    with pytest.raises(AssertionError, match="in vain"):
        session.result(timeout=0.2)
    assert session.is_open
    proxy.speak()
    assert session.result() == [("2",)]


def test_proxy_holds_a_statement(db, proxy):
    hold = proxy.hold_sql("SELECT 'held'")
    session = db.session(port=proxy.port)
    session.run("CREATE TABLE before_that()")
    session.send("SELECT 'held'")
    hold.wait()
    assert db.server.state(session.pid) == "idle"
    hold.release()
    assert session.result() == [("held",)]


@pytest.mark.parametrize("binary", [False, True])
def test_proxy_sees_parameters(server, proxy, binary):
    hold = proxy.hold_sql("::int4", mentioning=4711)
    hold.release()
    with psycopg.connect(host="127.0.0.1", port=proxy.port, dbname="postgres", user="postgres") as connection:
        placeholder = "%b" if binary else "%t"
        connection.execute(f"SELECT {placeholder}::int4", (Int4(4712),))
        assert not hold.has_arrived()
        connection.execute(f"SELECT {placeholder}::int4", (Int4(4711),), prepare=True)
    hold.wait()


def test_pgbouncer_pools_transactions(db, pgbouncer):
    first = db.session(port=pgbouncer.port)
    second = db.session(port=pgbouncer.port)
    assert first.run("SELECT pg_backend_pid()") == second.run("SELECT pg_backend_pid()")
    assert first.run("SELECT pg_backend_pid()") != [(str(first.pid),)]


def _program_of(tmp_path, script):
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return Program(path, tmp_path)


def test_program_runs_apart_from_the_tester(tmp_path, monkeypatch):
    monkeypatch.setenv("PGHOST", "elsewhere")
    finished = _program_of(tmp_path, 'echo "$PGHOST.$HOME.$*"; echo oops >&2; exit 3').at(host="h", port=1)("tree")
    assert (finished.exit, finished.out, finished.err) == (3, f".{tmp_path}.tree -h h -p 1\n", "oops\n")


@pytest.mark.parametrize("script, complaint", [
    ("printf 'a\\033[31mb'", "control character"),
    ("printf 'a\\377b'", "not valid UTF-8"),
    ("kill -SEGV $$", "SIGSEGV"),
    ("exit 99", "sanitizer"),
    ("exec sleep 60", "hung"),
])
def test_program_checks_what_must_always_hold(tmp_path, script, complaint):
    with pytest.raises(AssertionError, match=complaint):
        _program_of(tmp_path, script)(timeout=1)


def test_program_on_a_terminal(tmp_path):
    terminal = _program_of(tmp_path, 'stty size; printf "Sure? [y/N] "; read answer; echo "got $answer"; exit 5').terminal(
        columns=77)
    assert "50 77" in terminal.expect_question()
    terminal.type("y\n")
    assert terminal.end() == 5
    assert "got y" in terminal.seen


def test_schema_is_demanded(tmp_path):
    with pytest.raises(AssertionError, match="no schema"):
        _program_of(tmp_path, """echo '{"schema": "pgunlock.nonsense/1"}'""")("x", "--format", "json")
    with pytest.raises(AssertionError, match="no schema is named"):
        _program_of(tmp_path, "echo '{}'")("x", "--format", "json")


def test_the_emulated_terminal_scrolls_a_region_and_repeats():
    screen = Emulated(4, 5)
    stream = EmulatedStream(screen)
    stream.feed(b"a\r\nb\r\nc\r\nd\r\ne\x1b[2;4r\x1b[4;1H\x1b[1S")
    assert [line.rstrip() for line in screen.display] == ["a", "c", "d", "", "e"]
    stream.feed(b"\x1b[2T")
    assert [line.rstrip() for line in screen.display] == ["a", "", "", "c", "e"]
    assert screen.cursor.y == 3
    stream.feed(b"\x1b[r\x1b[2;1Hx\x1b[2b")
    assert screen.display[1] == "xxx "
