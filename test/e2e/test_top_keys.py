"""Every key and every view of pgunlock top, on the real program."""

import itertools
import json
import os
import pathlib
import signal
import time
from xml.etree import ElementTree

import pytest

from rig import schemas
from rig.incidents import DdlQueue, Login
from rig.screen import Screen
from rig.waiting import wait_until
from test_prepared import prepare


@pytest.fixture
def jam(pgunlock, db):
    """A screen with the login incident of 12 waiters on it."""
    login = Login(db, waiters=12)
    screen = Screen(pgunlock, "--interval", "200ms", columns=120, rows=40)
    screen.wait_for("12 sessions wait for 1.")
    screen.login = login
    yield screen
    if screen.child.isalive():
        screen.press("q" if "[y/N]" not in screen.text else "n")
        screen.press("q")
        assert screen.end() == 0
        assert screen.is_restored


def selects(pid):
    return lambda screen: screen.selected is not None and str(pid) in screen.selected


def test_arrows_and_vi_keys(jam):
    holder, first, second = jam.login.holder.pid, jam.login.waiters[0].pid, jam.login.waiters[1].pid
    for down, up in (("down", "up"), ("j", "k")):
        jam.wait_for(selects(holder))
        jam.press(down).wait_for(selects(first)).press(down).wait_for(selects(second))
        jam.press(up).wait_for(selects(first)).press(up).wait_for(selects(holder)).press(up).wait_for(selects(holder))
    for last, top in (("end", "home"), ("G", "g"), ("page down", "page up"), ("d", "u"), ("d", "b")):
        jam.press(last).wait_for(lambda s: s.selected and "more like these" in s.selected)
        jam.press(top).wait_for(selects(holder))


def test_folding(jam):
    holder, last = jam.login.holder.pid, jam.login.waiters[-1].pid
    jam.wait_for("more like these")
    jam.press("z").wait_for(str(last)).wait_for(lambda s: "more like these" not in s.text)
    jam.press("z").wait_for("more like these")
    for close, open_ in (("left", "right"), ("h", "l")):
        jam.press(close).wait_for(lambda s: s.selected and f"+ {holder}" in s.selected)
        assert str(jam.login.waiters[0].pid) not in jam.text
        jam.press(open_).wait_for(str(jam.login.waiters[0].pid))
    # Left on one that has nothing to fold goes to the one it stands below
    jam.press("j", "j").wait_for(selects(jam.login.waiters[1].pid))
    jam.press("left").wait_for(selects(jam.login.waiters[0].pid))


def test_show_and_help(jam):
    jam.press("enter").wait_for("All about the session").wait_for("you are")
    jam.press("escape").wait_for("SESSION")
    jam.press("i").wait_for("All about the session").press("x").wait_for("SESSION")
    for key in ("?", "f1"):
        jam.press(key).wait_for("this help")
        jam.press("escape").wait_for("SESSION")


def test_search(jam):
    last = jam.login.waiters[-1].pid
    jam.press("/").wait_for("Search:")
    jam.press(str(last)).wait_for(selects(last))
    jam.press("enter").wait_for(lambda s: "Search:" not in s.text)
    jam.press("g", "n").wait_for(selects(last)).press("N").wait_for(selects(last))
    jam.press("/").press("no such thing").wait_for('nothing has "no such thing"').press("escape")


def test_filter(jam):
    pid = jam.login.waiters[5].pid
    jam.press("f").wait_for("Filter:")
    jam.press(str(pid))
    jam.wait_for(lambda s: str(pid) in s.text and str(jam.login.waiters[6].pid) not in s.text)
    jam.press("enter").wait_for(f"filter: {pid}")
    jam.press("escape").wait_for(lambda s: "filter:" not in s.text)
    jam.press("\\").wait_for("Filter:").press("x", "backspace", str(pid), "enter").wait_for(f"filter: {pid}")
    jam.press("f", "\x15", "enter").wait_for(lambda s: "filter:" not in s.text)


