"""SIGHUP reads the policy file again; one that is wrong anywhere is refused whole."""

import pytest

from rig.database import Database
from rig.guard import LEADS, Guard, conninfo, rule, section
from rig.incidents import Login
from rig.server import free_port
from rig.waiting import wait_until

REFUSED = "the policy was refused"


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(*rules, **options):
        return Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options).start()
    return make


@pytest.mark.parametrize("broken", ["[rule x]\nactoin = terminate\n", "[rule any]\naction = none\n", "nonsense\n",
                                    "[rule x]\naction =\n", "[server main]\nconninfo = x\n", "[notify a]\nwebhook = gopher:\n",
                                    "[server other]\nconninfo = hots=/tmp\n"])
def test_a_broken_file_changes_nothing(make_guard, db, broken):
    guard = make_guard(rule("any", application="login-*"))
    text = guard.file.read_text()
    guard.file.write_text(text.replace("login-*", "batch") + broken)
    guard.reload()
    guard.expect(REFUSED)
    assert f"{guard.file}:" in guard.log() or "webhook" in guard.log()
    assert guard.metrics()["pgunlock_policy_last_reload_successful"] == 0
    assert Login(db).all_get_in()
    guard.file.write_text(text)
    guard.reload()
    guard.expect("read again")
    assert guard.metrics()["pgunlock_policy_last_reload_successful"] == 1
    assert Login(db).all_get_in()
    guard.stop()


def test_a_target_that_lacks_keeps_nobody_from_acting(program, tmp_path, db):
    hook = tmp_path / "hook"
    guard = Guard(program, tmp_path, {"main": conninfo(db)}, [rule()],
                  notify=section("notify", "ops", webhook_file=hook)).start()
    guard.expect(f"{hook}")
    assert Login(db).all_get_in()
    failed = 'pgunlock_notices_total{target="ops",result="failed"}'
    wait_until(lambda: guard.metrics().get(failed, 0) > 0, "what it would have been told is counted")
    hook.write_text("https://127.0.0.1:1/secret\n")
    guard.reload()
    guard.expect("read again")
    hook.unlink()
    guard.reload()
    guard.expect("read again", times=2)
    assert Login(db).all_get_in() and "secret" not in guard.log()
    guard.stop()


def test_missing_file(make_guard, db):
    guard = make_guard(rule())
    guard.file.unlink()
    guard.reload()
    guard.expect(REFUSED)
    assert Login(db).all_get_in()
    guard.stop()


def test_from_dry_run_to_acting_and_back(make_guard, db):
    guard = make_guard(rule())
    guard.write([rule()], dry_run="true")
    guard.reload()
    guard.expect("read again; dry_run: from now on")
    guard.expect("connected", times=2)
    login = Login(db)
    guard.expect("would")
    assert login.nothing_moved()
    guard.write([rule()], dry_run="false")
    guard.reload()
    guard.expect("what the rules say is done")
    guard.expect(LEADS, times=2)
    assert login.all_get_in()
    guard.stop()


def test_servers_come_and_go(make_guard, db):
    other = Database.fresh(db.server)
    guard = make_guard(rule())
    guard.servers = {"other": conninfo(db)}
    guard.write([rule(server="other")])
    guard.reload()
    guard.expect("other: " + LEADS)
    assert Login(db).all_get_in()
    wait_until(lambda: not any('"main"' in name for name in guard.metrics()), "nothing is told of the old one")
    guard.stop()
    other.leave()


def test_reload_while_acting(make_guard, db):
    """The act in hand is finished first, and its result known."""
    login = Login(db)
    guard = make_guard(rule("first"))
    for number in range(5):
        guard.write([rule("first")], poll=f"{200 + number}ms")
        guard.reload()
    assert login.all_get_in()
    wait_until(lambda: guard.results().get(login.holder.id), "the result is known")
    assert [result for result in guard.results()[login.holder.id]] == ["freed"]
    guard.stop()


def test_metrics_move(make_guard, db):
    """To another port at once; where that is taken they stay."""
    guard = make_guard(rule())
    old, new, taken = guard.metrics_port, free_port(), db.server.port
    guard.write([rule()], metrics=f"127.0.0.1:{new}")
    guard.reload()
    guard.expect(f"metrics: 127.0.0.1:{new} from now on, 127.0.0.1:{old} before")
    with pytest.raises(OSError):
        guard.metrics()
    guard.metrics_port = new
    assert guard.metrics()["pgunlock_policy_last_reload_successful"] == 1
    guard.write([rule()], metrics=f"127.0.0.1:{taken}")
    guard.reload()
    guard.expect(f"metrics stay at 127.0.0.1:{new}: ")
    assert guard.metrics()["pgunlock_policy_last_reload_successful"] == 1
    guard.write([rule()], metrics="off")
    guard.reload()
    guard.expect(f"metrics: off from now on, 127.0.0.1:{new} before")
    guard.write([rule()], metrics=f"127.0.0.1:{old}")
    guard.reload()
    guard.expect(f"metrics: 127.0.0.1:{old} from now on, off before")
    guard.metrics_port = old
    assert guard.metrics()["pgunlock_start_time_seconds"] > 0
    assert Login(db).all_get_in()
    guard.stop()


def test_another_history_takes_a_restart(make_guard, db, tmp_path):
    guard = make_guard(rule())
    guard.write([rule()], history=tmp_path / "other.db")
    guard.reload()
    guard.expect(f"history = {tmp_path / 'other.db'} takes effect when the guard is restarted: until then it is {guard.history}")
    assert Login(db).all_get_in()
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'") == [(1,)], "it is recorded")
    guard.write([rule()], history=guard.history)
    guard.reload()
    guard.expect("read again", times=2)
    assert guard.log().count("takes effect") == 1 and not (tmp_path / "other.db").exists()
    guard.stop()


def test_a_broken_file_at_the_start(program, tmp_path, db):
    guard = Guard(program, tmp_path, {"main": conninfo(db)}, ["[rule x]\nactoin = terminate\n"])
    finished = program("guard", "--config", guard.file)
    finished.expect(2)
    assert f"{guard.file}:" in finished.err and "actoin" in finished.err
