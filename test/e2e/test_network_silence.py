"""The network goes silent: nothing comes back, and no connection breaks. Every step has its time."""

import signal
import threading
import time

import pytest

from rig.incidents import Login
from rig.proxy import after_signal


def timed(pgunlock, process, arguments):
    """Its end, and how long that took."""
    started = time.monotonic()
    finished = pgunlock.finish(process, arguments)
    return finished, time.monotonic() - started


def silent_at(pgunlock, proxy, sql, *arguments):
    """Starts it; the network falls silent just before a statement reaches the server."""
    hold = proxy.hold_sql(sql)
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    proxy.fall_silent()
    hold.release()
    return timed(pgunlock, process, arguments)


def test_while_looking_it_gives_up_in_time(pgunlock, proxy):
    finished, seconds = silent_at(pgunlock, proxy, "pg_lock_status", "tree", "--timeout", "2s")
    finished.expect(1)
    assert finished.err.startswith("pgunlock: error: ")
    assert "2s" in finished.err or "2 s" in finished.err or "time" in finished.err
    assert seconds < 5


def test_while_connecting_it_gives_up_in_time(pgunlock, proxy):
    proxy.fall_silent()
    arguments = ("tree",)
    finished, seconds = timed(pgunlock, pgunlock.at(port=proxy.port).start(*arguments), arguments)
    finished.expect(6)
    assert 3 < seconds < 9, "connect timeout is 5 s"


def test_connect_timeout_is_libpqs(pgunlock, proxy):
    proxy.fall_silent()
    process = pgunlock.at(port=proxy.port).start("tree", env={"PGCONNECT_TIMEOUT": "2"})
    finished, seconds = timed(pgunlock, process, ("tree",))
    finished.expect(6)
    assert seconds < 4.5


def test_after_the_signal(pgunlock, db, proxy):
    login = Login(db)
    arguments = ("release", "--table", "login_sessions", "--yes", "--timeout", "1s", "--wait", "2s")
    hold = proxy.hold(after_signal(login.holder.pid), "the first look after the signal")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    proxy.fall_silent()
    hold.release()
    finished, seconds = timed(pgunlock, process, arguments)
    finished.expect(1)
    assert seconds < 8
    assert str(login.holder.pid) in finished.text, "it lists what was signalled"
    assert login.all_get_in()


def test_five_seconds_of_silence_are_survived(pgunlock, db, proxy):
    login = Login(db)
    hold = proxy.hold_sql("pg_lock_status")
    arguments = ("tree", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    proxy.fall_silent()
    hold.release()
    timer = threading.Timer(5, proxy.speak)
    timer.start()
    finished, seconds = timed(pgunlock, process, arguments)
    timer.join()
    assert finished.expect(0).json["roots"] == [login.holder.id]
    assert seconds > 4.5


@pytest.mark.parametrize("moment", ["pg_lock_status", "startup"])
def test_ctrl_c_in_the_silence(pgunlock, proxy, moment):
    hold = proxy.hold_sql(moment)
    process = pgunlock.at(port=proxy.port).start("tree", "--timeout", "1m")
    hold.wait()
    process.send_signal(signal.SIGINT)
    finished, seconds = timed(pgunlock, process, ("tree",))
    finished.expect(130)
    assert seconds < 3
