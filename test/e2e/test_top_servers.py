"""Several servers on one screen: a list with their states, to enter one."""

import pytest

from rig.incidents import Login
from rig.screen import Screen

POLICY = """[guard]
dry_run = true

[server calm]
conninfo = host=127.0.0.1 port={port} dbname=postgres user=pgunlock

[server jammed]
conninfo = host=127.0.0.1 port={proxy} dbname={name} user=pgunlock

[server gone]
conninfo = host=127.0.0.1 port=1 dbname=postgres
"""


@pytest.fixture
def several(program, db, proxy):
    path = program.home / "pgunlock.conf"
    path.write_text(POLICY.format(port=db.server.port, proxy=proxy.port, name=db.name), "utf-8")
    screen = Screen(program, "--config", path, "--interval", "200ms")
    yield screen
    if screen.child.isalive():
        screen.press("q")
        assert screen.end() == 0
        assert screen.is_restored
    program.kill_all()


def line_of(screen, name):
    return next((line for line in screen.lines if line.startswith(name)), "")


def test_list_and_enter(several, db):
    several.wait_for("3 servers").wait_for(lambda s: "efused" in line_of(s, "gone"), "the one that is down")
    several.wait_for(lambda s: "Nobody waits" in line_of(s, "calm") and "Nobody waits" in line_of(s, "jammed"))
    login = Login(db)
    several.wait_for(lambda s: "3 wait for 1" in line_of(s, "jammed"))
    several.wait_until_selected("calm")
    several.press("down").wait_for(lambda s: s.selected and "jammed" in s.selected)
    several.press("enter").wait_for("3 sessions wait for 1.").wait_for(str(login.holder.pid))
    several.press("K").agree().wait_for("Freed. 3 of 3 waiters moved on")
    assert login.all_get_in()
    several.press("S").wait_for("3 servers").wait_for(lambda s: "Nobody waits" in line_of(s, "jammed"))
    several.press("down", "enter").wait_for("waiting for the first answer").wait_for("efused")
    several.press("S").wait_for("3 servers")


def test_one_that_hangs_keeps_no_other(several, db, proxy):
    several.wait_for(lambda s: "Nobody waits" in line_of(s, "jammed") and "Nobody waits" in line_of(s, "calm"))
    proxy.fall_silent()
    several.wait_for(lambda s: "last answer 3s ago" in line_of(s, "jammed"))
    assert "just now" in line_of(several, "calm")
    several.press("enter").wait_for("Nobody waits for a lock.").wait_for("last answer just now")
    several.press("S").wait_for("3 servers")
    for size in ((40, 10), (20, 3), (250, 70)):
        several.resize(*size).press("down", "up")
    several.wait_for("jammed")


def test_a_wrong_file(program):
    path = program.home / "pgunlock.conf"
    path.write_text("[server a]\nconninfo = host=x\nrubbish = 1\n", "utf-8")
    screen = Screen(program, "--config", path)
    assert screen.end() == 2
    assert b"pgunlock.conf:3" in screen.raw and b"?1049h" not in screen.raw
    screen = Screen(program.at(host="db1"), "--config", path)
    assert screen.end() == 2
