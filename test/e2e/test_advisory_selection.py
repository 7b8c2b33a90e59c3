"""Advisory keys as a selector, and the crashed migrator: a session that is idle outside any transaction and still holds
a key is ended on its identity, and only while it holds that key, whichever way it was chosen."""

import csv
import io
import time

import pytest

from rig import documents
from rig.database import Database

KEYS = ["42", "-7", "0", "9223372036854775807", "-9223372036854775808", "1,2", "-1,-2", "2147483647,-2147483648"]


class Jam:
    """A holder that is idle outside any transaction, and a waiter."""

    def __init__(self, db, key="42", application="migrator"):
        self.db = db
        self.key = key
        self.holder = db.session(application=application, user="deploy")
        self.holder.run(f"SELECT pg_advisory_lock({key})")
        assert db.server.state(self.holder.pid) == "idle"
        self.waiter = db.waiter(f"SELECT pg_advisory_lock({key})", by=[self.holder], application=application)

    def unlock(self):
        self.holder.run(f"SELECT pg_advisory_unlock({self.key})")
        assert self.waiter.error() is None

    def is_untouched(self):
        return self.db.all_alive(self.holder, self.waiter) and self.db.server.waits(self.waiter.pid)


@pytest.fixture
def elsewhere(db):
    """Another database, where the same keys are other locks."""
    other = Database(db.server)
    yield other
    other.drop()


@pytest.mark.parametrize("key", KEYS)
def test_release(pgunlock, db, elsewhere, key):
    jam = Jam(db, key)
    others = [Jam(elsewhere, key), Jam(db, "3"), Jam(db, "4, 5")]
    document = pgunlock.json("release", "--advisory", key, "--yes")
    assert documents.acts(document) == {jam.holder.id: "terminate"}
    assert documents.results(document) == {jam.holder.id: "freed"}
    assert jam.waiter.error() is None
    assert all(other.is_untouched() for other in others)


@pytest.mark.parametrize("key", ["42", "-1,-2"])
def test_terminate(pgunlock, db, elsewhere, key):
    jam = Jam(db, key)
    others = [Jam(elsewhere, key), Jam(db, "3")]
    document = pgunlock.json("terminate", "--advisory", key, "--yes")
    assert documents.results(document) == {jam.holder.id: "freed"}
    assert jam.waiter.error() is None
    assert all(other.is_untouched() for other in others)


def test_the_two_kinds_are_not_mixed_up(pgunlock, db):
    jam = Jam(db, str((1 << 32) | 2))
    pair = Jam(db, "1,2")
    pgunlock("terminate", "--advisory", "3,4", "--dry-run").expect(3)
    document = pgunlock.json("release", "--advisory", "1,2", "--yes")
    assert documents.results(document) == {pair.holder.id: "freed"}
    assert jam.is_untouched()


def test_cancel(pgunlock, db):
    jam = Jam(db)
    pgunlock("cancel", "--advisory", "42", "--yes").expect(5)
    assert jam.is_untouched()
    running = db.transaction("SELECT pg_advisory_xact_lock(43)")
    waiter = db.waiter("SELECT pg_advisory_lock(43)", by=[running])
    running.send("SELECT pg_sleep(600)")
    document = pgunlock.json("cancel", "--advisory", "43", "--yes")
    assert documents.results(document) == {running.id: "freed"}
    assert running.error() == "57014"
    assert waiter.error() is None


def test_narrows(pgunlock, db):
    jam = Jam(db)
    shared = db.session(user="bi", application="report")
    shared.run("SELECT pg_advisory_lock_shared(44)")
    other = db.session(user="deploy", application="migrator")
    other.run("SELECT pg_advisory_lock_shared(44)")
    db.waiter("SELECT pg_advisory_lock(44)", by=[shared, other])

    def selected(*arguments):
        return set(documents.acts(pgunlock.json("terminate", *arguments, "--dry-run")))
    assert selected("--advisory", "44") == documents.ids(shared, other)
    assert selected("--advisory", "44", "--user", "bi") == documents.ids(shared)
    assert selected("--advisory", "44", "--application", "migr*") == documents.ids(other)
    assert selected("--advisory", "44", "--mode", "ShareLock", "--blocking") == documents.ids(shared, other)
    assert selected("--user", "deploy") == documents.ids(jam.holder, other)
    pgunlock("terminate", "--advisory", "44", "--mode", "ExclusiveLock", "--dry-run").expect(3)
    pgunlock("terminate", "--advisory", "44", "--idle-in-transaction-for", "0s", "--dry-run").expect(3)


