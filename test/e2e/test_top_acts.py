"""Keys of pgunlock top that end something: with the plan and the protections of the commands."""

import os
import signal
import time

import pytest

from rig import crowd, schemas
from rig.database import wait_gone
from rig.incidents import DdlQueue, Login
from rig.proxy import after_signal
from rig.screen import Screen
from rig.waiting import wait_until
from test_prepared import is_prepared, prepare, wait_behind


@pytest.fixture
def start(pgunlock):
    screens = []

    def begin(*arguments, program=pgunlock, **options):
        screens.append(Screen(program, "--interval", "200ms", *arguments, **options))
        return screens[-1]
    yield begin
    for screen in screens:
        if screen.child.isalive():
            screen.press("q")
            assert screen.end(may_ring=True) == 0
            assert screen.is_restored


def select(screen, pid):
    screen.press("/", str(pid)).wait_for(lambda s: s.selected and str(pid) in s.selected).press("enter")
    return screen


def result_of(pgunlock):
    lines = pgunlock.audit_lines()
    assert len(lines) == 2, "one before the signal, one after"
    for line in lines:
        schemas.validate(line)
    assert lines[0]["results"] == []
    return lines[1]["results"][0]["result"]


@pytest.mark.smoke
def test_cancel(start, pgunlock, db):
    queue = DdlQueue(db)
    screen = select(start().wait_for("4 sessions wait for 1."), queue.ddl.pid)
    screen.press("C").wait_for("Cancel 1 statement, free 3 waiters?")
    screen.agree().wait_for("3 of 3 waiters moved on")
    assert queue.ddl.error() == "57014"
    db.all_alive(queue.reader)
    assert result_of(pgunlock) in ("gone", "freed")


@pytest.mark.smoke
def test_terminate(start, pgunlock, db):
    login = Login(db)
    screen = start().wait_for("3 sessions wait for 1.")
    screen.press("K").agree().wait_for("Freed.")
    assert login.all_get_in()
    wait_gone(db.server, login.holder)
    assert result_of(pgunlock) in ("gone", "freed")


def says(words):
    """Whatever lines they are on."""
    return lambda screen: words in " ".join(screen.text.split())


def test_resize_while_a_plan_and_a_result_are_shown(start, db):
    """Both are broken anew for the width that there is; and y counts only when the plan was there to be read to its end."""
    login = Login(db)
    screen = start(columns=120, rows=40).wait_for("3 sessions wait for 1.")
    screen.press("K").wait_for("[y/N]").wait_for(says("the application has to reconnect."))
    screen.resize(44, 10).wait_for("more lines").wait_for_question_to_be_read()
    assert "…" not in "".join(screen.lines[screen.row_of("Plan: end"):])
    screen.press("y").wait_for("there is more of the plan")
    assert login.nothing_moved()
    screen.press("end").wait_for(lambda s: "more lines" not in s.text and "reconnect." in s.text)
    screen.resize(120, 40).wait_for(says("the application has to reconnect.")).agree()
    screen.wait_for("Freed. 3 of 3 waiters moved on")
    assert login.all_get_in()
    screen.resize(44, 40).wait_for(says("Freed. 3 of 3 waiters moved on"))
    below = screen.lines[screen.row_of("─"):-1]
    assert not any("…" in line for line in below), below
    # where the list leaves no room for it, it lies over that, and scrolls
    screen.resize(44, 8).wait_for("What was done").press("home").wait_for(str(login.holder.pid))
    screen.press("end").wait_for(lambda s: "more lines" not in s.text)
    screen.resize(120, 40).wait_for("Freed. 3 of 3 waiters moved on")


@pytest.mark.smoke
def test_release(start, pgunlock, db):
    """The right act, whatever was selected: of the queued request that is a cancel."""
    queue = DdlQueue(db)
    screen = select(start().wait_for("4 sessions wait for 1."), queue.ddl.pid)
    screen.press("R").wait_for("Cancel 1 statement, free 3 waiters?")
    screen.agree().wait_for("3 of 3 waiters moved on")
    db.all_alive(queue.reader)
    assert result_of(pgunlock) in ("gone", "freed")


