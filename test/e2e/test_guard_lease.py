"""Of several guards of one server one acts, and another takes over when that one is gone."""

import pytest

from rig.database import Database, wait_gone
from rig.guard import LEADS, Guard, conninfo, lease_holders, rule
from rig.incidents import Login
from rig.waiting import wait_until

FOLLOWS = "another guard has the lease"
SPLIT = "another database"


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(name, *rules, server=None, **options):
        # all of a jam wait before anybody is ended
        rules = rules or (rule(blocked_for="500ms"),)
        return Guard(program, tmp_path, {"main": server or conninfo(db)}, rules, name=name, **options)
    return make


def all_acts(*guards):
    return [act for guard in guards for act in guard.acts()]


@pytest.mark.smoke
def test_one_acts(make_guard, db):
    first = make_guard("first").start()
    second = make_guard("second").start(wait_for=FOLLOWS)
    for _ in range(3):
        login = Login(db)
        assert login.all_get_in()
    wait_until(lambda: sum(len(results) for results in first.results().values()) == 3, "the acts are verified")
    assert second.acts() == []
    assert second.metrics()['pgunlock_lease_held{server="main"}'] == 0
    assert first.metrics()['pgunlock_lease_held{server="main"}'] == 1
    # the one that follows records, too
    wait_until(lambda: second.query("SELECT count(*) FROM incident WHERE ended_at IS NOT NULL")[0][0] == 3
               or second.query("SELECT count(*) FROM incident")[0][0] < 3, "it records")
    first.stop()
    second.expect(LEADS)
    second.stop()


@pytest.mark.smoke
def test_takes_over_within_two_polls(make_guard, db):
    first = make_guard("first", poll="1s").start()
    second = make_guard("second", poll="1s").start(wait_for=FOLLOWS)
    assert len(lease_holders(db)) == 1
    first.kill()
    second.expect(LEADS, timeout=2.2)
    login = Login(db)
    assert login.all_get_in()
    assert [act[1] for act in second.acts()] == [login.holder.id]
    second.stop()


@pytest.mark.slow(300)
def test_never_two_acts(make_guard, db):
    """Guards are killed while they act, again and again: each leaked session is ended once, by whichever of them, and
    nobody else is."""
    ended = "terminating connection due to administrator command"
    before = db.server.log.read_text().count(ended)
    for number in range(10):
        first = make_guard(f"first{number}", poll="100ms").start()
        second = make_guard(f"second{number}", poll="100ms").start(wait_for=FOLLOWS)
        login = Login(db)
        wait_until(lambda: first.acts(), "the first one acts")
        first.kill()
        assert login.all_get_in()
        second.expect(LEADS)
        second.polls_on(3)
        # one may have been killed between saying so and doing it
        assert {act[1] for act in all_acts(first, second)} == {login.holder.id}
        assert db.server.log.read_text().count(ended) == before + number + 1
        db.all_alive(*login.waiters)
        second.stop()
        for waiter in login.waiters:
            waiter.close()


def test_guards_in_two_databases_do_nothing(make_guard, db):
    """Advisory locks belong to a database: both would have the lease."""
    other = Database.fresh(db.server)
    first = make_guard("first").start()
    second = make_guard("second", server=conninfo(other)).start(wait_for=SPLIT)
    login = Login(db)
    assert login.all_get_in()
    wait_until(lambda: first.results(), "the first one acts")
    assert second.acts() == []
    assert lease_holders(db) == lease_holders(other) and len(lease_holders(db)) == 1
    first.stop()
    second.stop()
    other.leave()


def test_an_act_needs_the_lease(make_guard, db):
    """Somebody else takes the same key in another database behind the guard's back: not a single signal goes out."""
    other = Database.fresh(db.server)
    intruder = other.session()
    guard = make_guard("first", rule(blocked_for="500ms")).start()
    login = Login(db)
    intruder.run("SELECT pg_advisory_lock(1885828462, 1819239275)")
    guard.expect("hasn't the lease")
    assert login.nothing_moved()
    intruder.run("SELECT pg_advisory_unlock_all()")
    guard.stop()
    other.leave()


def test_a_guard_that_is_only_dry_takes_no_lease(make_guard, db):
    dry = make_guard("dry", dry_run="true").start(wait_for="connected")
    first = make_guard("first").start()
    login = Login(db)
    assert login.all_get_in()
    dry.expect("would")
    assert dry.acts() == []
    dry.stop()
    first.stop()


def test_never_through_a_pooler(make_guard, db, pgbouncer):
    place = f"host=127.0.0.1 port={pgbouncer.port} dbname={db.name} user=pgunlock"
    guard = make_guard("first", server=place).start(wait_for="a connection pooler is in between")
    login = Login(db)
    failures = 'pgunlock_connect_failures_total{server="main"}'
    wait_until(lambda: guard.metrics()[failures] >= 3, "it tries again")
    assert login.nothing_moved() and lease_holders(db) == []
    guard.stop()


def test_what_is_left_of_a_lost_connection(make_guard, db, make_proxy):
    """The server hasn't noticed yet that it is lost, and it has the lease: that is no other guard."""
    proxy = make_proxy(db.server)
    guard = make_guard("first", server=conninfo(db, port=proxy.port)).start()
    left, = lease_holders(db)
    proxy.lose()
    guard.expect(f"a connection that this guard had before still has the lease (backend {left})", timeout=40)
    assert lease_holders(db) == [left] and FOLLOWS not in guard.log()
    guard.polls_on()
    assert guard.log().count("still has the lease") == 1
    # somebody else is faster when the server notices
    other = db.session()
    other.block("SELECT pg_advisory_lock(1885828462, 1819239275)")
    db.server.rows("SELECT pg_terminate_backend(%s)", left)
    guard.expect(f"{FOLLOWS} (backend {other.pid})")
    other.result()
    other.run("SELECT pg_advisory_unlock_all()")
    guard.expect(LEADS, times=2)
    login = Login(db)
    assert login.all_get_in()
    guard.stop()


def test_lease_goes_with_the_connection(make_guard, db):
    """The guard's own backend is ended: it comes back and gets the lease anew."""
    guard = make_guard("first").start()
    own = lease_holders(db)
    db.server.rows("SELECT pg_terminate_backend(%s)", own[0])
    guard.expect(LEADS, times=2)
    assert lease_holders(db) != own
    login = Login(db)
    assert login.all_get_in()
    wait_gone(db.server, login.holder)
    guard.stop()
