"""The monitoring plug-in: one line, numbers behind it, and exit codes of its own."""

import re

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


def test_without_privileges(pgunlock, db):
    login = Login(db)
    finished = pgunlock.at(user="oncall")("check", "--critical-blocked", "2").expect(2)
    data = perfdata(finished)
    assert data["blocked"][0] == "3" and data["oldest_idle_in_transaction"] == ["U"]
    assert "GRANT pg_read_all_stats TO oncall" in finished.out
    assert str(login.holder.pid) in finished.out


@pytest.mark.parametrize("arguments", [["--bogus"], ["--warning-wait", "soon"], ["4711"], ["--format", "dot"]])
def test_wrong_usage_is_unknown(pgunlock, db, arguments):
    finished = pgunlock("check", *arguments).expect(3)
    assert finished.out.startswith("PGUNLOCK UNKNOWN - ")
    assert len(finished.out.splitlines()) == 1


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
