"""pgunlock top while the server hangs, restarts, writes what a terminal would obey; and when it dies itself."""

import os
import signal
import time

import pytest

from rig.incidents import Login
from rig.screen import Screen
from test_hostile_text import CLEAR, NASTY_NAMES, quoted

DEADLY = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS,
          signal.SIGQUIT)


def answers_keys(screen):
    """Within the time in which a person takes it for at once."""
    for key, sign in (("?", "this help"), ("escape", "BLOCKS"), ("2", "GRANTED"), ("1", "BLOCKS")):
        pressed = time.monotonic()
        screen.child.delaybeforesend = None
        screen.press(key).wait_for(sign, timeout=5)
        assert time.monotonic() - pressed < 0.5
    return True


def test_the_server_hangs(pgunlock, db, proxy):
    login = Login(db)
    screen = Screen(pgunlock.at(port=proxy.port), "--interval", "200ms").wait_for("3 sessions wait for 1.")
    proxy.fall_silent()
    screen.wait_for("last answer 4s ago")
    assert answers_keys(screen)
    # an act is begun, and can be given up
    screen.press("K").wait_for("Esc gives up").press("escape").wait_for("nothing was done")
    assert "3 sessions wait for 1." in screen.text
    proxy.speak()
    screen.wait_for("last answer just now", timeout=40)
    login.holder.run("COMMIT")
    screen.wait_for("Nobody waits for a lock.")
    screen.press("q")
    assert screen.end() == 0
    assert screen.is_restored


def test_it_ends_while_the_server_hangs(pgunlock, db, proxy):
    screen = Screen(pgunlock.at(port=proxy.port), "--interval", "200ms").wait_for("Nobody waits")
    proxy.fall_silent()
    screen.wait_for("last answer 3s ago").press("q")
    assert screen.end(timeout=5) == 0
    assert screen.is_restored


def test_the_server_restarts(own_pgunlock, own_db, own_server):
    login = Login(own_db)
    screen = Screen(own_pgunlock, "--interval", "200ms").wait_for("3 sessions wait for 1.")
    for waiter in (login.holder, *login.waiters):
        waiter.close()
    own_server.shut_down("immediate")
    # over several lines where it is long
    screen.wait_for(lambda s: any(word in " ".join(s.lines[-6:]) for word in ("refused", "lost", "closed", "terminat")),
                    "the trouble")
    assert answers_keys(screen)
    own_server.start()
    screen.wait_for("Nobody waits for a lock.", timeout=60)
    again = Login(own_db)
    screen.wait_for("3 sessions wait for 1.").wait_for(str(again.holder.pid))
    screen.press("q")
    assert screen.end() == 0


def test_hostile_text(pgunlock, db):
    """In names of tables, applications, and in statements: nothing but what ncurses writes reaches the terminal, and the
    screen stays what it is."""
    name = NASTY_NAMES[3]
    with db.server.connect(db.name) as connection:
        connection.execute(f"CREATE TABLE {quoted(name)} (id int PRIMARY KEY)")
        connection.execute(f"GRANT ALL ON {quoted(name)} TO PUBLIC")
    holder = db.transaction(f"LOCK TABLE {quoted(name)}", application="\x1b]0;title\x07\x1b[2J")
    waiter = db.waiter(f"SELECT '{CLEAR}\x9b31m\u202e' FROM {quoted(name)}", by=[holder], application="\x1b[31mred")
    screen = Screen(pgunlock, "--interval", "200ms", columns=150, rows=40).wait_for("1 session waits")
    for key, sign in (("2", "GRANTED"), ("3", "TX OPEN"), ("5", "PEAK"), ("1", "BLOCKS"), ("j", str(waiter.pid)),
                      ("enter", "All about"), ("escape", "BLOCKS"), ("K", "[y/N]")):
        screen.press(key).wait_for(sign)
    screen.wait_for_question_to_be_read().press("n").wait_for("nothing was done")
    assert "\\x1b" in screen.text
    screen.press("f", "\x1b", "q")
    screen.end()


@pytest.mark.parametrize("number", DEADLY, ids=lambda number: number.name)
def test_the_terminal_comes_back_when_it_crashes(pgunlock, db, number):
    screen = Screen(pgunlock, "--interval", "200ms").wait_for("Nobody waits")
    os.kill(screen.child.pid, number)
    assert screen.end() in (-number, 1, 99), "it dies of the signal (of some a sanitizer makes an exit)"
    assert screen.is_restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_the_terminal_comes_back_when_it_is_ended(pgunlock, db, number):
    screen = Screen(pgunlock, "--interval", "200ms").wait_for("Nobody waits")
    os.kill(screen.child.pid, number)
    assert screen.end() == 130
    assert screen.is_restored


def test_nobody_can_log_in_any_more(pgunlock, db):
    """With pg_authid locked no connection can be opened; those that are there see it, and end it."""
    screen = Screen(pgunlock.at(user="postgres"), "--interval", "200ms").wait_for("Nobody waits")
    own = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock' AND state = 'idle'"
    screen.wait_for(lambda s: db.server.value(own) >= 3, "the second connection is warm")
    holder = db.lock_catalog("pg_authid")
    late = pgunlock.start("status", env={"PGCONNECT_TIMEOUT": "20"})
    screen.wait_for(f"{holder.pid}", timeout=30).wait_for("1 session waits")
    screen.press("K").agree().wait_for("1 of 1 waiter moved on")
    pgunlock.finish(late, ("status",)).expect(0)
    screen.press("q")
    assert screen.end() == 0
