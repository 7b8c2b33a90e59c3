"""What goes wrong around a guard: servers that restart, are down or silent; a full disk; its own death."""

import random
import resource
import sqlite3
import threading
import time

import pytest

from rig.clock import Clock
from rig.guard import LEADS, Guard, conninfo, rule
from rig.incidents import Login
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, tmp_path):
    def make(servers, *rules, start=True, **options):
        options = {"breaker": "1000/1m", **options}
        guard = Guard(program, tmp_path, servers, rules or (rule(limit="1000/1m", cooldown="0"),), **options)
        return guard.start() if start else guard
    return make


@pytest.fixture
def newest_only(major, request):
    """What takes long and is about the guard more than about its server runs on one major, the newest of --majors."""
    if major != max((int(word) for word in request.config.getoption("--majors").split(",") if word), default=None):
        pytest.skip("runs on the newest of --majors")


def act_seconds(login):
    """How long it takes until everybody got in."""
    started = time.monotonic()
    assert login.all_get_in()
    return time.monotonic() - started


def test_server_restarts(make_guard, own_db):
    guard = make_guard({"main": conninfo(own_db)})
    assert Login(own_db).all_get_in()
    own_db.server.restart()
    guard.expect(LEADS, times=2)
    assert Login(own_db).all_get_in()
    own_db.server.shut_down()
    guard.expect("cannot connect")
    own_db.server.start()
    guard.expect(LEADS, times=3)
    assert Login(own_db).all_get_in()
    guard.stop()


def test_a_server_that_is_down_delays_no_other(make_guard, db, own_db):
    place = conninfo(own_db)
    own_db.server.shut_down()
    guard = make_guard({"down": place, "main": conninfo(db), "nowhere": "host=192.0.2.1 dbname=x"}, start=False)
    guard.start(wait_for=None)
    guard.expect("main: " + LEADS)
    assert act_seconds(Login(db)) < 2
    own_db.server.start()
    guard.expect("down: " + LEADS, timeout=60)
    assert Login(own_db).all_get_in()
    guard.stop()


@pytest.mark.slow(180)
def test_one_of_three_is_silent_for_thirty_seconds(newest_only, make_guard, db, own_db, primary_db, make_proxy):
    proxy = make_proxy(own_db.server)
    guard = make_guard({"main": conninfo(db), "silent": conninfo(own_db, port=proxy.port), "third": conninfo(primary_db)})
    proxy.fall_silent()
    began = time.monotonic()
    leaked = Login(own_db)
    slowest = 0
    while time.monotonic() - began < 30:
        for place in (db, primary_db):
            slowest = max(slowest, act_seconds(Login(place, waiters=1)))
        for place in (db, primary_db):
            for session in place.sessions:
                session.close()
            place.sessions.clear()
    assert leaked.nothing_moved()
    proxy.speak()
    # condition met after 100 ms, seen by the next poll (200 ms), freed within 500 ms
    assert slowest < 0.1 + 0.2 + 0.5, f"{slowest:.3f} s"
    guard.expect("silent: " + LEADS, times=2, timeout=60)
    assert leaked.all_get_in()
    assert [act[1] for act in guard.acts()].count(leaked.holder.id) == 1
    guard.stop()


