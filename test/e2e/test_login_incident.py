"""The login incident: one forgotten transaction holds one row, and nobody can log in."""

import os
import re
import subprocess

import pytest

from rig import documents
from rig.database import wait_gone
from rig.incidents import Login

pytestmark = pytest.mark.smoke


@pytest.fixture
def login(db):
    return Login(db)


def test_quiet_server_is_one_line(pgunlock):
    for command in ("status",), ():
        finished = pgunlock(*command).expect(0)
        assert len(finished.out.splitlines()) == 1
        assert "nobody waits" in finished.out.lower()
        assert finished.err == ""


def test_quiet_server_json(pgunlock, db):
    document = pgunlock.json("status")
    assert document["summary"]["blocked"] == document["summary"]["roots"] == 0
    assert document["server"]["version_num"] == db.server.version_num
    assert document["server"]["port"] == db.server.port
    assert document["server"]["database"] == db.name
    assert document["server"]["in_recovery"] is False
    document = pgunlock.json("tree")
    assert document["roots"] == document["edges"] == document["cycles"] == []


def test_tree_has_one_root_the_holder(pgunlock, login):
    document = pgunlock.json("tree")
    assert document["roots"] == [login.holder.id]
    assert [entry["id"] for entry in document["sessions"] if entry["is_root"]] == [login.holder.id]
    assert documents.session(document, login.holder)["blocked_total"] == 3
    assert documents.session(document, login.holder)["freed_alone"] == 3
    assert documents.session(document, login.waiters[0])["blocked_total"] == 2
    assert documents.session(document, login.waiters[0])["freed_alone"] == 0, "it waits itself"
    assert documents.session(document, login.waiters[2])["blocked_total"] == 0
    assert document["summary"]["blocked"] == 3
    assert document["summary"]["roots"] == 1
    assert document["cycles"] == []


def test_tree_edges_are_the_servers(pgunlock, login):
    first, second, third = login.waiters
    document = pgunlock.json("tree", "--all-edges")
    kinds = {(edge["waiter"], edge["blocker"]): edge["kind"] for edge in document["edges"]}
    assert kinds == {
        (first.id, login.holder.id): "hard",
        (second.id, first.id): "hard",
        (third.id, first.id): "hard",
        (third.id, second.id): "soft",
    }
    modes = {(edge["waiter"], edge["blocker"]): (edge["waiter_mode"], edge["blocker_mode"])
             for edge in document["edges"]}
    assert modes[first.id, login.holder.id] == ("ShareLock", "ExclusiveLock")
    assert modes[second.id, first.id] == ("ExclusiveLock", "ExclusiveLock")


def test_tree_tells_who_they_are(pgunlock, login, db, major):
    document = pgunlock.json("tree")
    holder = documents.session(document, login.holder)
    assert holder["pid"] == login.holder.pid
    assert holder["session_id"] == db.server.log_id(login.holder.pid)
    assert (holder["user"], holder["database"], holder["application_name"]) == ("app_rw", db.name, "login-service")
    assert holder["client_addr"] == "127.0.0.1"
    assert holder["state"] == "idle in transaction"
    assert holder["backend_type"] == "client backend"
    assert holder["has_written"] is True
    assert holder["wait"] is None
    assert "UPDATE login_sessions" in holder["query"]
    assert holder["backend_start"] and holder["xact_start"] and holder["state_change"]
    for waiter, locktype in zip(login.waiters, ("transactionid", "tuple", "tuple")):
        entry = documents.session(document, waiter)
        assert entry["state"] == "active"
        assert entry["wait"]["target"]["type"] == locktype
        assert "login_sessions" in entry["wait"]["target"]["text"], "a person knows tables, not transaction numbers"
        assert entry["wait"]["seconds"] >= 0
        assert (entry["wait"]["since"] is None) == (major == 13)
    tuple_target = documents.session(document, login.waiters[1])["wait"]["target"]
    assert (tuple_target["schema"], tuple_target["relation"]) == ("public", "login_sessions")
    assert isinstance(tuple_target["page"], int) and isinstance(tuple_target["tuple"], int)
    assert documents.session(document, login.waiters[0])["waits_for"] == [login.holder.id]
    assert login.waiters[0].id in holder["blocks"]


def test_tree_text_has_the_root_above_the_waiters(pgunlock, login):
    lines = pgunlock("tree").expect(0).out.splitlines()
    root = next(number for number, line in enumerate(lines) if str(login.holder.pid) in line)
    for waiter in login.waiters:
        assert any(str(waiter.pid) in line for line in lines[root + 1:])


def test_status_gives_the_answer_first(pgunlock, login):
    out = pgunlock("status").expect(0).out
    first = out.splitlines()[0]
    assert "3" in first and "1" in first and "wait" in first
    assert str(login.holder.pid) in out
    assert "login-service" in out and "login_sessions" in out and "idle in transaction" in out


