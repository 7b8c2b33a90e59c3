"""history: what a guard has recorded, listed and shown. The file has the incidents of the golden files, hostile names
among them: rig.program sees to it that no control character of theirs reaches a terminal."""

import csv
import io
import os
import shutil
import sqlite3
import subprocess

import pytest

from rig.clock import Clock

MAKERS = ["make_history", "../test/e2e/make_history"]


@pytest.fixture(scope="module")
def history_file(program_path, tmp_path_factory):
    if program_path is None:
        pytest.skip("staged only: --pgunlock=none")
    maker = next((path for path in (program_path.parent / name for name in MAKERS) if path.exists()), None)
    assert maker, f"no make_history beside {program_path}"
    path = tmp_path_factory.mktemp("history") / "history.db"
    subprocess.run([maker, path], check=True)
    return path


@pytest.fixture
def history(program, history_file):
    def run(*arguments, **options):
        return program("history", *arguments, "--history", history_file, **options)
    return run


def ids(finished):
    return [incident["id"] for incident in finished.expect(0).json["incidents"]]


def test_list(history, tmp_path):
    clock = Clock(tmp_path)
    clock.set("@2026-11-28 01:26:30")
    finished = history(env=clock.env).expect(0)
    assert finished.out.startswith("7 incidents, 1 of them not over. The longest wait lasted 2h29m (incident 5)")
    assert "terminate by leaked-login: freed" in finished.out
    assert "51s so far" in finished.out
    assert finished.err == ""
    # nobody has looked since
    clock.set("@2026-11-28 03:00:00")
    words = " ".join(history(env=clock.env).expect(0).out.split())
    assert words.startswith("7 incidents, 1 of them not over when last seen 01:26:16; nobody has looked since.")
    assert "51s until last seen 01:26:16" in words


def test_json(history):
    document = history("--format", "json").expect(0).json
    incidents = {incident["id"]: incident for incident in document["incidents"]}
    assert [incident["id"] for incident in document["incidents"]] == [7, 6, 5, 4, 3, 2, 1]
    login = incidents[1]
    assert login["root"]["pid"] == 4711 and login["root"]["user"] == "app_rw"
    assert login["target"]["row"] == {"table": "login_sessions", "key": {"user_id": "42"}}
    assert login["started_at"] == "2026-11-27T03:12:05.000000Z" and login["end"] == "released"
    assert login["peak_blocked"] == login["waiters_total"] == 25 and login["longest_wait_seconds"] == 252
    assert [act["result"] for act in login["acts"]] == ["cancelled_still_holding", "freed"]
    assert [statement["statement"][:6] for statement in login["statements"]] == ["SELECT", "UPDATE"]
    assert login["followed_by"] == 2 and incidents[2]["follows"] == 1
    assert incidents[3]["ended_at"] is None and incidents[3]["acts"][0]["dry_run"] is True
    assert incidents[5]["root"]["gid"] == "order-4711" and incidents[5]["end"] == "unseen"
    assert "\x1b[31m" in incidents[6]["root"]["application_name"], "a program gets what was there"


def test_csv(history):
    finished = history("--format", "csv").expect(0)
    rows = list(csv.DictReader(io.StringIO(finished.out, newline="")))
    assert [row["id"] for row in rows] == ["7", "6", "5", "4", "3", "2", "1"]
    assert rows[-1]["root"] == "pid:4711" and rows[-1]["lasted_seconds"] == "252.250000"
    assert rows[-1]["acts"].endswith("terminate by leaked-login: freed")
    assert rows[4]["ended_at"] == ""


@pytest.mark.parametrize("arguments, expected", [
    (["--table", "login_sessions"], [2, 1]),
    (["--table", "public.login*"], [2, 1]),
    (["--table", "shop.public.login_sessions"], []),
    (["--table", "app.public.login_sessions"], [2, 1]),
    (["--table", "sales.orders"], [3]),
    (["--user", "bi"], [3]),
    (["--user", "app_*", "--application", "login-service"], [2, 1]),
    (["--server", "main"], [7, 5, 4, 3, 2, 1]),
    (["--server", "m*", "--limit", "2"], [7, 5]),
    (["--since", "2026-11-28T00:00:00Z", "--until", "2026-11-28T01:26:00Z"], [3]),
    (["--since", "2026-11-27T03:14:00Z", "--until", "2026-11-27T03:14:00Z"], [1]),
    (["--until", "2026-11-27T03:12:04Z"], []),
    (["--application", "nobody"], []),
])
def test_filters(history, arguments, expected):
    assert ids(history("--format", "json", *arguments)) == expected