def test_the_disk_is_full(make_guard, db):
    """Files of the guard can grow no more: it goes on to act, and says so. When there is room again, it records again."""
    guard = make_guard({"main": conninfo(db)})
    assert Login(db).all_get_in()
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'")[0][0] == 1, "it is recorded")
    resource.prlimit(guard.process.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
    assert Login(db).all_get_in()
    assert Login(db).all_get_in()
    # the log is a file, too: what it says shows when there is room
    wait_until(lambda: guard.metrics()["pgunlock_audit_errors_total"] >= 2, "trouble with the audit log is counted")
    wait_until(lambda: guard.metrics()["pgunlock_history_errors_total"] >= 1, "trouble with the history is counted")
    resource.prlimit(guard.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert Login(db).all_get_in()
    guard.expect("can be written again", timeout=60)
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'")[0][0] == 4, "all of it is recorded", 60)
    guard.stop()


def test_history_and_audit_log_without_their_folder(make_guard, db, tmp_path):
    """Told at the start, not only when there is something to be logged, with what makes it."""
    missing = tmp_path / "missing"
    guard = make_guard({"main": conninfo(db)}, audit=missing / "audit.jsonl", history=missing / "history.db")
    guard.polls_on()
    assert guard.log().count("cannot open the audit log") == 1
    assert guard.log().count(f"there is no folder {missing}: mkdir -p {missing} makes it") == 2
    assert Login(db).all_get_in()
    missing.mkdir()
    guard.expect("the history can be written now")
    guard.history, guard.audit = missing / "history.db", missing / "audit.jsonl"
    assert Login(db).all_get_in()
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'") == [(1,)], "it is recorded")
    wait_until(guard.results, "it is logged")
    guard.stop()


def test_a_history_that_cannot_be_opened(make_guard, db, tmp_path):
    place = tmp_path / "not a history"
    place.write_text("no database\n" * 1000)
    guard = make_guard({"main": conninfo(db)}, history=place)
    assert "not a history" in guard.log()
    assert Login(db).all_get_in()
    # it is tried again
    place.unlink()
    guard.expect("the history can be written now")
    guard.history = place
    assert Login(db).all_get_in()
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'") == [(1,)], "it is recorded")
    guard.stop()


def check_history(guard):
    connection = sqlite3.connect(guard.history)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()


def finished_incidents(guard):
    """Those that the history has by now; it may not have been made yet."""
    try:
        return {row[0] for row in guard.query("SELECT id FROM incident WHERE ended_at IS NOT NULL")}
    except sqlite3.OperationalError as error:
        assert "no such table" in str(error) or "unable to open" in str(error), error
        return set()


@pytest.mark.slow(600)
def test_killed_fifty_times(newest_only, make_guard, db):
    """Killed at any moment: the history stays whole, and no incident that was finished, and recorded so, is lost."""
    guard = make_guard({"main": conninfo(db)}, start=False, poll="100ms")
    rng = random.Random(1)
    over, is_over = set(), threading.Event()
    finished = set()

    def jam():
        while not is_over.is_set():
            login = Login(db, waiters=1)
            try:
                login.all_get_in()
                over.add(login.holder.id)
            finally:
                for session in (login.holder, *login.waiters):
                    session.close()
                db.sessions.clear()

    jams = threading.Thread(target=jam)
    guard.start(wait_for=None)
    jams.start()
    try:
        for _ in range(50):
            time.sleep(rng.uniform(0.05, 1.0))
            finished |= finished_incidents(guard)
            guard.kill()
            check_history(guard)
            kept = finished_incidents(guard)
            assert finished <= kept, f"lost: {finished - kept}"
            guard.start(wait_for=None)
    finally:
        is_over.set()
        jams.join()
    wait_until(lambda: guard.query("SELECT count(*) FROM incident WHERE ended_at IS NULL")[0][0] == 0, "all are over")
    guard.stop()
    check_history(guard)
    assert len(over) > 5 and len(finished) > 5


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


def test_the_clock_jumps(make_guard, db, clock):
    """Forward, and back: acts come in time, and limits neither end early nor late."""
    guard = make_guard({"main": conninfo(db)}, rule("login", application="login-*", limit="2/10m", cooldown="0"),
                       rule("rest", limit="100/1m", cooldown="0"), start=False)
    guard.start(env=clock.env)
    for offset in ("+2h", "-2d"):
        clock.set(offset)
        started = time.monotonic()
        assert Login(db, waiters=1).all_get_in()
        assert time.monotonic() - started < 3
    clock.set("+1d")
    login = Login(db, waiters=1)
    guard.expect("limit is used up")
    assert login.nothing_moved()
    for offset in ("+0", "-1d"):
        clock.set(offset)
        other = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
        assert db.waiter("UPDATE orders SET note = 'y' WHERE id = 1", by=[other]).error() is None
    login.holder.run("COMMIT")
    assert login.all_get_in()
    wait_until(lambda: guard.query("SELECT count(*) FROM incident WHERE ended_at IS NULL")[0][0] == 0, "all are over")
    assert guard.query("SELECT count(*) FROM incident WHERE ended_at < started_at") == [(0,)]
    # the clock did jump
    assert len({line["at"][:10] for line in guard.audit_lines()}) > 1
    guard.stop()


def test_another_database_that_lets_nobody_in(make_guard, own_db):
    """Its names can't be read, and each attempt would take seconds: acts elsewhere come in time all the same."""
    guard = make_guard({"main": conninfo(own_db, dbname="postgres")}, rule("login", application="login-*"),
                       rule("rest", action="none", blocked_for=None))
    table = own_db.transaction("LOCK TABLE stock", application="batch")
    own_db.waiter("SELECT * FROM stock", by=[table])
    own_db.lock_catalog("pg_class")
    for number in range(3):
        own_db.transaction("SELECT pg_advisory_xact_lock(7)", dbname="postgres", application="login-service")
        waiter = own_db.session(dbname="postgres")
        started = time.monotonic()
        waiter.block("SELECT pg_advisory_xact_lock(7)")
        assert waiter.error() is None
        seconds = time.monotonic() - started
        waiter.close()
        # the first finds out that names take too long
        assert seconds < (10 if number == 0 else 1.5), f"{number}: {seconds:.1f} s"
    guard.stop()