def test_views(jam, db):
    prepare(db)
    jam.press("2").wait_for("GRANTED").wait_for("ExclusiveLock on row login_sessions (user_id=42)")
    jam.press("f", "RowExclusive login_sessions granted", "enter").wait_for(
        lambda s: "waits" not in "\n".join(s.lines[3:10]))
    jam.press("escape")
    jam.press("3").wait_for("TX OPEN").wait_for("idle in transaction")
    jam.press("4").wait_for("gid:order-4711")
    jam.press("5").wait_for("lasts").wait_for("PEAK")
    jam.press("1").wait_for("BLOCKS").wait_for("more like these")
    for key, title in (("L", "GRANTED"), ("x", "TX OPEN"), ("p", "gid:order-4711"), ("e", "PEAK"), ("t", "BLOCKS")):
        jam.press(key).wait_for(title)
    for title in ("GRANTED", "TX OPEN", "gid:order-4711", "PEAK", "more like these"):
        jam.press("tab").wait_for(title)


def test_incidents_stay_when_they_are_over(jam):
    jam.press("5").wait_for("lasts")
    jam.login.holder.run("COMMIT")
    jam.wait_for("Nobody waits for a lock.").wait_for("lasted", timeout=30)


def test_sort(jam):
    for name in ("longest wait", "oldest transaction", "pid", "most blocked"):
        jam.press("s").wait_for(f"sorted by: {name}")


def test_sort_in_every_view(jam, db):
    prepare(db)
    for view, sign, names in (
            ("2", "GRANTED", ("strongest mode", "oldest transaction", "pid", "longest wait")),
            ("3", "TX OPEN", ("most blocked", "pid", "oldest transaction")),
            ("4", "gid:order-4711", ("most blocked", "oldest")),
            ("5", "PEAK", ("latest",))):
        jam.press(view).wait_for(sign)
        for name in names:
            jam.press("s").wait_for(f"sorted by: {name}")


def test_pause(jam):
    jam.press(" ").wait_for("PAUSED")
    jam.login.holder.run("COMMIT")
    assert jam.login.all_get_in()
    # answers come, and what is shown stays
    answered = len(jam.raw)
    jam.wait_for(lambda s: len(s.raw) > answered)
    assert "12 sessions wait for 1." in jam.text
    jam.press(" ").wait_for("Nobody waits for a lock.")


def test_follow_interval_theme_mouse_look(jam):
    jam.press("F").wait_for("follow").press("F").wait_for(lambda s: "follow" not in s.text)
    for slower in "+=":
        jam.press(slower).wait_for("a look each 500ms").press("-").wait_for("a look each 200ms")
    jam.press("S").wait_for("--config FILE lists several")
    for name in ("dark", "light", "none", "any"):
        jam.press("T").wait_for(f"colours: {name}")
    jam.press("m").wait_for("the mouse is the terminal's").press("m").wait_for("the mouse selects rows")


def test_look_now(pgunlock, db):
    """r, and not the interval, brings the next answer."""
    screen = Screen(pgunlock, "--interval", "60s").wait_for("Nobody waits")
    login = Login(db)
    screen.wait_for("last answer 3s ago").press("r").wait_for("3 sessions wait for 1.")
    # faster by key: the next one comes by itself
    login.holder.run("COMMIT")
    screen.press("-", "-", "-", "-", "-", "-").wait_for("a look each 500ms").wait_for("Nobody waits for a lock.")
    screen.press("q")
    assert screen.end() == 0


def test_follow(jam, db):
    """The selected session stays on its line of the screen when others come to stand above it."""
    jam.press("z").wait_for(lambda s: "more like these" not in s.text)
    last = jam.login.waiters[-1].pid
    jam.press("F", "G").wait_for(selects(last))
    row = jam.row_of(str(last))
    worse = db.transaction("LOCK TABLE stock")
    for _ in range(14):
        db.waiter("SELECT * FROM stock", by=[worse])
    jam.wait_for("26 sessions wait for 2.").wait_for(selects(last))
    assert jam.row_of(str(last)) == row
    # without it the lines above move it away, and it is still the one that is selected
    jam.press("F", "g").wait_for(selects(worse.pid))


