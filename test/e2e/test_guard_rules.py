"""What a rule can ask for: each key, met and not met; and how often it may act."""

import datetime
import itertools
import re

import pytest

from rig.database import wait_gone
from rig.guard import Guard, conninfo, rule
from rig.incidents import Login, ShareLockers
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(*rules, **options):
        return Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options).start()
    return make


def hours(offset):
    """A time of day that is now, or isn't."""
    now = datetime.datetime.now()
    span = (now + datetime.timedelta(hours=offset - 1), now + datetime.timedelta(hours=offset + 1))
    return "-".join(f"{time:%H:%M}" for time in span)


# key -> (values that the leaked login meets, values that it doesn't)
KEYS = {
    "server": ("main", "!main"),
    "database": ("test_*", "postgres, template1"),
    "table": ("public.login_sessions, orders", "orders"),
    "target_type": ("tuple, transactionid", "relation"),
    "mode": ("*exclusive*", "AccessShareLock"),
    "user": ("app_*, !app_admin", "app_*, !app_rw"),
    "application": ("login-*", "batch-*"),
    "client": ("127.0.0.0/8", "10.0.0.0/8, local"),
    "backend_type": ("client backend", "autovacuum worker"),
    "state": ("idle in transaction", "active"),
    "statement": ("^update LOGIN_sessions", "^delete"),
    "in_transaction_for": ("100ms", "1h"),
    "idle_for": ("100ms", "1h"),
    "blocked_for": ("200ms", "1h"),
    "blocked_sessions": ("3", "4"),
    "hours": (hours(0), hours(12)),
}


@pytest.mark.parametrize("key", KEYS)
def test_key(make_guard, db, key):
    met, unmet = KEYS[key]
    login = Login(db)
    guard = make_guard(rule("unmet", **{key: unmet}))
    guard.polls_on()
    assert login.nothing_moved() and guard.acts() == []
    guard.write([rule("unmet", **{key: unmet}), rule("met", **{key: met})])
    guard.reload()
    assert login.all_get_in()
    wait_until(lambda: guard.acts() == [("met", login.holder.id, "terminate")], "it is in the audit log")
    guard.stop()


def test_keys_of_one_target(make_guard, db):
    """A table and a mode of two different targets don't make one that has both."""
    holder = db.transaction("UPDATE login_sessions SET token = 'x' WHERE user_id = 1")
    holder.run("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    db.waiter("UPDATE login_sessions SET token = 'y' WHERE user_id = 1", by=[holder])
    db.waiter("SELECT * FROM orders", by=[holder])
    guard = make_guard(rule(table="login_sessions", mode="AccessExclusiveLock"))
    guard.polls_on()
    db.all_alive(holder)
    guard.write([rule(table="orders", mode="AccessExclusiveLock")])
    guard.reload()
    wait_gone(db.server, holder)
    guard.stop()


def test_partitions(make_guard, db):
    holder = db.transaction("LOCK TABLE measurements_2024")
    db.waiter("SELECT * FROM measurements_2024", by=[holder])
    guard = make_guard(rule(table="measurements"))
    wait_gone(db.server, holder)
    guard.stop()


def test_table_of_another_database(program, db, tmp_path):
    login = Login(db)
    guard = Guard(program, tmp_path, {"main": conninfo(db, dbname="postgres")},
                  [rule(table=f"{db.name}.public.login_sessions")]).start()
    assert login.all_get_in()
    guard.stop()


def test_limit(make_guard, db):
    guard = make_guard(rule(limit="2/10m"))
    for _ in range(2):
        assert Login(db, waiters=1).all_get_in()
    login = Login(db, waiters=1)
    guard.expect("limit is used up")
    guard.polls_on()
    assert login.nothing_moved() and len(guard.acts()) == 2
    assert guard.log().count("reason=\"rule any's limit is used up (2 in 10m)") == 1
    held = guard.query("SELECT author, act, message FROM act WHERE result = 'limited' AND incident IS NOT NULL")
    (author, act, message), = held
    assert (author, act) == ("any", "terminate")
    assert re.fullmatch(r"rule any's limit is used up \(2 in 10m\): nothing is done by it for (9m\d\ds|10m)", message)
    assert guard.metrics()['pgunlock_acts_total{server="main",rule="any",result="limited"}'] == 1
    guard.stop()


def test_limits_are_each_rules_own(make_guard, db):
    guard = make_guard(rule("login", application="login-*", limit="1/10m"), rule("rest", limit="1/10m"))
    assert Login(db, waiters=1).all_get_in()
    other = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
    assert db.waiter("UPDATE orders SET note = 'y' WHERE id = 1", by=[other]).error() is None
    # the rule that matches first decides, also when it may not act any more
    login = Login(db, waiters=1)
    guard.expect("limit is used up")
    assert login.nothing_moved()
    assert [act[0] for act in guard.acts()] == ["login", "rest"]
    guard.stop()


def test_cooldown(make_guard, db):
    guard = make_guard(rule(cooldown="3s", limit="10/1m"))
    assert Login(db, waiters=1).all_get_in()
    login = Login(db, waiters=1)
    guard.polls_on()
    assert login.nothing_moved()
    assert login.all_get_in()
    first, second = [line["at"] for line in guard.audit_lines() if line["stage"] == "planned"]
    gap = datetime.datetime.fromisoformat(second) - datetime.datetime.fromisoformat(first)
    assert 2.9 <= gap.total_seconds() <= 5
    guard.stop()


def test_cooldown_among_those_of_one_look(make_guard, db):
    """They don't slip through together; who holds the same lock as another one ends with it, though."""
    holders = [db.transaction(f"UPDATE orders SET note = 'x' WHERE id = {number}") for number in (1, 2)]
    waiters = [db.waiter(f"UPDATE orders SET note = 'y' WHERE id = {number}", by=[holder])
               for number, holder in zip((1, 2), holders)]
    stock = ShareLockers(db, sharers=2)
    guard = make_guard(rule(cooldown="2s", limit="10/1m"))
    for waiter in (*waiters, stock.writer):
        assert waiter.error() is None
    at = {}
    for line in guard.audit_lines():
        if line["stage"] == "planned":
            at[line["plan"][0]["session"]] = datetime.datetime.fromisoformat(line["at"])
    moments = [at[holders[0].id], at[holders[1].id], at[stock.sharers[0].id]]
    assert abs((at[stock.sharers[0].id] - at[stock.sharers[1].id]).total_seconds()) < 1
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(sorted(moments))]
    assert min(gaps) >= 1.9, gaps
    guard.stop()


def test_circuit_breaker(make_guard, db):
    """An application blocks again right after its sessions were ended: it is left alone, others aren't."""
    guard = make_guard(rule(limit="20/1m", cooldown="0"), breaker="3/10m")
    for _ in range(3):
        assert Login(db, waiters=1).all_get_in()
    login = Login(db, waiters=1)
    guard.expect("breaker")
    guard.polls_on()
    assert login.nothing_moved() and len(guard.acts()) == 3
    assert guard.metrics()['pgunlock_open_breakers{server="main"}'] >= 1
    other = db.transaction("UPDATE orders SET note = 'x' WHERE id = 1", application="batch")
    assert db.waiter("UPDATE orders SET note = 'y' WHERE id = 1", by=[other]).error() is None
    # a reload closes it
    guard.reload()
    assert login.all_get_in()
    guard.stop()
