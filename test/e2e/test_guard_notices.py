"""What the guard tells: notices to webhooks and commands, metrics, and systemd."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

from rig.guard import LEADS, Guard, conninfo, rule, section
from rig.incidents import Login
from rig.receiver import SECRET_PATH, JournalSocket, LoggingProgram, Receiver, ServiceManager
from rig.schemas import validate
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(*rules, start=True, env=None, **options):
        guard = Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options)
        if start:
            # a dry run takes no lease
            guard.start(wait_for="connected" if "dry_run" in options else LEADS, env=env)
        return guard
    return make


@pytest.fixture
def make_receiver():
    receivers = []

    def make(*answers):
        receivers.append(Receiver(*answers))
        return receivers[-1]
    yield make
    for receiver in receivers:
        receiver.close()


def ask(guard, path, method="GET", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{guard.metrics_port}{path}", method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def looks_on(guard, n=5):
    """So many looks later."""
    name = 'pgunlock_look_duration_seconds_count{server="main"}'
    seen = guard.metrics()[name]
    wait_until(lambda: guard.metrics()[name] >= seen + n, "it looks on")


def test_a_webhook_hears_of_the_course(make_guard, make_receiver, db):
    """Once of the start, of the act, and of the end; not at each look."""
    receiver = make_receiver()
    guard = make_guard(rule("leaked-login", state="idle in transaction"),
                       notify=section("notify", "ops", webhook=receiver.address))
    login = Login(db)
    assert login.all_get_in()
    wait_until(lambda: len(receiver.requests) == 3, "all is told")
    looks_on(guard)
    assert sorted(receiver.kinds()) == ["acted", "incident_ended", "incident_started"]
    assert receiver.kinds()[0] == "incident_started"
    for path, document in receiver.requests:
        notice = document["pgunlock"]
        validate(notice)
        assert path == SECRET_PATH
        assert document["text"].startswith("`main`: ")
        assert (notice["server"], notice["session"]["id"]) == ("main", login.holder.id)
        assert notice["incident"] == receiver.notices()[0]["incident"]
    acted = next(notice for notice in receiver.notices() if notice["kind"] == "acted")
    assert (acted["rule"], acted["act"]["act"], acted["act"]["result"]) == ("leaked-login", "terminate", "freed")
    assert acted["act"]["waiters"] == {"granted": 3, "gave_up": 0, "still_waiting": 0}
    ended = next(notice for notice in receiver.notices() if notice["kind"] == "incident_ended")
    assert (ended["rule"], ended["reason"]) == ("leaked-login", "ended by rule leaked-login")
    more = [field["value"] for _, document in receiver.requests for field in document["attachments"][0]["fields"]
            if field["title"] == "More"]
    assert set(more) == {f"`pgunlock history show 1 --history {guard.history}`"}
    wait_until(lambda: guard.metrics()['pgunlock_notices_total{target="ops",result="sent"}'] == 3, "they are counted")
    guard.stop()


def test_a_receiver_that_is_down_for_a_while(make_guard, make_receiver, db):
    receiver = make_receiver(503, 429)
    guard = make_guard(rule(), notify=section("notify", "ops", webhook=receiver.address))
    assert Login(db).all_get_in()
    wait_until(lambda: len(receiver.requests) == 5, "all is told in the end")
    assert receiver.kinds()[:3] == ["incident_started"] * 3
    assert sorted(receiver.kinds()[2:]) == ["acted", "incident_ended", "incident_started"]
    guard.stop()


def test_the_address_stays_secret(make_guard, make_receiver, db, tmp_path):
    receiver = make_receiver(*[404] * 10)
    (tmp_path / "hook").write_text(receiver.address + "\n")
    guard = make_guard(rule(), notify=section("notify", "ops", webhook_file=tmp_path / "hook"))
    assert Login(db).all_get_in()
    wait_until(lambda: guard.metrics()['pgunlock_notices_total{target="ops",result="failed"}'] == 3, "all are refused")
    guard.expect("127.0.0.1: HTTP 404 Not Found", times=3)
    guard.stop()
    assert SECRET_PATH not in guard.log() and "T0pS3cret" not in guard.log()


def test_a_new_address_is_read_at_a_reload(make_guard, make_receiver, db, tmp_path):
    old, new = make_receiver(), make_receiver()
    (tmp_path / "hook").write_text(old.address)
    guard = make_guard(rule(), notify=section("notify", "ops", webhook_file=tmp_path / "hook"))
    assert Login(db).all_get_in()
    wait_until(lambda: len(old.requests) == 3, "all is told")
    (tmp_path / "hook").write_text(new.address)
    guard.reload()
    guard.expect("read again")
    assert Login(db).all_get_in()
    wait_until(lambda: len(new.requests) == 3, "all is told")
    assert len(old.requests) == 3
    guard.stop()


def test_a_command_gets_the_notice(make_guard, db, tmp_path):
    heard = tmp_path / "heard"
    script = f"cat >>{heard}; echo >>{heard}; echo on it"
    guard = make_guard(rule(), notify=section("notify", "pager", command=f"/bin/sh -c '{script}'"))
    assert Login(db).all_get_in()
    wait_until(lambda: heard.exists() and heard.read_text().count("\n") == 3, "all is told")
    notices = [json.loads(line) for line in heard.read_text().splitlines()]
    for notice in notices:
        validate(notice)
    assert sorted(notice["kind"] for notice in notices) == ["acted", "incident_ended", "incident_started"]
    guard.expect("[notify pager]: it says: on it", times=3)
    guard.stop()


def test_targets_of_a_rule(make_guard, make_receiver, db):
    ops, chat = make_receiver(), make_receiver()
    guard = make_guard(rule(notify="ops"), notify=section("notify", "ops", webhook=ops.address)
                       + section("notify", "chat", webhook=chat.address))
    assert Login(db).all_get_in()
    wait_until(lambda: len(ops.requests) == 3, "all is told")
    looks_on(guard)
    assert not chat.requests
    guard.stop()


def test_what_is_left_is_sent_at_the_end(make_guard, make_receiver, db):
    """Nobody waits for the pause between attempts when the guard ends."""
    receiver = make_receiver(503)
    guard = make_guard(rule(), notify=section("notify", "ops", webhook=receiver.address))
    assert Login(db).all_get_in()
    wait_until(lambda: guard.metrics().get('pgunlock_notices_queued{target="ops"}', 0) >= 1, "one waits")
    wait_until(lambda: "will be tried again" in guard.log(), "it is to be tried again")
    guard.stop()
    wait_until(lambda: "acted" in receiver.kinds(), "the act is told")


def test_a_dry_run_tells_what_it_would_do(make_guard, make_receiver, db):
    receiver = make_receiver()
    guard = make_guard(rule("leaked-login"), notify=section("notify", "ops", webhook=receiver.address), dry_run="true")
    login = Login(db)
    wait_until(lambda: "acted" in receiver.kinds(), "it is told")
    looks_on(guard)
    assert receiver.kinds().count("acted") == 1
    acted = receiver.notices()[receiver.kinds().index("acted")]
    assert (acted["act"]["dry_run"], acted["act"]["result"]) == (True, None)
    assert "would terminate" in acted["headline"]
    assert login.nothing_moved()
    guard.stop()


def test_metrics_of_an_incident(make_guard, db):
    guard = make_guard(rule(), dry_run="true")
    login = Login(db)
    wait_until(lambda: guard.metrics().get('pgunlock_blocked_sessions{server="main"}') == 3, "the blocked are counted")
    metrics = guard.metrics()
    assert metrics['pgunlock_root_blockers{server="main"}'] == 1
    assert metrics['pgunlock_longest_wait_seconds{server="main"}'] > 0
    assert metrics['pgunlock_server_up{server="main"}'] == 1
    assert metrics["pgunlock_dry_run"] == 1
    # not from its first look on: who is in nobody's way for long is no incident
    wait_until(lambda: guard.metrics()['pgunlock_incidents_total{server="main"}'] == 1, "it is an incident")
    login.holder.run("ROLLBACK")
    assert login.all_get_in()
    wait_until(lambda: guard.metrics()['pgunlock_blocked_sessions{server="main"}'] == 0, "nobody is blocked any more")
    assert guard.metrics()['pgunlock_longest_wait_seconds{server="main"}'] == 0
    assert guard.metrics()['pgunlock_incidents_total{server="main"}'] == 1
    guard.stop()


def test_what_is_served(make_guard):
    guard = make_guard(rule())
    kind, text = ask(guard, "/metrics")
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    if shutil.which("promtool"):
        subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=True)
    kind, text = ask(guard, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("\n# EOF\n")
    assert ask(guard, "/healthz") == ("text/plain; charset=utf-8", "ok\n")
    assert ask(guard, "/metrics", method="HEAD")[1] == ""
    for path, method, status in (("/", "GET", 404), ("/metrics", "POST", 405)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(guard, path, method=method)
        assert refused.value.code == status
    guard.stop()


def test_openmetrics_of_a_guard(make_guard, db):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    guard = make_guard(rule())
    assert Login(db).all_get_in()
    wait_until(lambda: guard.results(), "the act is verified")
    text = ask(guard, "/metrics", Accept="application/openmetrics-text")[1]
    families = {family.name for family in parser.text_string_to_metric_families(text)}
    assert {"pgunlock_acts", "pgunlock_look_duration_seconds", "pgunlock_build"} <= families
    guard.stop()


def test_the_address_of_the_metrics_is_taken(make_guard, program):
    first = make_guard(rule())
    second = make_guard(rule(), start=False, name="second", metrics=f"127.0.0.1:{first.metrics_port}")
    done = program("guard", "--config", second.file).expect(1)
    assert f"cannot listen on 127.0.0.1:{first.metrics_port} for metrics" in done.err
    assert "hint: " in done.err
    first.stop()


def test_a_target_that_cannot_be(make_guard):
    """It is warned of; what it is told fails (test_guard_reload.py)."""
    guard = make_guard(rule(), notify=section("notify", "ops", webhook_file="/nowhere/hook"))
    assert "[notify ops]: cannot read the webhook's address" in guard.log()
    guard.stop()


def test_systemd_is_told(make_guard, tmp_path):
    manager = ServiceManager(tmp_path)
    guard = make_guard(rule(), env=manager.environment(watchdog_us=200000))
    wait_until(lambda: manager.count("READY=1") == 1, "it is ready")
    wait_until(lambda: manager.count("WATCHDOG=1") >= 3, "the watchdog is content")
    guard.reload()
    wait_until(lambda: manager.count("READY=1") == 2, "it is ready again")
    assert manager.count("RELOADING=1") == 1
    guard.stop()
    assert manager.count("STOPPING=1") == 1
    manager.close()


def test_the_journal_gets_fields(program, db, tmp_path):
    """Where standard error is the journal's stream."""
    journal = JournalSocket(tmp_path / "journal")
    if not journal.is_possible():
        pytest.skip("needs root, and a mount namespace")
    guard = Guard(LoggingProgram(program, journal), tmp_path, {"main": conninfo(db)}, [rule("leaked-login")])
    guard.log_file.touch()
    stream = guard.log_file.stat()
    guard.start(wait_for=None, env={"JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"})
    login = Login(db)
    assert login.all_get_in()
    wait_until(lambda: any(entry.get("PGUNLOCK_KIND") == "acted" for entry in journal.entries()), "the act is logged")
    act = next(entry for entry in journal.entries() if entry.get("PGUNLOCK_KIND") == "acted")
    assert (act["PRIORITY"], act["SYSLOG_IDENTIFIER"]) == ("5", "pgunlock")
    assert act["PGUNLOCK_SERVER"] == "main"
    assert act["PGUNLOCK_SESSION"] == login.holder.id
    assert (act["PGUNLOCK_RULE"], act["PGUNLOCK_RESULT"]) == ("leaked-login", "freed")
    assert act["MESSAGE"].startswith("main: rule leaked-login terminated")
    guard.stop()
    assert any(entry["MESSAGE"].startswith("main: connected") and entry["PGUNLOCK_SERVER"] == "main"
               for entry in journal.entries())
    assert guard.log() == ""
    journal.close()