def test_holders_that_block_nobody(pgunlock, db, elsewhere):
    holder = db.session()
    holder.run("SELECT pg_advisory_lock(42)")
    innocent = db.session()
    innocent.run("SELECT pg_advisory_lock(43)")
    foreign = elsewhere.session()
    foreign.run("SELECT pg_advisory_lock(42)")
    pgunlock("terminate", "--advisory", "42", "--yes").expect(3)
    document = pgunlock.json("release", "--advisory", "42", "--yes")
    assert document["plan"] == []
    document = pgunlock.json("terminate", "--advisory", "42", "--all-holders", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert db.all_alive(innocent, foreign)


def test_who_holds_the_key_may_wait_itself(pgunlock, db):
    root = db.transaction("LOCK TABLE orders")
    middle = db.session()
    middle.run("SELECT pg_advisory_lock(42)")
    middle.block("SELECT * FROM orders", by=[root])
    waiter = db.waiter("SELECT pg_advisory_lock(42)", by=[middle])
    pgunlock("terminate", "--advisory", "42", "--yes").expect(3)
    document = pgunlock.json("release", "--advisory", "42", "--dry-run")
    assert documents.acts(document) == {root.id: "terminate"}
    assert db.all_alive(root, middle, waiter)


@pytest.mark.parametrize("key", ["", "x", "4x", "1,2,3", "9223372036854775808", "2147483648,1", "1.5"])
def test_bad_key(pgunlock, key):
    for command in ("release", "locks"):
        finished = pgunlock(command, f"--advisory={key}").expect(2)
        error, hint = finished.err.splitlines()
        assert error.startswith("pgunlock: error: --advisory: ") and f'"{key}"' in error
        assert hint.startswith("hint: ") and "1,2" in hint


def test_wrong_usage(pgunlock):
    finished = pgunlock("locks", "--advisory", "42").expect(2)
    assert "hint: --advisory=42" in finished.err
    pgunlock("release", "--advisory", "42", "--table", "orders").expect(2)


SELECTORS = {
    "session": lambda jam: ("release", jam.holder.pid),
    "waiter": lambda jam: ("release", "--waiter", jam.waiter.pid),
    "all": lambda jam: ("release", "--all"),
    "advisory": lambda jam: ("release", "--advisory", "42"),
    "user": lambda jam: ("release", "--all", "--user", "deploy"),
    "terminate advisory": lambda jam: ("terminate", "--advisory", "42"),
    "terminate application": lambda jam: ("terminate", "--application", "migrator"),
    "terminate mode": lambda jam: ("terminate", "--mode", "ExclusiveLock"),
    "terminate all holders of the key": lambda jam: ("terminate", "--advisory", "42", "--all-holders"),
    "terminate all holders": lambda jam: ("terminate", "--application", "migrator", "--all-holders"),
}


@pytest.mark.parametrize("selector", SELECTORS)
def test_crashed_migrator_is_ended(pgunlock, db, selector):
    jam = Jam(db)
    arguments = SELECTORS[selector](jam)
    plan = pgunlock(*arguments, "--dry-run").expect(0)
    assert "Behind a pooler the name shown is that of" in " ".join(plan.out.split())
    document = pgunlock.json(*arguments, "--yes")
    assert documents.results(document) == {jam.holder.id: "freed"}
    assert jam.waiter.error() is None


@pytest.mark.parametrize("selector", SELECTORS)
def test_only_while_it_holds_the_key(pgunlock, db, proxy, selector):
    jam = Jam(db)
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=jam.holder.pid)
    arguments = (*SELECTORS[selector](jam), "--yes", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    jam.unlock()
    hold.release()
    document = pgunlock.finish(process, arguments).expect(0).json
    assert documents.results(document) == {jam.holder.id: "already_gone"}
    assert db.all_alive(jam.holder, jam.waiter)


@pytest.mark.parametrize("selector", ["advisory", "terminate all holders of the key"])
def test_key_taken_by_another_before_the_yes(pgunlock, db, selector):
    jam = Jam(db)
    terminal = pgunlock.terminal(*SELECTORS[selector](jam))
    terminal.expect_question()
    jam.unlock()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert db.all_alive(jam.holder, jam.waiter)


def test_status(pgunlock, db):
    jam = Jam(db)
    screen = pgunlock("status").expect(0).out
    words = " ".join(screen.split())
    assert f"{jam.holder.pid} migrator deploy@127.0.0.1 idle for" in words
    assert "holds ExclusiveLock on advisory key 42" in words
    assert "terminate, because it holds a session-level advisory lock outside any transaction" in words
    assert "blocks 1 session; ending this one frees it" in words
    assert f"release -h 127.0.0.1 -p {db.server.port} -U pgunlock -d {db.name} {db.server.log_id(jam.holder.pid)}" in words
    document = pgunlock.json("status")
    root = documents.session(document, jam.holder)
    assert (root["state"], root["xact_start"], root["is_root"]) == ("idle", None, True)


def locks(pgunlock, *arguments):
    return pgunlock.json("locks", *arguments)["locks"]


def keys(rows):
    return sorted((row["session"], row["target"]["advisory_key"], row["granted"]) for row in rows)


def test_locks(pgunlock, db, elsewhere):
    jam = Jam(db)
    pair = Jam(db, "-1,2")
    foreign = elsewhere.session()
    foreign.run("SELECT pg_advisory_lock(42)")
    db.transaction("LOCK TABLE orders")
    ours = [(jam.holder.id, "42", True), (jam.waiter.id, "42", False)]
    theirs = [(foreign.id, "42", True)]
    assert keys(locks(pgunlock, "--advisory")) == sorted(
        [*ours, (pair.holder.id, "-1,2", True), (pair.waiter.id, "-1,2", False)])
    assert keys(locks(pgunlock, "--advisory=42")) == sorted(ours)
    assert keys(locks(pgunlock, "--advisory=42", "--waiting")) == [ours[1]]
    assert keys(locks(pgunlock, "--advisory=42", "--all-databases")) == sorted(ours + theirs)
    assert {row["session"] for row in locks(pgunlock, "--advisory", "--all-databases")} >= {foreign.id}
    assert locks(pgunlock, "--advisory=7") == []
    out = pgunlock("locks", "--advisory").expect(0).out
    assert "advisory key 42" in out and "advisory key -1,2" in out and "orders" not in out
    out = pgunlock("locks", "--advisory=-1,2", "--format", "csv").expect(0).out
    table = list(csv.DictReader(io.StringIO(out, newline="")))
    assert {row["target"] for row in table} == {"advisory key -1,2"}
    assert {row["session"] for row in table} == documents.ids(pair.holder, pair.waiter)


def test_key_of_another_database_than_ours(pgunlock, db, elsewhere):
    """Whoever forgets -d is told that somebody waits all the same."""
    jam = Jam(db)
    astray = pgunlock.at(dbname=elsewhere.name)("release", "--advisory", "42").expect(0)
    assert "Nobody waits for what was selected" in astray.out
    assert "1 waits for something else:" in astray.out and "pgunlock status" in astray.out
    assert jam.is_untouched()


def test_key_of_a_session_that_has_other_work_by_now(pgunlock, db):
    """As behind a pooler: the connection keeps the key, and is another client's by the time of the yes."""
    connection = db.session(application="migrator")
    connection.run("SELECT pg_advisory_lock(42)")
    waiter = db.waiter("SELECT pg_advisory_lock(42)", by=[connection])
    terminal = pgunlock.terminal("release", "--advisory", "42")
    terminal.expect_question()
    connection.run("BEGIN")
    connection.run("UPDATE orders SET note = 'x' WHERE id = 1")
    began = time.monotonic()
    terminal.type("y\r")
    assert terminal.end() == 4
    assert time.monotonic() - began < 10, "there is nothing to wait for"
    words = " ".join(terminal.seen.split())
    assert f"Nothing was done: {connection.pid} is still there, with other work, and 1 session waits for it." in words
    assert "0 of 1 waiter moved on" in words and "Gone by itself" not in words
    assert "pgunlock status" in words.rsplit("To look again:")[1] and "To go on:" not in words
    assert db.all_alive(connection, waiter)
