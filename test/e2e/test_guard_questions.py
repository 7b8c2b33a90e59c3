"""What can be asked of a policy without letting it act: --check-config, --explain, --replay."""

import os
import re

import pytest

from rig.guard import Guard, conninfo, rule, section
from rig.incidents import Login
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(*rules, **options):
        servers = options.pop("servers", {"main": conninfo(db)})
        return Guard(program, tmp_path, servers, rules or (rule(),), **options)
    return make


def test_check_config(program, make_guard):
    guard = make_guard(rule("leaked", user="app_*"), notify=section("notify", "ops", webhook="https://hooks.example/secret"))
    seen = program("guard", "--config", guard.file, "--check-config").expect(0)
    assert "leaked" in seen.out and "user = app_*" in seen.out and "secret" not in seen.text
    document = program.json("guard", "--config", guard.file, "--check-config")
    assert document["schema"] == "pgunlock.policy/1" and "secret" not in str(document)
    with open(guard.file, "a", encoding="utf-8") as file:
        file.write("[rule leaked]\naction = none\n")
    line = len(guard.file.read_text().splitlines()) - 1
    wrong = program("guard", "--config", guard.file, "--check-config").expect(2)
    assert f"{guard.file}:{line}:" in wrong.err


@pytest.mark.parametrize("conninfo, words", [("hots=/tmp", 'invalid connection option "hots"'),
                                             ("host='/tmp", "unterminated quoted string"),
                                             ("postgresql://[db1", "URI")])
def test_a_conninfo_that_is_none(program, make_guard, conninfo, words):
    guard = make_guard(servers={"main": conninfo})
    line = guard.file.read_text().splitlines().index(f"conninfo = {conninfo}") + 1
    for way in (["--check-config"], ["--explain"], []):
        wrong = program("guard", "--config", guard.file, *way).expect(2)
        assert f"{guard.file}:{line}:" in wrong.err and words in wrong.err


def test_check_config_warns(program, make_guard, tmp_path):
    """Of what lacks at this moment, of quotes and comments that are part of a name, and of a rule that never does anything."""
    secret = tmp_path / "hook"
    targets = section("notify", "file", webhook_file=secret) + section("notify", "env", webhook_env="PGUNLOCK_NO_HOOK")
    targets += section("notify", "page", command="no-such-pager --now") + section("notify", "there", command="true")
    guard = make_guard(rule("quoted", user='"Login", app_*'), rule("plain", table='"Order"'), rule("commented", user="postgres # admins"),
                       rule("futile", action="cancel", state="idle in transaction"), notify=targets)
    seen = program("guard", "--config", guard.file, "--check-config").expect(0)
    for words in (str(secret), "PGUNLOCK_NO_HOOK", "no-such-pager", "[rule quoted]", "[rule commented]", "[rule futile]"):
        assert words in seen.text, words
    document = program.json("guard", "--config", guard.file, "--check-config")
    assert len(document["warnings"]) == 6
    secret.write_text("https://hooks.example/secret\n")
    assert len(program.json("guard", "--config", guard.file, "--check-config")["warnings"]) == 5


def test_check_config_warns_of_places(program, make_guard, tmp_path):
    """As the guard does when it starts, but nothing is made."""
    missing = tmp_path / "missing"
    guard = make_guard(history=tmp_path, audit=missing / "audit.jsonl")
    warnings = program.json("guard", "--config", guard.file, "--check-config")["warnings"]
    assert len(warnings) == 2 and f"{tmp_path} is a directory" in warnings[0]
    assert f"there is no folder {missing}: mkdir -p {missing} makes it" in warnings[1]
    guard.write([rule()], history=missing / "history.db", audit="off")
    warnings = program.json("guard", "--config", guard.file, "--check-config")["warnings"]
    assert len(warnings) == 1 and "history.db" in warnings[0] and f"mkdir -p {missing}" in warnings[0]
    guard.write([rule()], history="off", audit=f"{tmp_path}/audit.jsonl # what was done")
    warnings = program.json("guard", "--config", guard.file, "--check-config")["warnings"]
    assert len(warnings) == 1 and "is part of the path" in warnings[0]
    assert list(tmp_path.iterdir()) == [guard.file]


