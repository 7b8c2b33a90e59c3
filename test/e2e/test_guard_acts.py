"""The guard carries its rules out: the right act, on the right session, and on no other."""

import re

import pytest

from rig.database import wait_gone
from rig.guard import Guard, conninfo, rule
from rig.incidents import UPDATE_LOGIN, DdlQueue, Login, ShareLockers
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, db, tmp_path):
    """Makes guards of the test's database, which end with the test; by default one that leads."""
    def make(*rules, start=True, **options):
        guard = Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options)
        return guard.start() if start else guard
    return make


@pytest.mark.smoke
def test_terminates_the_leaked_login(make_guard, db):
    login = Login(db)
    guard = make_guard(rule("leaked-login", state="idle in transaction", table="login_sessions"))
    assert login.all_get_in()
    wait_gone(db.server, login.holder)
    wait_until(lambda: guard.results() == {login.holder.id: ["freed"]}, "the act is verified")
    assert guard.acts() == [("leaked-login", login.holder.id, "terminate")]
    guard.stop()


@pytest.mark.smoke
def test_victims_are_spared(make_guard, db):
    """Everybody matches; only the one in whose way they all are is ended."""
    login = Login(db, waiters=4)
    other = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="bystander")
    guard = make_guard(rule())
    assert login.all_get_in()
    wait_until(lambda: guard.results(), "the act is verified")
    db.all_alive(other, *login.waiters)
    assert [act[1] for act in guard.acts()] == [login.holder.id]
    guard.stop()