def test_there_are_more(history):
    assert history("--limit", "6", "--format", "json").json["has_more"] is True
    assert history("--limit", "7", "--format", "json").json["has_more"] is False
    assert "There are more" in history("--limit", "6").expect(0).out


def test_times_are_local(history):
    berlin = {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}
    assert "1     2026-11-27 04:12:05" in history("--user", "app_*", env=berlin).out
    assert "1     2026-11-27 03:12:05" in history("--user", "app_*", env={"TZ": "UTC0"}).out
    typed = ["--since", "2026-11-27 04:10", "--until", "2026-11-27 04:13", "--format", "json"]
    assert ids(history(*typed, env=berlin)) == [1]
    assert ids(history(*typed, env={"TZ": "UTC0"})) == []


def test_nothing_there(history):
    finished = history("--server", "other", "--since", "2h", "--until", "now").expect(0)
    assert finished.out.startswith("No incident since ")


@pytest.mark.parametrize("incident", range(1, 8))
def test_show(history, incident):
    text = history("show", incident).expect(0).out
    assert text.startswith(f"Incident {incident} on ")
    document = history("show", incident, "--format", "json").expect(0).json
    assert document["incident"]["id"] == incident
    assert len(document["waiters"]) == document["incident"]["waiters_total"]
    times = [moment["at"] for moment in document["timeline"]]
    assert times == sorted(times) and times


def test_show_course(history):
    text = history("show", "1").expect(0).out
    for words in ("25 sessions waited for 4711, the longest for 4m12s", "ops was told: incident_started",
                  "4711: terminate by leaked-login", "4711: freed after 61ms, 24 waiters moved on",
                  "over: ended by rule leaked-login: nobody waited for it any more", "and 5 more; --format json has them"):
        assert words in " ".join(text.split()), words
    assert "\n  and 5 more" in text


def test_what_caused_what(history):
    """The act that ended it was begun after the last look that saw it, and stands before the end."""
    events = [moment["event"] for moment in history("show", "1", "--format", "json").json["timeline"]]
    assert events[-4:] == ["act", "result", "end", "notice"]


def test_why_nothing_was_done(history):
    course = " ".join(history("show", "5").expect(0).out.split())
    for words in ("rollback_prepared by forgotten was held back, its rule can't be judged: prepared_for is not known",
                  "rollback_prepared by forgotten was refused: it is in another database",
                  "rollback_prepared by forgotten was held back: its limit is used up"):
        assert words in course, words
    assert "?" not in history("show", "3").expect(0).out
    assert "dry run, would have been: cancel by long-reports" in history("show", "3").out
    assert "was held back: its limit is used up" in history().out


def test_acts_that_belong_to_no_incident(history):
    finished = history().expect(0)
    assert "Acts on sessions that nobody waited for" in finished.out and "terminate by stale: gone" in finished.out
    acts = history("--format", "json").json["acts"]
    assert [(act["session"], act["server"], act["result"]) for act in acts] == [("pid:7001", "main", "breaker_open"),
                                                                               ("pid:7000", "main", "gone")]
    for options, sessions in ((["--server", "other"], []), (["--user", "*"], []), (["--until", "2026-11-27"], []),
                              (["--until", "2026-11-28T04:13:00Z"], ["pid:7000"]), (["--limit", "1"], ["pid:7001"])):
        acts = history("--format", "json", *options).expect(0).json["acts"]
        assert [act["session"] for act in acts] == sessions, options


def test_suggested_commands_name_the_file(history, history_file):
    file = f"--history {history_file}"
    assert f"hint: pgunlock history show 2 {file}" in history("2").expect(2).err
    assert f'"pgunlock history {file}" lists them' in history("show", "99").expect(3).err
    assert f"pgunlock history {file} --limit" in history("show", "1", "--limit", "5").expect(2).err


def test_show_on_a_terminal(program, history_file):
    terminal = program.terminal("history", "show", "6", "--history", str(history_file))
    assert terminal.end() == 0
    assert "\x1b[31m\x07" not in terminal.raw and "\x07" not in terminal.raw and "\u202e" not in terminal.raw


@pytest.mark.parametrize("arguments, words", [
    (["show", "1", "--table", "a"], "--table is not for history show"),
    (["show", "1", "--limit", "5"], "--limit is not for history show"),
    (["show", "1", "--format", "csv"], "no format csv"),
    (["show"], "show which incident?"),
    (["--since", "1h", "--until", "2h"], "--since is later than --until"),
    (["--table", "a.b.c.d"], "--table"),
    (["--format", "dot"], "history has no format dot"),
])
def test_wrong_usage(history, arguments, words):
    assert words in history(*arguments).expect(2).err


