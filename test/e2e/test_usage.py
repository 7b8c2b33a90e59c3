"""Wrong usage is 2, with a line that says what is wrong; what doesn't exist is 3."""

import pytest

ACTING = ["cancel", "terminate", "release"]


def wrong(finished, *words):
    finished.expect(2)
    assert finished.err.startswith("pgunlock: error: "), finished.err
    for word in words:
        assert word in finished.err, (word, finished.err)
    assert finished.out == ""


@pytest.mark.parametrize("command", ACTING)
def test_nobody_selected(program, command):
    # without asking any server
    wrong(program(command, "--yes"))
    wrong(program(command))


@pytest.mark.parametrize("command", ["tree", "status", "locks", *ACTING])
def test_unknown_option(program, command):
    wrong(program(command, "--no-such-option"), "no-such-option")
    wrong(program("--no-such-option", command), "no-such-option")
    wrong(program(command, "-Z"), "Z")


@pytest.mark.parametrize("typed, meant", [("kill", "terminate"), ("ps", "status"), ("relese", "release"), ("lock", "locks"),
                                          ("trees", "tree")])
def test_unknown_command_gets_a_hint(program, typed, meant):
    finished = program(typed)
    wrong(finished, typed)
    assert any(line.startswith("hint: ") and meant in line for line in finished.err.splitlines()), finished.err


def test_unknown_command_without_a_relative(program):
    wrong(program("zzzzzzzz"), "zzzzzzzz")


@pytest.mark.parametrize("arguments", [
    ["tree", "--format", "xml"],
    ["tree", "--format"],
    ["tree", "--color", "sometimes"],
    ["tree", "--timeout", "soon"],
    ["tree", "--timeout", "10"],
    ["tree", "--timeout", "-5s"],
    ["tree", "--watch", "--interval", "never"],
    ["tree", "--interval", "0s", "--watch"],
    ["tree", "--budget", "10"],
    ["tree", "--watch", "--budget", "0"],
    ["tree", "--watch", "--budget", "101"],
    ["tree", "--interval", "0", "--watch"],
    ["tree", "--timeout", "0"],
    ["release", "--al"],
    ["4711"],
    ["tree", "extra"],
    ["status", "extra"],
    ["status", "--format", "csv"],
    ["locks", "--sort", "colour"],
    ["locks", "--mode", "NoSuchLock"],
    ["cancel", "word"],
    ["cancel", "12x"],
    ["cancel", "0"],
    ["cancel", "-1"],
    ["cancel", "99999999999999999999"],
    ["cancel", "6743a1b2."],
    ["cancel", "gid:"],
    ["terminate", "--table", ""],
    ["terminate", "--table", "a.b.c.d"],
    ["terminate", "--table", "t", "--mode", "nothing*like*it"],
    ["terminate", "--user", "u", "--max", "few"],
    ["terminate", "4711", "--include-protected", "everybody"],
    ["terminate", "--waiter", "4711"],
    ["release", "4711", "--prefer", "nobody"],
    ["release", "4711", "--rounds", "0"],
    ["release", "4711", "--wait", "x"],
    ["release", "--idle-in-transaction-for", "long"],
    ["release", "gid:x", "--rollback", "--commit"],
    ["--port"],
    ["-p", "many", "status"],
])
def test_wrong_values(program, arguments):
    # -h leads nowhere: it must not get so far as to connect
    wrong(program.at(host="/nowhere")(*arguments))


def test_session_and_selection_do_not_mix(program):
    finished = program("terminate", "4711", "--table", "t", "--yes")
    wrong(finished)


@pytest.mark.smoke
@pytest.mark.parametrize("command", ACTING)
def test_unknown_session(pgunlock, command):
    for session in ("4194000", "pid:4194000", "6743a1b2.3fff00", "gid:no such gid"):
        finished = pgunlock(command, session, "--yes")
        # of the exact form it can say that the one that was meant is gone
        said_gone = finished.exit == 0 and "." in session and "gone" in finished.text.lower()
        assert finished.exit == 3 or said_gone, repr(finished)


def test_unknown_waiter(pgunlock):
    pgunlock("release", "--waiter", "4194000", "--yes").expect(3)


def test_waiter_that_does_not_wait(pgunlock, db):
    session = db.session()
    document = pgunlock.json("release", "--waiter", session.pid, "--yes")
    assert document["plan"] == []


@pytest.mark.parametrize("arguments", [["--help"], ["-?"], ["help"], ["status", "--help"], ["tree", "--help"],
                                       ["locks", "--help"], ["cancel", "--help"], ["terminate", "--help"],
                                       ["release", "--help"], ["show", "--help"], ["doctor", "--help"],
                                       ["check", "--help"], ["history", "--help"], ["demo", "--help"], ["help", "release"]])
def test_help(program, arguments):
    finished = program(*arguments).expect(0)
    assert "pgunlock" in finished.out and "sage" in finished.out
    assert finished.err == ""
    assert max(map(len, finished.out.splitlines())) <= 100


def test_help_lists_what_there_is_and_nothing_else(program):
    out = program("--help").expect(0).out
    for command in ("status", "tree", "locks", "show", "cancel", "terminate", "release", "doctor", "check", "demo",
                    "guard", "history"):
        assert command in out
    for command in ("top",):
        assert f"\n  {command} " not in out, f"{command} isn't built yet"


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(program, option):
    finished = program(option).expect(0)
    assert finished.out.startswith("pgunlock ")
    assert len(finished.out.splitlines()) == 1