def test_release_of_a_waiter_ends_what_blocks_it(start, pgunlock, db):
    holder = db.transaction("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[holder])
    screen = select(start().wait_for("1 session waits"), waiter.pid)
    screen.press("R").wait_for(f"terminate  {holder.pid}").agree().wait_for("1 of 1 waiter moved on")
    assert waiter.error() is None
    assert result_of(pgunlock) in ("gone", "freed")


def test_a_refusal_says_why(start, pgunlock, db):
    login = Login(db)
    screen = start().wait_for("3 sessions wait for 1.")
    screen.press("C").wait_for("refused").wait_for("runs no statement")
    assert "[y/N]" not in screen.text
    screen.press("y").wait_for("BLOCKS")
    assert login.nothing_moved()
    assert pgunlock.audit_lines() == []


def test_a_missing_privilege_names_the_grant(start, pgunlock, db):
    login = Login(db)
    screen = start(program=pgunlock.at(user="bi"))
    screen.wait_for("3 sessions wait for 1.").press("K").wait_for("refused")
    screen.wait_for("GRANT").wait_for_question_to_be_read().press("escape")
    assert login.nothing_moved()


@pytest.mark.smoke
def test_prepared_transaction(start, pgunlock, db):
    """It may be half of a distributed commit: a key isn't enough."""
    prepare(db)
    waiter = wait_behind(db)
    screen = start().wait_for("1 session waits").wait_for("gid:order-4711")
    for key in "KRC":
        screen.press(key).wait_for("refused").wait_for_question_to_be_read()
        screen.press("escape").wait_for("BLOCKS")
    assert is_prepared(db) and db.is_alive(waiter)
    assert pgunlock.audit_lines() == []


def test_gone_between_the_question_and_the_yes(start, pgunlock, db):
    """Only the one that was shown, and only as it was shown."""
    login = Login(db)
    screen = start().wait_for("3 sessions wait for 1.")
    screen.press("K").wait_for("[y/N]").wait_for_question_to_be_read()
    login.holder.run("COMMIT")
    login.holder.run("BEGIN")
    login.holder.run("LOCK TABLE stock")
    assert login.all_get_in()
    screen.press("y").wait_for("has gone on to other work meanwhile: left alone")
    db.all_alive(login.holder, *login.waiters)
    before, after = wait_until(lambda: len(pgunlock.audit_lines()) == 2 and pgunlock.audit_lines(), "both lines of the log")
    assert [item["session"] for item in before["plan"]] == [login.holder.id]
    assert [item["went_on"] for item in after["results"]] == [True]


def test_the_selected_session_is_gone(start, pgunlock, db):
    login = Login(db)
    first = login.waiters[0]
    screen = select(start().wait_for("3 sessions wait for 1."), first.pid)
    assert db.server.value("SELECT pg_terminate_backend(%s)", first.pid)
    screen.wait_for("not here any more").wait_for(lambda s: s.selected is None)
    screen.press("K").wait_for("is gone: choose another")
    db.all_alive(login.holder, *login.waiters[1:])
    screen.press("down").wait_for(lambda s: s.selected is not None)
    assert pgunlock.audit_lines() == []


def test_a_refresh_moves_nobody_under_the_finger(start, pgunlock, db):
    """A worse root comes to stand above the selected one: the key still means the selected one."""
    login = Login(db, waiters=1)
    screen = start().wait_for("1 session waits")
    screen.wait_until_selected(login.holder.pid)
    worse = db.transaction("LOCK TABLE stock")
    for _ in range(3):
        db.waiter("SELECT * FROM stock", by=[worse])
    screen.wait_for("4 sessions wait for 2.").wait_for(str(worse.pid)).wait_for(
        lambda s: s.row_of(str(worse.pid)) < (s.row_of(str(login.holder.pid)) or 0), "the worse one stands above")
    screen.wait_until_selected(login.holder.pid)
    screen.press("K").wait_for(f"terminate  {login.holder.pid}").agree().wait_for("1 of 1 waiter moved on")
    db.all_alive(worse)


def test_acts_in_the_other_views(start, pgunlock, db):
    """What is selected there is a session, too; an incident is none."""
    login = Login(db)
    idle = db.transaction("LOCK TABLE stock")
    screen = start(columns=120, rows=40).wait_for("3 sessions wait for 1.")
    screen.press("5").wait_for("PEAK").wait_until_selected(login.holder.pid)
    screen.press("K").wait_for("select a session first")
    screen.press("3").wait_for("TX OPEN")
    select(screen, idle.pid).press("K").wait_for(f"terminate  {idle.pid}").agree().wait_for("Freed. Nobody was waiting for it.")
    wait_gone(db.server, idle)
    db.all_alive(login.holder, *login.waiters)
    screen.press("2").wait_for("GRANTED").press("f", f"{login.waiters[0].pid} waits", "enter")
    screen.wait_until_selected(login.waiters[0].pid)
    screen.press("C").wait_for(says(f"cancel {login.waiters[0].pid}")).agree().wait_for("Ended.")
    assert login.waiters[0].error() == "57014"
    db.all_alive(login.holder, *login.waiters[1:])
    assert len(pgunlock.audit_lines()) == 4


def own_connections(db):
    return db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'")


def kept(db):
    """Slots that aren't for the role pgunlock."""
    return crowd.FOR_SUPERUSERS + (crowd.RESERVED if db.server.major >= 16 else 0)


def test_no_slot_is_left(small_db, program, start):
    """It takes none of the last ones, and acts over the connection that it looks over, all the same."""
    db = small_db
    login = Login(db)
    crowd.leave(db, kept(db) + 2)
    screen = start(program=program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="pgunlock"))
    screen.wait_for("3 sessions wait for 1.")
    screen.press("2").wait_for("GRANTED").wait_for("RowExclusiveLock")
    assert own_connections(db) == 1
    screen.press("1").wait_for("BLOCKS")
    screen.press("K").agree().wait_for("Freed.")
    assert login.all_get_in()
    assert own_connections(db) == 1


