"""How output looks: it fits the width, is plain where that is wanted, and is what graphviz understands."""

import re
import subprocess
import unicodedata
import xml.etree.ElementTree

import pytest

from rig import privileges
from rig.incidents import DdlQueue, Login, ShareLockers
from rig.waiting import wait_until

SGR = "\x1b["


@pytest.fixture
def crowded(db):
    """Several jams at once, with long names and statements."""
    Login(db, waiters=6)
    DdlQueue(db)
    ShareLockers(db)
    with db.server.connect(db.name) as connection:
        connection.execute(f"CREATE TABLE {'very_' * 12}long (id int)")
        connection.execute(f"GRANT ALL ON {'very_' * 12}long TO PUBLIC")
    holder = db.transaction(f"LOCK TABLE {'very_' * 12}long", application="an application with a long name " * 2)
    db.waiter(f"SELECT '{'long ' * 500}' FROM {'very_' * 12}long", by=[holder])
    wide = db.transaction("LOCK TABLE ledger", application="x")
    db.waiter("SELECT '" + "日本語" * 100 + "' FROM ledger", by=[wide])


def columns(line):
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 132, 200])
def test_lines_fit_the_width(pgunlock, db, crowded, width):
    for command in (["status"], ["tree"], ["tree", "--full"], ["locks"], ["release", "--all", "--max", "50", "--dry-run"]):
        out = pgunlock(*command, env={"COLUMNS": str(width)}).expect(0).out
        # a command to type must not be broken: it may be longer
        too_long = [line for line in out.splitlines() if columns(line) > width and "pgunlock " not in line]
        assert not too_long, f"{command} at {width} columns: {too_long}"


def test_width_of_the_terminal(pgunlock, db, crowded):
    terminal = pgunlock.terminal("tree", columns=50)
    assert terminal.end() == 0
    lines = [line for line in terminal.seen.splitlines() if "pgunlock " not in line]
    assert all(columns(line) <= 50 for line in lines), terminal.seen


def test_tree_of_many_is_short(pgunlock, db):
    Login(db, waiters=40)
    out = pgunlock("tree").expect(0).out
    assert len(out.splitlines()) <= 60
    assert "more" in out and "--full" in out
    full = pgunlock("tree", "--full").expect(0).out
    assert len(full.splitlines()) >= 41


@pytest.mark.parametrize("command", ["status", "tree", "locks"])
def test_colour_when_asked_for(pgunlock, db, crowded, command):
    assert SGR in pgunlock(command, "--color", "always", may_colour=True).expect(0).out
    assert SGR not in pgunlock(command, "--color", "never").out
    assert SGR not in pgunlock(command).out, "into a pipe it is plain"


def test_colour_says_nothing_that_words_do_not(pgunlock, db, crowded):
    def without_times(text):
        return re.sub(r"\d+(\.\d+)?(ms|s)( to \d+(\.\d+)?(ms|s))?\b", "", re.sub(r"\x1b\[[0-9;]*m", "", text))
    def words(*arguments, **how):
        return without_times(pgunlock("tree", "--color", *arguments, **how).out).split()
    # where times get longer, less of a statement fits on a line
    while True:
        plain, coloured, again = words("never"), words("always", may_colour=True), words("never")
        if plain == again:
            break
    assert plain == coloured


def test_colour_on_a_terminal(pgunlock, db, crowded):
    cases = ({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)
    for environment, expected in cases:
        terminal = pgunlock.terminal("tree", env=environment)
        assert terminal.end() == 0
        assert (SGR in terminal.raw) is expected, environment


@pytest.mark.parametrize("language", ["C", "POSIX"])
def test_ascii_where_there_is_no_utf8(pgunlock, db, crowded, language):
    finished = pgunlock("tree", env={"LANG": language, "LC_ALL": language}).expect(0)
    assert finished.out.isascii() or "日" in finished.out, "names and statements are the server's"
    assert "└" not in finished.out and "…" not in finished.out
    document = pgunlock.json("tree", env={"LANG": language, "LC_ALL": language})
    assert any("日本語" in (entry["query"] or "") for entry in document["sessions"]), "JSON is always UTF-8"


def test_dot(pgunlock, db):
    login = Login(db)
    out = pgunlock("tree", "--format", "dot").expect(0).out
    assert out.lstrip().startswith("digraph") and out.rstrip().endswith("}")
    assert "->" in out
    for session in (login.holder, *login.waiters):
        assert str(session.pid) in out
    assert graphviz_reads(out)


def test_dot_with_names_that_need_care(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application='"; } -> {')
    holder.run("SELECT '\"\\\\ \n <b>&amp;'")
    db.waiter("SELECT * FROM stock", by=[holder])
    assert graphviz_reads(pgunlock("tree", "--format", "dot").expect(0).out)


def test_dot_of_a_quiet_server(pgunlock):
    assert graphviz_reads(pgunlock("tree", "--format", "dot").expect(0).out)


def graphviz_reads(text):
    """By graphviz itself; where it isn't installed quotes and braces are counted at least."""
    dot = privileges.require("dot")
    if dot:
        done = subprocess.run([dot, "-Tplain"], input=text, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, (done.stderr, text)
        return True
    outside = re.sub(r'"(?:\\.|[^"\\])*"', "", text, flags=re.S)
    assert '"' not in outside, f"a quote is open: {text}"
    assert outside.count("{") == outside.count("}") and outside.count("[") == outside.count("]")
    return True


def svg_words(text):
    """What is written in a picture; an SVG it is, and XML."""
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return " ".join("".join(root.itertext()).split())


def test_svg(pgunlock, db):
    login = Login(db)
    words = svg_words(pgunlock("tree", "--format", "svg").expect(0).out)
    for session in (login.holder, *login.waiters):
        assert str(session.pid) in words
    assert "3 sessions wait for 1." in words and "login-service" in words


def test_svg_with_names_that_need_care(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application='"/><script>&amp;')
    holder.run("SELECT ']]> <!-- & \"'")
    db.waiter("SELECT * FROM stock", by=[holder])
    words = svg_words(pgunlock("tree", "--format", "svg").expect(0).out)
    assert '"/><script>&amp;' in words and "SELECT ']]> <!-- & \"'" in words


def test_svg_of_a_quiet_server(pgunlock):
    assert "Nobody waits for a lock." in svg_words(pgunlock("tree", "--format", "svg").expect(0).out)


@pytest.mark.parametrize("form", ["dot", "svg"])
def test_a_watch_is_text_or_json(pgunlock, form):
    assert f"--watch has no format {form}" in pgunlock("tree", "--watch", "--format", form).expect(2).err


def test_verbose_and_quiet(pgunlock, db):
    Login(db)
    verbose = pgunlock("tree", "-v").expect(0)
    assert verbose.err and verbose.out
    quiet = pgunlock("release", "--all", "--yes", "-q").expect(0)
    assert quiet.err == ""
    wait_until(lambda: pgunlock.json("tree")["summary"]["blocked"] == 0, "nobody waits")
