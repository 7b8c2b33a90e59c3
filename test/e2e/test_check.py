"""The monitoring plug-in: one line, numbers behind it, and exit codes of its own."""

import re
import time

import pytest

from rig.incidents import Login
from rig.server import free_port
from rig.waiting import wait_until

MEASURES = ["blocked", "roots", "longest_wait", "oldest_idle_in_transaction", "prepared_oldest"]


def perfdata(finished):
    """label -> (value, unit, warning, critical, least)"""
    line = finished.out.splitlines()[0]
    assert line.count("|") == 1, line
    found = {}
    for word in line.split("|")[1].split():
        label, value = word.split("=")
        assert re.fullmatch(r"U|\d+(\.\d+)?s?(;(\d+(\.\d+)?)?){2};0", value), word
        fields = value.split(";")
        found[label] = fields
    assert list(found) == MEASURES
    return found


@pytest.mark.smoke
def test_quiet(pgunlock, db):
    finished = pgunlock("check").expect(0)
    assert finished.out.startswith("PGUNLOCK OK - ")
    assert len(finished.out.splitlines()) == 1
    data = perfdata(finished)
    assert data["blocked"] == ["0", "", "", "0"] and data["roots"][0] == "0"
    assert data["longest_wait"] == ["0s", "30", "300", "0"]


@pytest.mark.smoke
def test_jam(pgunlock, db):
    login = Login(db)
    # what equals the threshold raises no alarm
    finished = pgunlock("check", "--warning-blocked", "3", "--critical-blocked", "4").expect(0)
    assert perfdata(finished)["blocked"] == ["3", "3", "4", "0"]
    finished = pgunlock("check", "--warning-blocked", "2").expect(1)
    assert finished.out.startswith("PGUNLOCK WARNING - 3 sessions wait")
    assert str(login.holder.pid) in finished.out and "login-service" in finished.out
    finished = pgunlock("check", "--warning-blocked", "1", "--critical-blocked", "2").expect(2)
    assert finished.out.startswith("PGUNLOCK CRITICAL - ")


@pytest.mark.parametrize("measure, label", [("wait", "longest_wait"), ("idle", "oldest_idle_in_transaction")])
def test_times(pgunlock, db, measure, label):
    Login(db)

    def long_enough():
        return float(perfdata(pgunlock("check"))[label][0].rstrip("s")) > 0.002
    wait_until(long_enough, "it has lasted some milliseconds")
    pgunlock("check", f"--warning-{measure}", "1ms").expect(1)
    pgunlock("check", f"--critical-{measure}", "1ms").expect(2)
    pgunlock("check", f"--warning-{measure}", "1d", f"--critical-{measure}", "1d").expect(0)


def test_a_long_statement_that_has_just_come_to_wait(pgunlock, db, major):
    """Without the lock table the age of the statement is all that is known, and that is no reason for an alarm."""
    holder = db.transaction("SELECT pg_advisory_lock(4711)")
    started = time.monotonic()
    db.session().block("SELECT pg_advisory_lock(4711) FROM pg_sleep(3)", by=[holder])
    finished = pgunlock("check", "--warning-wait", "2s", "--critical-wait", "1d")
    # 13 knows no better
    if time.monotonic() - started < 4.5:
        finished.expect(1 if major == 13 else 0)


def test_roots_and_totals_lack_nothing(pgunlock, db, proxy, major):
    """From 18 on they need no lock table; but for a prepared transaction, which has no pid."""
    Login(db)
    db.waiter("SELECT pg_advisory_lock(1)", by=[db.transaction("SELECT pg_advisory_lock(1)")])
    program = pgunlock.at(port=proxy.port)

    def check():
        before = len(proxy.statements)
        data = perfdata(program("check").expect(0))
        copied = any("pg_lock_status" in statement.sql for statement in proxy.statements[before:])
        return data["blocked"][0], data["roots"][0], copied
    assert check() == ("4", "2", major < 18)
    db.transaction("UPDATE stock SET amount = 0 WHERE id = 7").run("PREPARE TRANSACTION 'order-4712'")
    db.waiter("UPDATE stock SET amount = 1 WHERE id = 7")
    assert check() == ("5", "3", True)


def test_prepared(pgunlock, db):
    session = db.transaction("UPDATE stock SET amount = 0 WHERE id = 7")
    session.run("PREPARE TRANSACTION 'order-4711'")
    pgunlock("check").expect(0)
    finished = pgunlock("check", "--critical-prepared", "0").expect(2)
    assert "gid:order-4711" in finished.out


def test_names_that_would_break_the_line(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application="a|b=c;\td")
    db.waiter("SELECT * FROM stock", by=[holder])
    perfdata(pgunlock("check", "--warning-blocked", "0").expect(1))


