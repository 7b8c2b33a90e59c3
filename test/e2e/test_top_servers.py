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


SECRET = """[server open]
conninfo = host=127.0.0.1 port={port} dbname=postgres user=pgunlock

[server secret]
conninfo = host=127.0.0.1 port={proxy} dbname=postgres user=locked_out
"""


@pytest.fixture
def secret(program, db, proxy):
    path = program.home / "pgunlock.conf"
    path.write_text(SECRET.format(port=db.server.port, proxy=proxy.port), "utf-8")
    screens = []

    def start(*arguments, **options):
        screens.append(Screen(program, "--config", path, "--interval", "200ms", *arguments, **options))
        return screens[-1].wait_for("2 servers").wait_for(lambda s: "Nobody waits" in line_of(s, "open"))
    yield start
    for screen in screens:
        if screen.child.isalive():
            screen.press("q")
            assert screen.end() == 0
            assert screen.is_restored


def failed_logins(server):
    return server.log.read_text("utf-8", "replace").count("password authentication failed")


def test_a_server_that_wants_a_password(secret, db, proxy):
    """Entering it asks, on the screen, without an echo; it is tried once, and kept for the next connection."""
    screen = secret().wait_for(lambda s: "password is needed: Enter asks" in line_of(s, "secret"))
    screen.press("down", "enter").wait_for("Password for server secret:")
    # it may be left, and asked for again
    screen.press("escape").wait_for("password is needed: Enter asks").press("enter").wait_for("Password for server secret:")
    before = failed_logins(db.server)
    # it is asked for again at once: what is typed next is no command
    screen.press("the wrong one").press("enter").wait_for("Refused. Password for server secret:").press("qK")
    screen.press("escape").wait_for("The password was refused: Enter asks for it again.")
    assert failed_logins(db.server) == before + 1
    screen.press("S").wait_for(lambda s: "password was refused" in line_of(s, "secret"))
    screen.press("enter").wait_for("Password for server secret:").press("the right on", "x", "backspace", "e")
    screen.wait_for(lambda s: s.cursor_is_behind("Refused. Password for server secret: ")).press("enter")
    screen.wait_for("Nobody waits for a lock.")
    assert failed_logins(db.server) == before + 1, "a wrong one is not tried again by itself"
    # a connection that is lost is opened again with it
    db.server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'locked_out'")
    login = Login(db)
    screen.wait_for("3 sessions wait for 1.", timeout=30)
    screen.press("q")
    assert screen.end() == 0
    for word in (b"the right", b"right one", b"the wrong"):
        assert word not in screen.raw
    db.all_alive(login.holder)


def test_a_password_from_a_file_and_none_at_all(secret, program, db, proxy):
    path = program.home / "pass"
    path.write_text(f"127.0.0.1:{proxy.port}:*:locked_out:the right one\n")
    path.chmod(0o600)
    secret(env={"PGPASSFILE": str(path)}).wait_for(lambda s: "Nobody waits" in line_of(s, "secret"))
    # a wrong one there: it can be given
    path.write_text(f"127.0.0.1:{proxy.port}:*:locked_out:the wrong one\n")
    screen = secret(env={"PGPASSFILE": str(path)})
    screen.wait_for(lambda s: "password was refused" in line_of(s, "secret"))
    screen.press("down", "enter").wait_for("Password for server secret:").press("the right one", "enter")
    screen.wait_for("Nobody waits for a lock.")
    # -w: nobody is there to be asked
    screen = secret("-w").wait_for(lambda s: "password is needed" in line_of(s, "secret"))
    assert "Enter asks" not in line_of(screen, "secret")
    screen.press("down", "enter").wait_for("waiting for the first answer").press("enter", "j")
    assert "Password for" not in screen.text
    # mended meanwhile: r tries again
    path.write_text(f"127.0.0.1:{proxy.port}:*:locked_out:the wrong one\n")
    screen = secret(env={"PGPASSFILE": str(path)})
    screen.wait_for(lambda s: "password was refused" in line_of(s, "secret")).press("down", "enter", "escape")
    path.write_text(f"127.0.0.1:{proxy.port}:*:locked_out:the right one\n")
    screen.press("r").wait_for("Nobody waits for a lock.")


def test_options_for_one_server(program):
    path = program.home / "pgunlock.conf"
    path.write_text("[server a]\nconninfo = host=x\n", "utf-8")
    for option, word in (("-W", b"--password is for one server"), ("--pooler=host=x", b"--pooler is for one server")):
        screen = Screen(program, "--config", path, option)
        assert screen.end() == 2
        assert word in screen.raw and b"?1049h" not in screen.raw


def test_a_wrong_file(program):
    path = program.home / "pgunlock.conf"
    path.write_text("[server a]\nconninfo = host=x\nrubbish = 1\n", "utf-8")
    screen = Screen(program, "--config", path)
    assert screen.end() == 2
    assert b"pgunlock.conf:3" in screen.raw and b"?1049h" not in screen.raw
    screen = Screen(program.at(host="db1"), "--config", path)
    assert screen.end() == 2
