"""What the guard remembers, and that it doesn't repeat itself."""

import pytest

from rig.guard import LEADS, Guard, conninfo, rule, section
from rig.incidents import UPDATE_LOGIN, Login
from rig.receiver import Receiver
from rig.waiting import wait_until


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(*rules, **options):
        return Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options).start()
    return make


def test_not_one_notice_a_poll(make_guard, db, receiver):
    guard = make_guard(rule("told", action="notify"), notify=section("notify", "ops", webhook=receiver.address),
                       poll="100ms")
    login = Login(db, waiters=2)
    wait_until(lambda: receiver.kinds() == ["incident_started"], "it is told")
    guard.polls_on(10)
    assert receiver.kinds() == ["incident_started"]
    # twice as many, and ten
    for _ in range(10):
        db.session(application="login-service").block(UPDATE_LOGIN)
    wait_until(lambda: receiver.kinds()[-1] == "incident_escalated", "that it is worse is told")
    login.holder.run("COMMIT")
    wait_until(lambda: receiver.kinds()[-1] == "incident_ended", "the end is told")
    assert receiver.kinds().count("incident_escalated") == 1
    guard.stop()


@pytest.mark.smoke
def test_the_course_of_an_incident_in_the_history(program, make_guard, db):
    """Also the statement that took the lock, though it isn't the last one that the session ran."""
    guard = make_guard(rule("leaked", blocked_for="2s"), sample="100ms")
    holder = db.transaction("UPDATE login_sessions SET token = 'culprit' WHERE user_id = 42", application="login-service")
    open_since = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND xact_start < clock_timestamp() - '1500 ms'::interval"
    wait_until(lambda: db.server.value(open_since, holder.pid), "its transaction is old enough to be sampled")
    holder.run("SELECT 'something harmless'")
    waiters = [db.waiter(UPDATE_LOGIN, by=[holder])]
    assert waiters[0].error() is None
    wait_until(lambda: guard.query("SELECT count(*) FROM act WHERE result = 'freed'")[0][0] == 1, "it is recorded")
    statements = [row[0] for row in guard.query("SELECT statement FROM statement ORDER BY began_at")]
    assert any("culprit" in statement for statement in statements) and any("harmless" in one for one in statements)
    wait_until(lambda: guard.query("SELECT count(*) FROM incident WHERE ended_at IS NOT NULL")[0][0] == 1, "it is over")
    guard.stop()
    document = program.json("history", "--history", guard.history)
    incident, = document["incidents"]
    assert incident["server"] == "main" and incident["root"]["id"] == holder.id and incident["ended_at"]
    act, = incident["acts"]
    assert (act["act"], act["by"], act["result"]) == ("terminate", "leaked", "freed")
    seen = program("history", "show", incident["id"], "--history", guard.history).expect(0)
    assert "leaked" in seen.out and "culprit" in seen.out
    course = program.json("history", "show", incident["id"], "--history", guard.history)["timeline"]
    events = [moment["event"] for moment in course if moment["event"] != "waiter"]
    assert events[-3:] == ["act", "result", "end"] and "ended by rule leaked" in course[-1]["text"]


@pytest.mark.smoke
def test_a_row_is_named_by_its_key(program, make_guard, db, receiver):
    """Where the guard's role may read the table; else by its place."""
    guard = make_guard(rule("told", action="notify"), notify=section("notify", "ops", webhook=receiver.address))
    login = Login(db, waiters=2)
    guard.expect("kind=incident_started")
    assert "row login_sessions (user_id=42)" in guard.log()
    login.holder.run("COMMIT")
    assert login.all_get_in()
    owner = db.session(user="postgres")
    owner.run("REVOKE ALL ON login_sessions FROM PUBLIC")
    owner.run("GRANT ALL ON login_sessions TO app_rw")
    again = Login(db, waiters=2)
    guard.expect("kind=incident_started", times=2)
    began = [line for line in guard.log().splitlines() if "kind=incident_started" in line]
    assert "(user_id=42)" in began[0] and "(user_id=42)" not in began[1] and "row (0," in began[1]
    wait_until(lambda: len(program.json("history", "--history", guard.history)["incidents"]) == 2, "it is recorded")
    listed = program.json("history", "--history", guard.history)["incidents"]
    assert [incident["target"]["row"] and incident["target"]["row"]["key"] for incident in listed] == [None, {"user_id": "42"}]
    again.holder.run("COMMIT")
    assert again.all_get_in()
    guard.stop()


def is_over(guard):
    return guard.query("SELECT count(*) FROM incident WHERE ended_at IS NOT NULL")[0][0] == 1


@pytest.mark.smoke
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_incident_goes_on_over_a_restart_of_the_guard(program, make_guard, db, receiver, how):
    """It is the same one, is told once, and its course says that nobody looked meanwhile."""
    guard = make_guard(rule("told", action="notify"), notify=section("notify", "ops", webhook=receiver.address))
    login = Login(db)
    wait_until(lambda: guard.query("SELECT told_rule FROM incident") == [("told",)], "it is recorded that it is told", 30)
    getattr(guard, how)()
    guard.start(wait_for=None)
    guard.expect(LEADS, times=2)
    guard.polls_on()
    wait_until(lambda: guard.query("SELECT count(*) FROM gap") == [(1,)], "the gap is recorded")
    course = program.json("history", "show", 1, "--history", guard.history)["timeline"]
    gap, = [moment for moment in course if moment["event"] == "gap"]
    assert "the guard was away" in gap["text"]
    # what is worse is told on
    for _ in range(10):
        db.session(application="login-service").block(UPDATE_LOGIN)
    wait_until(lambda: receiver.kinds()[-1] == "incident_escalated", "that it is worse is told")
    login.holder.run("COMMIT")
    wait_until(lambda: receiver.kinds()[-1] == "incident_ended", "the end is told", 30)
    wait_until(lambda: is_over(guard), "it is over", 30)
    assert receiver.kinds() == ["incident_started", "incident_escalated", "incident_ended"]
    assert guard.log().count("kind=incident_started") == 1
    # who gets the row afterwards may hold it for a moment, which is another one
    assert guard.query("SELECT id FROM incident WHERE root ->> 'pid' = ?", login.holder.pid) == [(1,)]
    guard.stop()


def test_what_ended_while_no_guard_looked_is_told(make_guard, db, receiver):
    """Whoever was told of a beginning hears of the end."""
    guard = make_guard(rule("told", action="notify"), notify=section("notify", "ops", webhook=receiver.address))
    login = Login(db)
    wait_until(lambda: guard.query("SELECT told_rule FROM incident") == [("told",)], "it is recorded that it is told", 30)
    guard.kill()
    login.holder.run("COMMIT")
    assert login.all_get_in()
    guard.start(wait_for=None)
    wait_until(lambda: receiver.kinds()[-1] == "incident_ended", "the end is told", 30)
    assert receiver.kinds() == ["incident_started", "incident_ended"]
    guard.expect("it was over when the server was looked at again")
    guard.stop()
