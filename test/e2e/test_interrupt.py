"""Ctrl-C: it stops at once, and says what was signalled already."""

import os
import signal

import pytest

from rig.incidents import Login
from rig.waiting import wait_until

SIGTERM_BIT = 1 << (signal.SIGTERM - 1)


class Stopped:
    """A backend that doesn't come to handle signals: whoever ended it waits."""

    def __init__(self, session):
        self.pid = session.pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        return self

    def has_been_terminated(self):
        """Whether a SIGTERM waits for it."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            pending = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd", "ShdPnd"))]
        return any(mask & SIGTERM_BIT for mask in pending)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_verifying(pgunlock, db, number):
    login = Login(db)
    with Stopped(login.holder) as stopped:
        arguments = ("release", "--table", "login_sessions", "--yes", "--wait", "1m")
        process = pgunlock.start(*arguments)
        wait_until(stopped.has_been_terminated, "the signal is sent")
        process.send_signal(number)
        finished = pgunlock.finish(process, arguments, timeout=5)
        assert finished.exit in ((130,) if number == signal.SIGINT else (130, 143)), repr(finished)
        assert str(login.holder.pid) in finished.text and "signalled" in finished.text.lower()
        assert "freed." not in finished.out.lower()
    assert login.all_get_in()
    assert pgunlock.audit_lines()


def test_while_verifying_in_json(pgunlock, db):
    login = Login(db)
    with Stopped(login.holder) as stopped:
        arguments = ("release", "--table", "login_sessions", "--yes", "--wait", "1m", "--format", "json")
        process = pgunlock.start(*arguments)
        wait_until(stopped.has_been_terminated, "the signal is sent")
        process.send_signal(signal.SIGINT)
        finished = pgunlock.finish(process, arguments, timeout=5).expect(130)
        document = finished.json
        assert [(item["session"], item["result"]) for item in document["results"]] == [(login.holder.id, "signalled")]
        assert document["exit"] == 130


def test_at_the_question(pgunlock, db):
    login = Login(db)
    terminal = pgunlock.terminal("release", "--table", "login_sessions")
    terminal.expect_question()
    terminal.type("\x03")
    assert terminal.end() == 130
    assert login.nothing_moved()


def test_in_a_watch(pgunlock, db):
    process = pgunlock.start("tree", "--watch", "--interval", "1m")
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'"),
               "it is connected")
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree",), timeout=5).expect(130)


def test_leaves_no_statement_behind(pgunlock, db, proxy):
    """Interrupted in a look it doesn't leave a backend at work."""
    hold = proxy.hold_sql("pg_lock_status")
    process = pgunlock.at(port=proxy.port).start("tree")
    hold.wait()
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree",), timeout=5).expect(130)
    hold.release()
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'") == 0,
               "its session has ended")
