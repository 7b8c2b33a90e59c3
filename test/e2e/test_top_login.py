"""pgunlock top shows the login incident, and ends it by a key."""

import pytest

from rig.incidents import Login
from rig.screen import Screen


@pytest.mark.smoke
def test_the_login_incident(pgunlock, db):
    login = Login(db)
    screen = Screen(pgunlock, "--interval", "200ms")
    screen.wait_for("3 sessions wait for 1.").wait_for("PostgreSQL")
    screen.wait_for(lambda s: all(s.row_of(str(waiter.pid)) for waiter in login.waiters), "the waiters")
    screen.wait_until_selected(login.holder.pid)
    screen.wait_until_selected("idle in transaction")
    # the pane below
    screen.wait_for("ending this one frees all").wait_for("last ran  UPDATE login_sessions")

    screen.press("K").wait_for("End 1 session, free 3 waiters? [y/N]")
    assert "has to reconnect." in screen.text and login.nothing_moved()
    screen.agree().wait_for("Freed. 3 of 3 waiters moved on")
    assert login.all_get_in()
    screen.wait_for("Nobody waits for a lock.")
    # what became of it stands on the line of the session, which is gone
    assert f"{login.holder.pid}  login-service  " in screen.text
    screen.press("q")
    assert screen.end() == 0
    assert screen.is_restored

    before, after = pgunlock.audit_lines()
    assert before["results"] == [] and after["results"][0]["result"] in ("gone", "freed")


def test_enter_is_no(pgunlock, db):
    login = Login(db)
    screen = Screen(pgunlock, "--interval", "200ms").wait_for("3 sessions wait for 1.")
    for key in ("enter", "n", "escape", "q", "x"):
        screen.press("K").wait_for("[y/N]")
        screen.wait_for_question_to_be_read()
        screen.press(key).wait_for("nothing was done")
        assert login.nothing_moved()
    assert pgunlock.audit_lines() == []
    screen.press("q")
    assert screen.end() == 0


def test_what_was_typed_before_the_question_is_no_answer(pgunlock, db):
    login = Login(db)
    screen = Screen(pgunlock, "--interval", "200ms").wait_for("3 sessions wait for 1.")
    screen.press("Kyyy").wait_for("[y/N]")
    # nor what comes at the same moment
    screen.press("y").wait_for(lambda s: b"\a" in s.raw, "the bell")
    screen.wait_for_question_to_be_read()
    assert "[y/N]" in screen.text and login.nothing_moved()
    screen.press("n").wait_for("nothing was done")
    screen.press("q")
    assert screen.end(may_ring=True) == 0


def test_read_only(pgunlock, db):
    login = Login(db)
    screen = Screen(pgunlock, "--read-only").wait_for("3 sessions wait for 1.").wait_for("read-only")
    assert "Terminate" not in screen.lines[-1]
    for key in "CKR":
        screen.press(key).wait_for("nothing is ended with --read-only")
        screen.press("F").wait_for(lambda s: "nothing is ended" not in s.text)
    assert login.nothing_moved()
    screen.press("q")
    assert screen.end() == 0
