"""Several hold a lock together, of a table or of a row: ending one frees nobody, so release ends all of them or none."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.incidents import ShareLockers


def test_tree_shows_three_roots_that_free_nobody_alone(pgunlock, db):
    jam = ShareLockers(db)
    document = pgunlock.json("tree")
    assert set(document["roots"]) == documents.ids(*jam.sharers)
    for sharer in jam.sharers:
        entry = documents.session(document, sharer)
        assert (entry["blocked_total"], entry["freed_alone"]) == (1, 0)
    writer = documents.session(document, jam.writer)
    assert set(writer["waits_for"]) == documents.ids(*jam.sharers)
    assert writer["wait"]["target"]["relation"] == "stock"
    assert writer["wait"]["mode"] == "RowExclusiveLock"


def test_release_ends_all_three(pgunlock, db):
    jam = ShareLockers(db)
    innocent = db.transaction("SELECT count(*) FROM stock")
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.acts(document) == {sharer.id: "terminate" for sharer in jam.sharers}
    assert documents.results(document) == {sharer.id: "freed" for sharer in jam.sharers}
    assert all(item["frees"] == 0 for item in document["plan"]), "none of them frees anybody alone"
    assert document["waiters"]["granted"] == 1
    assert jam.writer.error() is None
    assert db.all_alive(innocent, jam.writer)


def test_plan_says_that_they_hold_together(pgunlock, db):
    jam = ShareLockers(db)
    out = pgunlock("release", "--table", "stock", "--dry-run").expect(0).out
    for sharer in jam.sharers:
        assert str(sharer.pid) in out
    assert "together" in out
    assert db.all_alive(*jam.sharers)


def test_one_of_them_protected_none_is_ended(pgunlock, db):
    # a client of the replication protocol runs SQL too: it is a walsender with locks
    walsender = db.transaction(user="replicator", replication="database")
    assert db.server.value("SELECT backend_type FROM pg_stat_activity WHERE pid = %s", walsender.pid) == "walsender"
    jam = ShareLockers(db, sharers=2, others=[walsender])
    for selector in (["--table", "stock"], ["--waiter", jam.writer.pid]):
        document = pgunlock.json("release", *selector, "--yes", exit_code=5)
        assert set(documents.refusals(document)) == documents.ids(*jam.sharers)
        assert "walsender" in documents.refusals(document)[walsender.id]
        assert db.all_alive(*jam.sharers)
        assert db.server.waits(jam.writer.pid)
    document = pgunlock.json("release", "--table", "stock", "--include-protected", "walsender", "--yes")
    assert documents.results(document) == {session.id: "freed" for session in jam.sharers}
    assert jam.writer.error() is None


def test_no_privilege_for_one_of_them_none_is_ended(pgunlock, db):
    superuser = db.transaction(user="postgres")
    jam = ShareLockers(db, sharers=2, others=[superuser])
    document = pgunlock.json("release", "--table", "stock", "--yes", exit_code=5)
    assert set(documents.refusals(document)) == documents.ids(*jam.sharers)
    assert "superuser" in documents.refusals(document)[superuser.id].lower()
    assert db.all_alive(*jam.sharers)
    assert db.server.waits(jam.writer.pid)


@pytest.fixture
def row_sharers(db):
    sharers = [db.transaction("SELECT * FROM stock WHERE id = 7 FOR SHARE", application="stocktaking")
               for _ in range(3)]
    writer = db.session(application="shop").block("UPDATE stock SET amount = 1 WHERE id = 7")
    # a multixact: the writer waits for its members one after the other
    visible = db.server.blocking_pids(writer.pid)
    assert len(visible) == 1 and visible < {sharer.pid for sharer in sharers}
    return sharers, writer


def test_share_lockers_of_a_row_in_the_tree(pgunlock, db, row_sharers):
    sharers, writer = row_sharers
    document = pgunlock.json("tree")
    visible = {f"pid:{pid}" for pid in db.server.blocking_pids(writer.pid)}
    assert visible <= set(document["roots"]) <= documents.ids(*sharers)
    target = documents.session(document, writer)["wait"]["target"]
    assert target["type"] == "transactionid"
    assert "stock" in target["text"]


def test_share_lockers_of_a_row_are_all_released(pgunlock, db, row_sharers):
    sharers, writer = row_sharers
    document = pgunlock.json("release", "--table", "stock", "--rounds", "5", "--yes", "--wait", "1s")
    assert documents.results(document) == {sharer.id: "freed" for sharer in sharers}
    assert writer.error() is None
    for sharer in sharers:
        wait_gone(db.server, sharer)


def test_share_lockers_of_a_row_in_one_round_hide_nothing(pgunlock, db, row_sharers):
    sharers, writer = row_sharers
    finished = pgunlock("release", "--table", "stock", "--yes", "--wait", "2s", "--format", "json")
    document = finished.json
    if finished.exit == 0:
        assert writer.error() is None
    else:
        # the others came to light only when the first had gone: they are named as the next ones
        assert finished.exit == document["exit"] == 4
        assert db.server.waits(writer.pid)
        assert set(document["successors"]) <= documents.ids(*sharers) and document["successors"]
        assert not set(document["successors"]) & set(documents.acts(document))