def test_command_that_status_suggests_works(pgunlock, login, program_path, db):
    last = pgunlock("status").expect(0).out.rstrip().splitlines()[-1]
    assert "pgunlock release" in last
    command = last[last.index("pgunlock release"):]
    assert db.server.log_id(login.holder.pid) in command, "the exact form of the session"
    environment = pgunlock.environment(PATH=f"{program_path.parent}:{os.environ['PATH']}")
    done = subprocess.run(["sh", "-c", command + " --yes"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert login.all_get_in()


def test_release_by_table_frees_everybody(pgunlock, login, db):
    innocent = db.transaction("UPDATE login_sessions SET token = 'x' WHERE user_id = 7", application="login-service")
    document = pgunlock.json("release", "--table", "login_sessions", "--yes")
    assert documents.acts(document) == {login.holder.id: "terminate"}
    assert documents.plan_item(document, login.holder)["frees"] == 3
    assert documents.results(document) == {login.holder.id: "freed"}
    assert documents.waiters(document) == (3, 0, 0)
    assert document["successors"] == []
    assert document["exit"] == 0
    wait_gone(db.server, login.holder)
    assert login.all_get_in()
    assert db.all_alive(innocent, *login.waiters)
    innocent.run("COMMIT")


def test_release_says_in_words_that_it_is_freed(pgunlock, login, db):
    finished = pgunlock("release", "--table", "login_sessions", "--yes").expect(0)
    assert "freed" in finished.out.lower()
    assert str(login.holder.pid) in finished.out
    assert login.all_get_in()
    assert not db.is_alive(login.holder)


@pytest.mark.parametrize("selector", ["session", "exact", "json id", "waiter", "all", "table with schema"])
def test_release_by_other_ways(pgunlock, login, db, selector):
    arguments = {
        "session": [login.holder.pid],
        "exact": [db.server.log_id(login.holder.pid)],
        "json id": [login.holder.id],
        "waiter": ["--waiter", login.waiters[2].pid],
        "all": ["--all"],
        "table with schema": ["--table", "PUBLIC.login_*"],
    }[selector]
    document = pgunlock.json("release", *arguments, "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


def test_release_when_nobody_waits_is_fine(pgunlock, db):
    innocent = db.transaction("UPDATE login_sessions SET token = 'x' WHERE user_id = 42")
    document = pgunlock.json("release", "--table", "login_sessions", "--yes")
    assert document["plan"] == document["results"] == []
    assert document["exit"] == 0
    assert db.all_alive(innocent)
    pgunlock("release", "--all", "--yes").expect(0)
    assert db.all_alive(innocent)


def test_cancel_on_the_holder_is_refused_and_says_why(pgunlock, login):
    finished = pgunlock("cancel", login.holder.pid, "--yes").expect(5)
    assert "idle in transaction" in finished.text and "terminate" in finished.text
    assert login.nothing_moved()
    document = pgunlock.json("cancel", login.holder.pid, "--yes", exit_code=5)
    assert documents.results(document) == {login.holder.id: "refused"}
    assert "idle" in documents.refusals(document)[login.holder.id]
    assert login.nothing_moved()


def test_terminate_the_holder(pgunlock, login):
    document = pgunlock.json("terminate", login.holder.pid, "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


def test_asked_on_a_terminal(pgunlock, login, db):
    terminal = pgunlock.terminal("release", "--table", "login_sessions")
    plan = terminal.expect_question()
    assert "1 session" in plan and "3 waiters" in plan and str(login.holder.pid) in plan
    assert login.nothing_moved()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "freed" in terminal.seen.lower()
    assert login.all_get_in()


@pytest.mark.parametrize("answer", ["\r", "n\r", "\x04", "yikes\r"])
def test_anything_but_yes_is_no(pgunlock, login, answer):
    terminal = pgunlock.terminal("release", "--table", "login_sessions")
    terminal.expect_question()
    terminal.type(answer)
    assert terminal.end() == 5
    assert login.nothing_moved()


def test_without_a_terminal_it_wants_yes(pgunlock, login):
    finished = pgunlock("release", "--table", "login_sessions", stdin="y\n").expect(2)
    assert "--yes" in finished.err
    assert login.nothing_moved()


def test_whoever_only_waits_is_no_culprit(pgunlock, login):
    """Naming a victim ends nobody: what it waits for is one word away."""
    first, _, last = login.waiters
    refused = pgunlock("release", first.id, "--yes").expect(5)
    assert "waits itself: nobody goes on when it ends" in refused.err
    assert re.search(rf"release .*--waiter [0-9a-f]+\.{first.pid:x}\b", refused.err)
    shown = pgunlock("release", last.id, "--yes").expect(0)
    assert "only waits itself: nobody waits for it" in shown.out
    assert re.search(rf"release .*--waiter [0-9a-f]+\.{last.pid:x}\b", shown.out)
    shown = pgunlock("show", first.id).expect(0)
    assert "the right act" not in shown.out and re.search(rf"release .*--waiter [0-9a-f]+\.{first.pid:x}\b", shown.out)
    assert pgunlock.json("show", first.id)["cancel"]["recommended"] is False
    pgunlock("release", "--waiter", first.id, "--yes").expect(0)