def test_the_mouse_selects(jam):
    jam.wait_for("more like these")
    row = jam.row_of(str(jam.login.waiters[0].pid))
    jam.press(f"\x1b[<0;5;{row + 1}M").wait_for(selects(jam.login.waiters[0].pid))
    jam.press("\x1b[<65;5;5M").wait_for(selects(jam.login.waiters[1].pid))
    jam.press("\x1b[<64;5;5M").wait_for(selects(jam.login.waiters[0].pid))


@pytest.mark.parametrize("name", ["jam.txt", "jam.json", "jam.svg"])
def test_write(jam, pgunlock, name):
    jam.press("w").wait_for("Write to: pgunlock-")
    jam.press("\x15", name).wait_for(f"Write to: {name}").press("enter").wait_for(f"written to {name}")
    path = pgunlock.home / name
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("utf-8")
    if name.endswith("json"):
        document = json.loads(text)
        schemas.validate(document)
        assert document["summary"]["blocked"] == 12
    elif name.endswith("svg"):
        words = "".join(ElementTree.fromstring(text).itertext())
        assert "12 sessions wait for 1." in words and str(jam.login.holder.pid) in words
    else:
        assert "12 sessions wait for 1." in text and str(jam.login.waiters[-1].pid) in text and "\x1b" not in text
    # never over what is there
    jam.press("w", "\x15", name, "enter").wait_for("File exists")
    assert path.read_text("utf-8") == text


def test_write_at_home(jam, pgunlock):
    jam.press("w", "\x15", "~/at-home.txt", "enter").wait_for("written to ~/at-home.txt")
    assert "12 sessions wait for 1." in (pgunlock.home / "at-home.txt").read_text("utf-8")


def test_resize(jam):
    jam.resize(40, 10).wait_for("12 wait for 1, longest")
    jam.wait_for(selects(jam.login.holder.pid))
    jam.press("K").wait_for("more lines")
    jam.press("end").wait_for(lambda s: "more lines" not in s.text)
    jam.wait_for_question_to_be_read().press("n").wait_for("nothing was done")
    jam.resize(250, 70).wait_for("12 sessions wait for 1.").wait_for("UPDATE login_sessions SET token").wait_for("CLIENT")
    for size in ((1, 1), (5, 3), (20, 8), (120, 40)):
        jam.resize(*size)
        jam.press("down", "up")
    jam.wait_for("12 sessions wait for 1.")


def test_ascii_and_no_colours(pgunlock, db):
    Login(db)
    for env in ({"LANG": "C", "NO_COLOR": "1"}, {"LANG": "C", "TERM": "vt100"}, {"LANG": "C", "TERM": "rxvt"}):
        screen = Screen(pgunlock, "--interval", "200ms", env=env).wait_for("3 sessions wait for 1.")
        screen.press("z").wait_for("` ").press("q")
        assert screen.end() == 0
        assert all(byte < 0x80 for byte in screen.raw)
        if "NO_COLOR" in env:
            assert not any(f"\x1b[{color}m".encode() in screen.raw for color in (31, 32, 33, 36, 41, 42, 46))


def color_of(screen, text, behind):
    """Of the text on the line that begins with behind, as pyte names it."""
    row = screen.row_of(behind)
    cells = screen.screen.buffer[row]
    column = screen.lines[row].index(text, screen.lines[row].index(behind) + len(behind))
    colors = {cells[at].fg for at in range(column, column + len(text))}
    assert len(colors) == 1, (text, colors)
    return colors.pop()