@pytest.mark.smoke
def test_cancels_a_running_statement(make_guard, db):
    holder = db.session(application="batch")
    holder.run("BEGIN")
    holder.run("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    holder.send("SELECT pg_sleep(100)")
    waiter = db.waiter("SELECT count(*) FROM orders", by=[holder])
    guard = make_guard(rule("batch", action="cancel", application="batch", state="active"))
    assert waiter.error() is None
    assert holder.error() == "57014"
    assert guard.acts() == [("batch", holder.id, "cancel")]
    db.all_alive(holder)
    guard.stop()


@pytest.mark.smoke
def test_release_takes_the_right_act(make_guard, db):
    """Terminate for the idle one, cancel for the one that runs."""
    login = Login(db)
    runs = db.session(application="batch")
    runs.run("BEGIN")
    runs.run("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    runs.send("SELECT pg_sleep(100)")
    waiter = db.waiter("SELECT count(*) FROM orders", by=[runs])
    guard = make_guard(rule(action="release", cooldown="0"))
    assert login.all_get_in() and waiter.error() is None
    assert runs.error() == "57014"
    assert {(act[1], act[2]) for act in guard.acts()} == {(login.holder.id, "terminate"), (runs.id, "cancel")}
    guard.stop()


def test_rolls_a_prepared_transaction_back(make_guard, db):
    holder = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", user="pgunlock")
    holder.run("PREPARE TRANSACTION 'forgotten'")
    waiter = db.session(application="shop")
    waiter.block("UPDATE orders SET note = 'y' WHERE id = 1")
    guard = make_guard(rule("forgotten", action="rollback_prepared", in_transaction_for="100ms"))
    assert waiter.error() is None
    assert guard.acts() == [("forgotten", "gid:forgotten", "rollback_prepared")]
    assert db.server.value("SELECT count(*) FROM pg_prepared_xacts") == 0
    wait_until(lambda: guard.results() == {"gid:forgotten": ["freed"]}, "the act is verified")
    guard.stop()


def test_a_prepared_transaction_of_another_database(program, db, tmp_path):
    holder = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", user="pgunlock")
    holder.run("PREPARE TRANSACTION 'elsewhere'")
    waiter = db.session(application="shop")
    waiter.block("UPDATE orders SET note = 'y' WHERE id = 1")
    guard = Guard(program, tmp_path, {"main": conninfo(db, dbname="postgres")}, [rule(action="rollback_prepared")]).start()
    assert waiter.error() is None
    assert db.server.value("SELECT count(*) FROM pg_prepared_xacts") == 0
    guard.stop()


def test_the_first_rule_that_matches_decides(make_guard, db):
    login = Login(db)
    guard = make_guard(rule("protect", action="none", application="login-*", blocked_for=None), rule())
    other = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
    waiter = db.waiter("UPDATE orders SET note = 'y' WHERE id = 1", by=[other])
    assert waiter.error() is None
    assert login.nothing_moved()
    assert [act[1] for act in guard.acts()] == [other.id]
    guard.stop()


def test_a_dry_run_does_nothing_and_says_what_it_would_do(make_guard, db):
    login = Login(db)
    guard = make_guard(rule("leaked"), dry_run="true", start=False).start(wait_for="dry_run")
    guard.expect("rule leaked would")
    guard.polls_on(3)
    assert login.nothing_moved()
    assert guard.log().count("rule leaked would") == 1
    assert guard.audit_lines() == []
    assert guard.query("SELECT act, dry_run FROM act") == [("terminate", 1)]
    guard.stop()


def test_co_holders_end_together_or_not_at_all(make_guard, db):
    """One of three is protected: to end the other two would free nobody."""
    special = db.transaction(application="untouchable")
    share = ShareLockers(db, sharers=2, others=[special])
    guard = make_guard(rule("protect", action="none", application="untouchable", blocked_for=None),
                       rule("sharers", limit="10/1m"))
    guard.expect("ending this one alone frees nobody", times=2)
    db.all_alive(*share.sharers)
    special.run("COMMIT")
    assert share.writer.error() is None
    wait_until(lambda: len(guard.results()) == 2, "both are ended")
    guard.stop()


def test_queued_ddl_is_judged_by_itself(make_guard, db):
    jam = DdlQueue(db)
    guard = make_guard(rule("migrations", action="cancel", statement="^alter table", blocked_sessions="3"))
    assert all(reader.error() is None for reader in jam.queue)
    assert jam.ddl.error() == "57014"
    db.all_alive(jam.reader)
    assert guard.acts() == [("migrations", jam.ddl.id, "cancel")]
    guard.stop()
    # the incident is that of the reader, for which it waited
    assert guard.query("SELECT count(*) FROM act JOIN incident ON incident.id = act.incident") == [(1,)]


def test_a_queued_request_is_left_alone_when_the_holder_ends(make_guard, db):
    jam = DdlQueue(db)
    guard = make_guard(rule())
    assert jam.ddl.error() is None and all(reader.error() is None for reader in jam.queue)
    wait_until(lambda: guard.results(), "the act is verified")
    assert [act[1] for act in guard.acts()] == [jam.reader.id]
    guard.stop()


def test_sessions_that_block_nobody_are_left_alone(make_guard, db):
    idle = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
    login = Login(db)
    guard = make_guard(rule(application="batch"), rule("login", application="login-service"))
    assert login.all_get_in()
    db.all_alive(idle)
    guard.stop()


def test_even_if_not_blocking(program, make_guard, db):
    idle = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
    busy = db.transaction(application="reporting")
    guard = make_guard(rule("stale", application="batch", state="idle in transaction", idle_for="300ms",
                            blocked_for=None, even_if_not_blocking="true"))
    wait_gone(db.server, idle)
    db.all_alive(busy)
    wait_until(lambda: guard.acts() == [("stale", idle.id, "terminate")], "it is in the audit log")
    guard.stop()
    act, = program.json("history", "--history", guard.history)["acts"]
    assert (act["session"], act["by"], act["result"]) == (idle.id, "stale", "freed")


def test_names_of_those_whom_nobody_waits_for(make_guard, db):
    """They are known in each look, though nobody waits for a lock: by user and database is judged, told and logged."""
    protected = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch", user="postgres")
    guard = make_guard(rule("protect", action="none", user="postgres", blocked_for=None),
                       rule("stale", database=db.name, application="batch", state="idle in transaction", idle_for="2s",
                            blocked_for=None, even_if_not_blocking="true"))
    idle = db.transaction("UPDATE orders SET note = 'x' WHERE id = 2", application="batch")
    wait_gone(db.server, idle)
    db.all_alive(protected)
    wait_until(lambda: guard.acts() == [("stale", idle.id, "terminate")], "it is in the audit log")
    guard.stop()
    assert "kind=policy_unknown" not in guard.log()
    acted, = [line for line in guard.log().splitlines() if "kind=acted" in line]
    assert "app_rw" in acted
    for line in guard.audit_lines():
        item, = line["plan"]
        assert (item["user"], item["database"]) == ("app_rw", db.name), line


def test_what_cannot_be_told_of_bystanders_is_told_once(make_guard, db):
    """The server's own processes have no state; nobody asks about them. A session whose state isn't tracked is told of
    once, also when looks that see nobody wait come in between."""
    untracked = db.session(user="postgres")
    untracked.run("SET track_activities = off")
    guard = make_guard(rule("forgotten", user="postgres", idle_for="10m", blocked_for=None, even_if_not_blocking="true"))
    guard.expect("kind=policy_unknown")
    guard.polls_on(12)
    told = [line for line in guard.log().splitlines() if "kind=policy_unknown" in line]
    assert len(told) == 1 and str(untracked.pid) in told[0], told
    guard.stop()


def test_what_cannot_be_told_is_left_alone(make_guard, db):
    """Whether a rule that would protect matches can't be told: the catalog with the table's name is locked. The rule
    below it would end the session."""
    guard = make_guard(rule("protect", action="none", blocked_for=None, table="stock"), rule(blocked_for="3s"))
    table = db.transaction("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[table])
    catalog = db.lock_catalog("pg_class")
    guard.expect("protect")
    guard.polls_on(2)
    db.all_alive(table)
    assert guard.log().count("rule protect") == 1 and guard.acts() == []
    assert re.search(r"kind=policy_unknown .* target=", guard.log())
    wait_until(lambda: guard.query("SELECT author, result FROM act WHERE incident = 1") == [("protect", "unknown")],
               "it is in the history")
    catalog.run("ROLLBACK")
    guard.stop()
    db.all_alive(table, waiter)


def test_no_privilege(make_guard, db):
    login = Login(db, user="postgres")
    guard = make_guard(rule())
    guard.expect("superuser")
    guard.polls_on(3)
    assert login.nothing_moved()
    assert guard.log().count("superuser's session") <= 2
    guard.stop()


def test_who_moves_on_is_no_culprit(make_guard, db):
    """When the culprit is ended the next in the queue gets the lock, and is in the way of all others, who have waited for
    long. It needs its time for its own work, and is left alone."""
    guard = make_guard(rule(blocked_for="1s", limit="100/1m", cooldown="0"), poll="100ms")
    holder = db.transaction("LOCK TABLE stock", application="culprit")
    waiters = [db.session(application=f"victim-{number}") for number in range(4)]
    for waiter in waiters:
        waiter.run("BEGIN")
        waiter.block("LOCK TABLE stock")
    for waiter in waiters:
        assert waiter.error() is None
        guard.polls_on(3)
        waiter.run("COMMIT")
    wait_gone(db.server, holder)
    assert [act[1] for act in guard.acts()] == [holder.id]
    guard.stop()