def test_no_such_incident(history):
    finished = history("show", "99").expect(3)
    assert "there is no incident 99" in finished.err and "hint: " in finished.err
    document = history("show", "99", "--format", "json").json
    assert document["schema"] == "pgunlock.error/1" and document["exit"] == 3


def test_no_such_file(program, tmp_path):
    finished = program("history", "--history", tmp_path / "none.db").expect(3)
    assert "there is no history" in finished.err and "--history FILE" in finished.err


def test_a_folder(program, tmp_path):
    finished = program("history", "--history", tmp_path).expect(1)
    assert "is a directory" in finished.err and f"--history {tmp_path}/history.db" in finished.err


def test_other_files(program, tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE a (b)")
        other.execute("CREATE TABLE c (d)")
    other.close()
    assert "is no history of pgunlock" in program("history", "--history", path).expect(1).err
    path.write_text("not a database, but a letter " * 100)
    assert "file is not a database" in program("history", "--history", path).expect(1).err
    path.write_bytes(b"")
    assert "no guard has written to it yet" in program("history", "--history", path).expect(1).err


def test_newer_schema(program, history_file, tmp_path):
    path = tmp_path / "newer.db"
    shutil.copy(history_file, path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 1000")
    newer.close()
    assert "newer pgunlock" in program("history", "--history", path).expect(1).err


def test_without_its_program(program, history_file, tmp_path):
    shutil.copy(program.path, tmp_path / "pgunlock")
    program.path = tmp_path / "pgunlock"
    finished = program("history", "--history", history_file).expect(1)
    assert "run by a program of its own, pgunlock-history, and there is none" in finished.err
    assert "hint: " in finished.err
    # help and usage errors don't take it
    assert "--since WHEN" in program("history", "--help").expect(0).out
    program("history", "--nonsense").expect(2)


def test_installed(program, history_file, tmp_path):
    """Under a prefix, wherever that is, also through a link."""
    original = program.path.parent
    for folder in ("usr/bin", "usr/libexec/pgunlock", "links"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(original / "pgunlock", tmp_path / "usr/bin/pgunlock")
    shutil.copy(original / "pgunlock-history", tmp_path / "usr/libexec/pgunlock/pgunlock-history")
    (tmp_path / "links/pgunlock").symlink_to("../usr/bin/pgunlock")
    for place in ("usr/bin/pgunlock", "links/pgunlock"):
        program.path = tmp_path / place
        assert program("history", "--history", history_file).expect(0).out.startswith("7 incidents")
    (tmp_path / "usr/libexec/pgunlock/pgunlock-history").chmod(0o644)
    finished = program("history", "--history", history_file).expect(1)
    assert "cannot run" in finished.err and "Permission denied" in finished.err


def test_pgunlock_loads_no_more_than_it_needs(program_path):
    """What it links it loads at each start, whatever it is asked."""
    loaded = subprocess.run(["ldd", program_path], capture_output=True, text=True, check=True).stdout
    assert "libpq" in loaded and "libglib" in loaded
    for library in ("sqlite", "json-glib", "soup", "ncurses", "systemd"):
        assert library not in loaded


def test_the_program_itself(program, history_file):
    """What it is given by hand it does as pgunlock would."""
    program.path = program.path.parent / "pgunlock-history"
    assert program("history", "--history", history_file).expect(0).out.startswith("7 incidents")
    program("--version").expect(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_who_may_only_read(program, history_file, tmp_path):
    """A member of the file's group, who may write nothing there, while no guard runs."""
    place = tmp_path / "guard"
    place.mkdir()
    for file in history_file.parent.glob("history.db*"):
        shutil.copy(file, place)
    for file in place.iterdir():
        os.chown(file, 0, 65534)
        file.chmod(0o640)
    for name in ("pgunlock", "pgunlock-history"):
        shutil.copy(program.path.parent / name, tmp_path / name)
    folder = tmp_path
    while folder.stat().st_mode & 0o005 != 0o005:
        folder.chmod(folder.stat().st_mode | 0o055)
        folder = folder.parent
    finished = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", tmp_path / "pgunlock", "history", "--history",
         place / "history.db"], capture_output=True, text=True, cwd="/", env=program.environment())
    assert finished.returncode == 0, finished
    assert finished.stdout.startswith("7 incidents")
    (place / "history.db").chmod(0o600)
    finished = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", tmp_path / "pgunlock", "history", "--history",
         place / "history.db"], capture_output=True, text=True, cwd="/", env=program.environment())
    assert finished.returncode == 1 and "hint: " in finished.stderr, finished
