"""A migration waits behind a reader, and everybody else behind the migration: cancelling the migration loses nothing."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.incidents import DdlQueue
from rig.waiting import wait_until


@pytest.fixture
def jam(db):
    return DdlQueue(db)


@pytest.mark.smoke
def test_tree(pgunlock, jam):
    document = pgunlock.json("tree")
    assert document["roots"] == [jam.reader.id]
    assert document["summary"]["blocked"] == 4
    reader, ddl = documents.session(document, jam.reader), documents.session(document, jam.ddl)
    assert (reader["blocked_total"], reader["freed_alone"]) == (4, 4)
    assert reader["has_written"] is False
    assert (ddl["blocked_total"], ddl["freed_alone"]) == (3, 3)
    assert ddl["wait"]["mode"] == "AccessExclusiveLock"
    assert ddl["wait"]["target"]["relation"] == "orders"
    kinds = {(edge["waiter"], edge["blocker"]): edge["kind"] for edge in document["edges"]}
    assert kinds == {(jam.ddl.id, jam.reader.id): "hard", **{(one.id, jam.ddl.id): "soft" for one in jam.queue}}


def test_status_shows_both_ways_out(pgunlock, jam):
    out = pgunlock("status").expect(0).out
    assert str(jam.reader.pid) in out and str(jam.ddl.pid) in out
    assert "--prefer" in out


@pytest.mark.smoke
def test_release_cancels_the_queued_ddl(pgunlock, jam, db):
    document = pgunlock.json("release", "--table", "orders", "--yes")
    assert documents.acts(document) == {jam.ddl.id: "cancel"}
    assert documents.plan_item(document, jam.ddl)["frees"] == 3
    assert documents.results(document) == {jam.ddl.id: "freed"}
    assert documents.waiters(document) == (3, 0, 0)
    assert jam.ddl.error() == "57014"
    for one in jam.queue:
        assert one.error() is None
    assert db.all_alive(jam.reader, jam.ddl, *jam.queue)
    assert db.server.state(jam.reader.pid) == "idle in transaction"
    jam.reader.run("COMMIT")


def test_prefer_holder_ends_the_reader(pgunlock, jam, db):
    document = pgunlock.json("release", "--table", "orders", "--prefer", "holder", "--yes")
    assert documents.acts(document) == {jam.reader.id: "terminate"}
    assert documents.results(document) == {jam.reader.id: "freed"}
    assert document["waiters"]["still_waiting"] == 0
    wait_gone(db.server, jam.reader)
    assert jam.ddl.error() is None
    for one in jam.queue:
        assert one.error() is None


def test_plan_offers_the_holder_beside_it(pgunlock, jam, db):
    out = pgunlock("release", "--table", "orders", "--dry-run").expect(0).out
    assert str(jam.ddl.pid) in out and str(jam.reader.pid) in out
    assert "--prefer holder" in out
    assert db.server.waits(jam.ddl.pid)


def test_release_for_the_ddl_itself_ends_the_reader(pgunlock, jam):
    document = pgunlock.json("release", "--waiter", jam.ddl.pid, "--yes")
    assert documents.results(document) == {jam.reader.id: "freed"}
    assert jam.ddl.error() is None


def test_ddl_alone_in_the_queue_is_not_cancelled(pgunlock, db):
    # nobody is behind it: cancelling it would free nobody
    jam = DdlQueue(db, readers=0)
    document = pgunlock.json("release", "--table", "orders", "--yes")
    assert documents.results(document) == {jam.reader.id: "freed"}
    assert jam.ddl.error() is None


def test_three_readers_ahead_are_ended_together_or_not_at_all(pgunlock, db):
    readers = [db.transaction("SELECT count(*) FROM orders", application="reporting", user="bi") for _ in range(3)]
    ddl = db.waiter("ALTER TABLE orders ADD COLUMN due date", by=readers, user="deploy")
    behind = db.waiter("SELECT count(*) FROM orders", by=[ddl])
    document = pgunlock.json("tree")
    assert set(document["roots"]) == documents.ids(*readers)
    assert all(documents.session(document, reader)["freed_alone"] == 0 for reader in readers)
    document = pgunlock.json("release", "--table", "orders", "--prefer", "holder", "--yes")
    assert documents.results(document) == {reader.id: "freed" for reader in readers}
    assert ddl.error() is None and behind.error() is None


def test_running_reader_is_cancelled_not_terminated(pgunlock, db):
    reader = db.session(application="reporting", user="bi").send("SELECT pg_sleep(600) FROM orders")
    wait_until(lambda: db.locks_on("orders", reader), "the reader has its lock")
    ddl = db.waiter("ALTER TABLE orders ADD COLUMN due date", by=[reader], user="deploy")
    document = pgunlock.json("release", "--table", "orders", "--prefer", "holder", "--yes")
    assert documents.acts(document) == {reader.id: "cancel"}
    assert documents.results(document) == {reader.id: "freed"}
    assert reader.error() == "57014"
    assert db.all_alive(reader)
    assert ddl.error() is None