def test_without_privileges(pgunlock, db, major):
    """What it sees raises an alarm; what it doesn't see it doesn't call well."""
    login = Login(db)
    plain = pgunlock.at(user="oncall")
    finished = plain("check", "--critical-blocked", "2").expect(2)
    data = perfdata(finished)
    assert data["blocked"][0] == "3" and data["oldest_idle_in_transaction"] == ["U"]
    # 13 tells only who may see his statement how long somebody has waited
    assert (data["longest_wait"] == ["U"]) == (major == 13)
    assert "GRANT pg_read_all_stats TO oncall;" in finished.out
    assert str(login.holder.pid) in finished.out
    assert len(finished.out.splitlines()) == 1
    finished = plain("check").expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - 3 sessions wait")
    db.server.observer.execute("GRANT pg_read_all_stats TO oncall")
    try:
        assert "U" not in str(perfdata(plain("check").expect(0)))
    finally:
        db.server.observer.execute("REVOKE pg_read_all_stats FROM oncall")


def test_hidden_session_without_a_jam(pgunlock, db):
    db.session()
    finished = pgunlock.at(user="oncall")("check").expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - nobody waits")
    assert "GRANT pg_read_all_stats TO oncall;" in finished.out
    assert len(finished.out.splitlines()) == 1


def test_grant_for_a_role_with_a_bar_in_its_name(pgunlock, db):
    """What stands behind the first bar are numbers."""
    db.server.observer.execute("""CREATE ROLE "a|b 'c'=1" LOGIN""")
    try:
        db.session()
        perfdata(pgunlock.at(user="a|b 'c'=1")("check").expect(3))
    finally:
        db.server.observer.execute("""DROP ROLE "a|b 'c'=1" """)


WRONG = [["--bogus"], ["--warning-wait", "soon"], ["4711"], ["--format", "dot"],
         ["--warning-wait", "-5s"], ["--warning-wait=-5s"], ["--warning-blocked", "-1"], ["--warning-blocked", "1.5"],
         ["--warning-blocked", ""], ["--warning-wait", ""], ["--warning-wait", "inf"], ["--warning-wait", "nan"],
         ["--critical-blocked", "99999999999999999999"], ["--critical-idle", "1e400d"], ["--warning-wait"],
         ["--critical-prepared", "5"], ["--warning-blocked", "5", "--critical-blocked", "4"],
         ["--warning-wait", "10s", "--critical-wait", "9.9s"], ["--warning-roots", "1"],
         ["--critical-idle", "1m", "--warning-idle", "15m"], ["--warning-prepared", "2d", "--critical-prepared", "1d"]]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_is_unknown(pgunlock, db, arguments):
    finished = pgunlock("check", *arguments).expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - ")
    assert len(finished.out.splitlines()) == 1
    assert "connect" not in finished.out


@pytest.mark.parametrize("arguments, shown", [
    (["--warning-blocked", "0", "--critical-blocked", "0"], ("blocked", "0", "0")),
    (["--warning-wait", "500ms", "--critical-wait", "1.5s"], ("longest_wait", "0.5", "1.5")),
    (["--warning-wait", "0", "--critical-wait", "0"], ("longest_wait", "0", "0")),
    (["--warning-idle", "1d", "--critical-idle", "1d"], ("oldest_idle_in_transaction", "86400", "86400")),
    (["--critical-prepared", "2h"], ("prepared_oldest", "3600", "7200")),
    # a preset that contradicts it gives way
    (["--critical-wait", "10s"], ("longest_wait", "", "10")),
    (["--warning-prepared", "2d"], ("prepared_oldest", "172800", "")),
], ids=lambda value: " ".join(value))
def test_thresholds_as_given(pgunlock, db, arguments, shown):
    """In the unit of the value, seconds, without the unit."""
    name, warning, critical = shown
    data = perfdata(pgunlock("check", *arguments).expect(0))
    assert data[name][1:] == [warning, critical, "0"]
    assert data["roots"][1:] == ["", "", "0"]


def test_no_server_is_unknown(program):
    finished = program.at(host="127.0.0.1", port=free_port(), user="pgunlock")("check").expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - ")
    assert len(finished.out.splitlines()) == 1


def test_no_such_role_is_unknown(pgunlock, db):
    finished = pgunlock.at(user="nobody_of_that_name")("check").expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - ")


def test_silent_server_is_unknown(pgunlock, db, proxy):
    proxy.fall_silent()
    finished = pgunlock.at(port=proxy.port)("check", "--timeout", "1s").expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - ")