def test_the_connections_that_it_holds(start, db):
    """One to look, one that tells whether the lock manager is stuck, one to act; with --read-only not that."""
    screen = start().wait_for("Nobody waits")
    screen.wait_for(lambda s: own_connections(db) == 3)
    screen.press("q")
    assert screen.end() == 0
    wait_until(lambda: own_connections(db) == 0, "it is gone")
    screen = start("--read-only").wait_for("Nobody waits")
    screen.wait_for(lambda s: own_connections(db) == 2)
    screen.press("r", "r").wait_for("last answer just now")
    assert own_connections(db) == 2


def test_the_server_freezes_before_the_yes(pgunlock, db, proxy):
    """It looks again before it signals: without an answer nothing is said to be signalled, and the reason can be read."""
    login = Login(db)
    screen = Screen(pgunlock.at(port=proxy.port), "--interval", "200ms", "--timeout", "2s", columns=80, rows=24)
    screen.wait_for("3 sessions wait for 1.").press("K").wait_for("[y/N]")
    proxy.fall_silent()
    screen.agree().wait_for(f"{login.holder.pid}: looking again, then signalling ...")
    screen.wait_for("nothing was signalled: ").wait_for(lambda s: "…" not in "".join(s.lines[-4:]))
    proxy.speak()
    screen.press("q")
    assert screen.end() == 0
    db.all_alive(login.holder, *login.waiters)


def test_leaving_while_an_act_is_under_way(start, pgunlock, db, proxy):
    login = Login(db)
    screen = Screen(pgunlock.at(port=proxy.port), "--interval", "200ms").wait_for("3 sessions wait for 1.")
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=login.holder.pid)
    screen.press("K").agree()
    hold.wait()
    # to stop waiting for it is one thing, to leave another
    screen.press("escape").wait_for("once more to stop waiting for it")
    screen.press("?").wait_for("this help").press("escape")
    screen.press("q").wait_for("once more to leave").press("q")
    assert screen.end() == 0
    hold.release()
    wait_until(lambda: len(pgunlock.audit_lines()) == 2, "the log has both lines")
    db.all_alive(*login.waiters)


