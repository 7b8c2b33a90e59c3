"""Advisory locks: an idle session can hold one, outside of any transaction."""

import pytest

from rig import documents


def held(db, call, **conninfo):
    holder = db.session(application="job-runner", **conninfo)
    holder.run(f"SELECT pg_advisory_lock({call})")
    assert db.server.state(holder.pid) == "idle"
    waiter = db.waiter(f"SELECT pg_advisory_lock({call})", by=[holder], application="job-runner")
    return holder, waiter


@pytest.mark.parametrize("call, key", [("42", "42"), ("-1", "-1"), ("9007199254740993", "9007199254740993"),
                                       ("-9223372036854775808", "-9223372036854775808")])
def test_key_in_the_tree_is_a_string(pgunlock, db, call, key):
    holder, waiter = held(db, call)
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    target = documents.session(document, waiter)["wait"]["target"]
    assert (target["type"], target["advisory_key"]) == ("advisory", key)
    assert key in target["text"]


def test_two_keys_are_no_one_key(pgunlock, db):
    holder, waiter = held(db, "1, 2")
    target = documents.session(pgunlock.json("tree"), waiter)["wait"]["target"]
    assert "1" in target["advisory_key"] and "2" in target["advisory_key"]
    assert target["advisory_key"] != str((1 << 32) | 2)
    document = pgunlock.json("release", "--waiter", waiter.pid, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


@pytest.mark.parametrize("selector", ["session", "waiter"])
def test_release(pgunlock, db, selector):
    holder, waiter = held(db, "42")
    other, other_waiter = held(db, "43")
    arguments = [holder.pid] if selector == "session" else ["--waiter", waiter.pid]
    document = pgunlock.json("release", *arguments, "--yes")
    assert documents.acts(document) == {holder.id: "terminate"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    assert db.all_alive(other)
    assert db.server.waits(other_waiter.pid)


def test_plan_warns_of_a_pooler(pgunlock, db):
    holder, _ = held(db, "42")
    out = pgunlock("release", "--all", "--dry-run").expect(0).out
    assert "pool" in out
    assert db.all_alive(holder)


def test_cancel_does_nothing_to_it(pgunlock, db):
    holder, waiter = held(db, "42")
    pgunlock("cancel", holder.pid, "--yes").expect(5)
    assert db.all_alive(holder)
    assert db.server.waits(waiter.pid)


def test_nobody_waits_for_it(pgunlock, db):
    session = db.session()
    session.run("SELECT pg_advisory_lock(44)")
    document = pgunlock.json("release", "--all", "--yes")
    assert document["plan"] == []
    assert db.all_alive(session)


def test_shared_holders_of_a_key_end_together(pgunlock, db):
    holders = [db.session() for _ in range(2)]
    for holder in holders:
        holder.run("SELECT pg_advisory_lock_shared(42)")
    waiter = db.waiter("SELECT pg_advisory_lock(42)", by=holders)
    document = pgunlock.json("release", "--all", "--yes")
    assert documents.results(document) == {holder.id: "freed" for holder in holders}
    assert waiter.error() is None


def test_unlocked_before_the_yes(pgunlock, db):
    holder, waiter = held(db, "42")
    terminal = pgunlock.terminal("release", "--all")
    terminal.expect_question()
    holder.run("SELECT pg_advisory_unlock(42)")
    assert waiter.error() is None
    terminal.type("y\r")
    assert terminal.end() == 0
    assert db.all_alive(holder)


def test_unlocked_just_before_the_signal(pgunlock, db, proxy):
    holder, waiter = held(db, "42")
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=holder.pid)
    arguments = ("release", "--all", "--yes", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    holder.run("SELECT pg_advisory_unlock(42)")
    assert waiter.error() is None
    hold.release()
    finished = pgunlock.finish(process, arguments).expect(0)
    assert documents.results(finished.json) == {holder.id: "already_gone"}
    assert db.all_alive(holder)


def test_same_key_in_another_database_is_another_lock(pgunlock, db):
    holder, waiter = held(db, "42")
    elsewhere = db.session(dbname="postgres", application="innocent")
    elsewhere.run("SELECT pg_advisory_lock(42)")
    assert db.server.blocking_pids(waiter.pid) == {holder.pid}
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    document = pgunlock.json("release", "--all", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    assert db.all_alive(elsewhere)