@pytest.mark.parametrize("env, keyword, literal", [
    ({}, "af5faf", "0087af"), ({"TERM": "xterm"}, "magenta", "default"), ({"NO_COLOR": "1"}, "default", "default")],
    ids=["256", "8", "none"])
def test_the_statement_is_coloured(pgunlock, db, env, keyword, literal):
    """Keywords and literals, over the lines that it takes, in what the terminal has of colours."""
    db.transaction("LOCK TABLE stock -- there\n IN EXCLUSIVE MODE; SELECT 'where is it' AS \"from\", 42")
    screen = Screen(pgunlock, "--interval", "200ms", columns=60, rows=40, env=env).wait_for("Nobody waits")
    screen.press("3").wait_for("last ran  LOCK TABLE stock").wait_for("42")
    assert color_of(screen, "LOCK", "last ran") == keyword
    assert color_of(screen, "stock", "last ran") == "default"
    for text, color in (("EXCLUSIVE", keyword), ("'where", literal), ('"from"', "default"), ("42", literal)):
        line = next(line for line in screen.lines[screen.row_of("last ran"):] if text in line)
        assert color_of(screen, text, line[:line.index(text)]) == color
    screen.press("q")
    assert screen.end() == 0


LEFT, TAKEN = b"\x1b[?1049l", b"\x1b[?1049h"


def is_writing(screen):
    """It waits until somebody reads what it has drawn, for longer than a moment."""
    def waits_in():
        return pathlib.Path(f"/proc/{screen.child.pid}/wchan").read_text("ascii")
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        if waits_in() not in ("wait_woken", "n_tty_write"):
            return False
    return True


def test_a_signal_to_stop_while_it_draws(pgunlock, db):
    """One is enough. Where no shell is there to wake it, it isn't stopped."""
    Login(db)
    screen = Screen(pgunlock, "--interval", "200ms", columns=250, rows=70).wait_for("3 sessions wait for 1.")
    sizes = itertools.cycle(((249, 69), (250, 70)))
    wait_until(lambda: is_writing(screen.resize(*next(sizes))), "nobody reads, and it can't write any more")
    os.kill(screen.child.pid, signal.SIGTSTP)
    screen.wait_for(lambda s: s.raw.count(LEFT) == 1 and s.raw.count(TAKEN) == 2, "it left, and came back")
    screen.resize(96, 30).press("?").wait_for("this help").press("escape").wait_for("3 sessions wait for 1.")
    screen.press("\x03")
    assert screen.end() == 130
    assert screen.is_restored


def test_ctrl_z(pgunlock, db):
    """In a shell: it stops, gives the terminal to the shell, and fg brings it back."""
    Login(db)
    screen = Screen(pgunlock, "--interval", "200ms", under=("bash", "-c", 'set -m; "$@"; read -r; fg; exit 7', "bash"))
    screen.wait_for("3 sessions wait for 1.").press("\x1a").wait_for(lambda s: LEFT in s.raw and b"Stopped" in s.raw)
    # what is typed now is the shell's
    screen.press("enter").wait_for(lambda s: s.raw.count(TAKEN) == 2).wait_for("3 sessions wait for 1.")
    screen.press("?").wait_for("this help").press("escape", "q")
    assert screen.end() == 7
    assert screen.is_restored


def test_queued_ddl(pgunlock, db):
    """The screen shows both, and each for itself can be ended."""
    queue = DdlQueue(db)
    screen = Screen(pgunlock, "--interval", "200ms").wait_for("4 sessions wait for 1.")
    screen.press("j").wait_for(selects(queue.ddl.pid)).wait_for("cancelling this one frees all")
    screen.press("q")
    assert screen.end() == 0


def test_usage(pgunlock):
    finished = pgunlock("top").expect(2)
    assert "top needs a terminal" in finished.err and "tree --watch" in finished.err
    pgunlock("top", "--interval", "1ms").expect(2)
    pgunlock("top", "--format", "json").expect(2)
    assert "--read-only" in pgunlock("top", "--help").expect(0).out