def test_no_longer_waiting_for_an_act(start, pgunlock, db, proxy):
    login = Login(db)
    screen = start(program=pgunlock.at(port=proxy.port)).wait_for("3 sessions wait for 1.")
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=login.holder.pid)
    screen.press("K").agree()
    hold.wait()
    screen.press("escape").wait_for("once more to stop waiting for it").press("escape")
    screen.wait_for(lambda s: "once more" not in s.text and "looking again" not in s.text)
    hold.release()
    screen.press("?").wait_for("this help").press("escape")


def test_the_next_act_does_not_wait_for_waiters_who_stand_still(start, db):
    """One of those who waited has the row now, and keeps it: the others don't get on, however long they are watched."""
    login = Login(db, in_transaction=True)
    screen = start("--wait", "1h").wait_for("3 sessions wait for 1.")
    screen.press("K").agree().wait_for("1 of 3 waiters moved on")
    wait_gone(db.server, login.holder)
    following = login.waiters[0]
    select(screen.press("escape"), following.pid).press("K").wait_for("free 2 waiters?").agree()
    screen.wait_for("1 of 2 waiters moved on")
    wait_gone(db.server, following)


def stands_still(child):
    """For longer than any program is busy."""
    until = time.monotonic() + 1.5
    os.kill(child.pid, signal.SIGSTOP)
    wait_until(lambda: time.monotonic() > until, "it stood still")


def test_keys_that_came_while_it_stood_still(start, db):
    """They may have been for somebody else."""
    login = Login(db)
    screen = start().wait_for("3 sessions wait for 1.").press("K").wait_for("[y/N]").wait_for_question_to_be_read()
    stands_still(screen.child)
    screen.press("y")
    os.kill(screen.child.pid, signal.SIGCONT)
    drawn = len(screen.raw)
    screen.wait_for(lambda s: len(s.raw) > drawn).wait_for_question_to_be_read().wait_for("[y/N]")
    assert login.nothing_moved()
    screen.agree().wait_for("Freed.")
    # what answers no question isn't lost
    stands_still(screen.child)
    screen.press("?")
    os.kill(screen.child.pid, signal.SIGCONT)
    screen.wait_for("this help").press("escape")


def test_keys_that_were_for_the_shell(pgunlock, db):
    login = Login(db)
    screen = Screen(pgunlock, "--interval", "200ms", under=("bash", "-c", 'set -m; "$@"; read -r; fg; exit 7', "bash"))
    screen.wait_for("3 sessions wait for 1.").press("K").wait_for("[y/N]").wait_for_question_to_be_read()
    screen.press("\x1a").wait_for(lambda s: b"Stopped" in s.raw).press("\ry")
    screen.wait_for(lambda s: s.raw.count(b"\x1b[?1049h") == 2).wait_for_question_to_be_read().wait_for("[y/N]")
    assert login.nothing_moved()
    screen.press("n").wait_for("nothing was done").press("q")
    assert screen.end() == 7


def test_ctrl_c_while_an_act_is_under_way(pgunlock, db, proxy):
    """It says what was signalled, once the terminal is given back."""
    login = Login(db)
    screen = Screen(pgunlock.at(port=proxy.port), "--interval", "200ms").wait_for("3 sessions wait for 1.")
    hold = proxy.hold(after_signal(login.holder.pid), "the first look after the signal")
    screen.press("K").agree()
    hold.wait()
    proxy.fall_silent()
    hold.release()
    screen.wait_for("terminate sent").press("\x03")
    assert screen.end() == 130
    assert screen.is_restored
    last_words = screen.raw[screen.raw.rfind(b"\x1b[?1049l"):].decode()
    assert str(login.holder.pid) in last_words and "nterrupted" in last_words
    proxy.speak()
    assert len(pgunlock.audit_lines()) == 2
    assert login.all_get_in()


def test_the_audit_log_cannot_be_written(start, pgunlock, db, tmp_path):
    login = Login(db)
    screen = start("--audit", tmp_path / "none" / "audit.jsonl").wait_for("3 sessions wait for 1.")
    screen.press("K").agree().wait_for("Freed.").wait_for("audit log could not be written")
    assert login.all_get_in()