def test_explain(program, make_guard, db):
    login = Login(db)
    guard = make_guard(rule("reports", application="reporting"),
                       rule("leaked", application="login-*", blocked_for="0"))
    seen = program("guard", "--config", guard.file, "--explain").expect(0)
    assert str(login.holder.pid) in seen.out and "leaked decides" in seen.out
    assert "application" in seen.out and "login-service" in seen.out and "limit, cooldown and breaker" in seen.out
    document = program.json("guard", "--config", guard.file, "--explain")
    assert [session["id"] for session in document["sessions"]] == [login.holder.id]
    assert login.nothing_moved()


def test_explain_of_those_whom_nobody_waits_for(program, make_guard, db):
    """Only those who can be meant are asked about, and of these all is known."""
    idle = db.session(user="postgres")
    guard = make_guard(rule("forgotten", user="postgres", idle_for="1d", blocked_for=None, even_if_not_blocking="true"))
    sessions = program.json("guard", "--config", guard.file, "--explain")["sessions"]
    assert {session["backend_type"] for session in sessions} == {"client backend"}
    assert [(session["user"], session["answer"]) for session in sessions if session["id"] == idle.id] == [("postgres", "no")]


def test_explain_says_what_is_in_the_way(program, make_guard, db):
    login = Login(db, user="postgres")
    guard = make_guard(rule("leaked", blocked_for="0"), servers={"main": conninfo(db), "gone": "host=127.0.0.1 port=1 dbname=x"})
    seen = program("guard", "--config", guard.file, "--explain").expect(0)
    assert "superuser" in seen.out and "gone" in seen.out and "breaker" not in seen.out
    assert login.nothing_moved()
    guard.servers = {"gone": "host=127.0.0.1 port=1 dbname=x", "lost": "host=127.0.0.1 port=2 dbname=x"}
    guard.write([rule()])
    down = program("guard", "--config", guard.file, "--explain").expect(6)
    assert "gone: cannot connect to 127.0.0.1:1" in down.err and "lost: cannot connect to 127.0.0.1:2" in down.err
    assert "host and port in its conninfo" in down.err and "-h" not in down.err


def test_replay(program, make_guard, db):
    """A history of what nobody acted on, and what another policy would have made of it."""
    guard = make_guard(rule("told", action="notify"), notify=section("notify", "nobody", command="true")).start()
    login = Login(db)
    guard.expect("kind=incident_started")
    wait_until(lambda: guard.query("SELECT count(*) FROM sample")[0][0] > 5, "it is recorded", 30)
    login.holder.run("COMMIT")
    assert login.all_get_in()
    guard.expect("kind=incident_ended", timeout=30)
    guard.stop()
    quiet = program.json("guard", "--config", guard.file, "--replay", "1h..now")
    assert quiet["verdicts"] == [] and quiet["samples"] > 5
    guard.write([rule("protect", action="none", application="batch", blocked_for=None), rule("leaked", blocked_for="300ms")])
    document = program.json("guard", "--config", guard.file, "--replay", "1h..now")
    assert [(one["rule"], one["session"], one["kind"]) for one in document["verdicts"]] == [
        ("leaked", login.holder.id, "act")]
    assert document["saved_seconds"] > 0
    seen = program("guard", "--config", guard.file, "--replay", "1h..now").expect(0)
    assert "leaked would have terminated it" in seen.out
    # by the person's clock, as history tells times
    shown = program("guard", "--config", guard.file, "--replay", "1h..now", env={"TZ": "Asia/Kolkata"}).expect(0)
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+05:30 main:", shown.out, re.M)
    listed = program("history", "--history", guard.history, env={"TZ": "Asia/Kolkata"}).expect(0)
    assert "+05:30" in listed.out
    assert program.json("guard", "--config", guard.file, "--replay", "2h..1h")["samples"] == 0


@pytest.mark.parametrize("arguments", [("--check-config", "--explain"), ("--replay", "yesterday"), ("--replay", "now..1h"),
                                       ("--config", "/nonexistent/file"), ("/etc/p.conf",), ("--explain", "-h", "somewhere")])
def test_usage(program, arguments):
    assert program("guard", *arguments).exit == 2


def test_without_a_policy(program):
    if os.path.lexists("/etc/pgunlock/pgunlock.conf"):
        pytest.skip("there is a policy on this machine")
    for way in (["--check-config"], ["--explain"], []):
        wrong = program("guard", *way).expect(2)
        assert "there is no policy file /etc/pgunlock/pgunlock.conf" in wrong.err and "--config FILE" in wrong.err
