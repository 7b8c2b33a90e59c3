"""Several share a row: whoever wants it waits for their transactions one after the other, and the server shows that one."""

import time

import pytest

from rig import documents
from rig.waiting import wait_until

UPDATE_ROW = "UPDATE orders SET note = 'q' WHERE id = 1"
DELETE_ROW = "DELETE FROM orders WHERE id = 1"
FOR_SHARE = "SELECT 1 FROM orders WHERE id = 1 FOR SHARE"
FOR_KEY_SHARE = "SELECT 1 FROM orders WHERE id = 1 FOR KEY SHARE"
FOREIGN_KEY = "INSERT INTO order_items VALUES (1)"

# Less than the time that a release watches by itself.
SOON = 10


def rest(db, *sessions):
    """Until they have been idle for so long that nobody takes it for the moment between two statements."""
    pids = [session.pid for session in sessions]
    wait_until(lambda: db.server.value(
        "SELECT bool_and(state LIKE 'idle in transaction%%' AND state_change < clock_timestamp() - interval '1 s')"
        " FROM pg_stat_activity WHERE pid = ANY (%s)", pids), "they have sat there for a second")


def jam(db, lock, wish, sharers=2):
    """The sharers, at rest, the one that the server shows in the way first; and who waits for them."""
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE TABLE order_items (order_id int REFERENCES orders); GRANT ALL ON order_items TO PUBLIC")
    sessions = [db.transaction(lock, application="sharer") for _ in range(sharers)]
    waiter = db.waiter(wish)
    rest(db, *sessions)
    visible = db.server.blocking_pids(waiter.pid)
    assert len(visible) == 1
    return sorted(sessions, key=lambda session: session.pid not in visible), waiter


@pytest.fixture(params=[(FOR_SHARE, UPDATE_ROW), (FOR_KEY_SHARE, DELETE_ROW), (FOREIGN_KEY, DELETE_ROW)],
                ids=["share", "key share", "foreign key"])
def sharers(request, db):
    return jam(db, *request.param)


def test_no_longer_watched_than_somebody_can_move(pgunlock, db, sharers):
    (first, second), waiter = sharers
    began = time.monotonic()
    finished = pgunlock("release", "--waiter", waiter.pid, "--yes").expect(4)
    assert time.monotonic() - began < SOON
    assert "still wait" in finished.out
    assert str(second.pid) in finished.out and db.server.log_id(second.pid) in finished.out.splitlines()[-1]
    assert db.all_alive(second, waiter) and not db.is_alive(first)
    pgunlock("release", second.pid, "--yes").expect(0)
    assert waiter.error() is None


def test_next_round_follows_at_once(pgunlock, db, sharers):
    (first, second), waiter = sharers
    began = time.monotonic()
    document = pgunlock.json("release", "--table", "orders", "--rounds", "3", "--yes")
    assert time.monotonic() - began < SOON
    assert documents.results(document) == {first.id: "freed", second.id: "freed"}
    assert document["exit"] == 0 and waiter.error() is None


def test_sharer_that_is_at_work_is_waited_for(pgunlock, db):
    """It may be done with the row in a moment."""
    (first, second), waiter = jam(db, FOR_SHARE, UPDATE_ROW)
    second.send("SELECT pg_sleep(2.5)")
    arguments = ("release", "--waiter", waiter.pid, "--yes", "--format", "json")
    process = pgunlock.start(*arguments)
    assert second.error() is None
    second.run("COMMIT")
    document = pgunlock.finish(process, arguments).expect(0).json
    assert documents.results(document) == {first.id: "freed"}
    assert waiter.error() is None


UNLESS = "unless others share the row"


def words(finished):
    return " ".join(finished.expect(0).out.split())


def test_nothing_is_promised_that_others_may_keep(pgunlock, db, sharers):
    (first, second), waiter = sharers
    assert f"blocks 1 session; ending this one frees it, {UNLESS}" in words(pgunlock("status"))
    assert f"frees 1, {UNLESS}" in words(pgunlock("release", "--waiter", waiter.pid, "--dry-run"))
    assert f"It frees 1, {UNLESS}." in words(pgunlock("show", first.pid))
    document = pgunlock.json("tree")
    assert documents.session(document, first)["row_may_be_shared"] is True
    assert documents.session(document, waiter)["row_may_be_shared"] is False
    second.run("COMMIT")
    assert UNLESS not in words(pgunlock("status"))
    assert documents.session(pgunlock.json("tree"), first)["row_may_be_shared"] is False


def test_who_locks_rows_of_another_table_shares_none(pgunlock, db):
    holder = db.transaction(UPDATE_ROW)
    db.transaction("UPDATE stock SET amount = 1 WHERE id = 1")
    db.waiter(UPDATE_ROW, by=[holder])
    db.waiter(UPDATE_ROW)
    assert "ending this one frees all" in words(pgunlock("status")) and UNLESS not in words(pgunlock("status"))


ROW = "orders WHERE id = 1"


def test_release_of_the_row_ends_them_together(pgunlock, db, sharers):
    """Who reads the row knows them all."""
    (first, second), waiter = sharers
    innocent = db.transaction(FOR_KEY_SHARE.replace("id = 1", "id = 2"))
    queued = db.waiter(DELETE_ROW)
    out = words(pgunlock("release", "--row", ROW, "--dry-run"))
    assert "end 2 sessions, free 2 waiters" in out
    assert "frees 0 alone, 2 when all 2 that hold it together have ended" in out
    document = pgunlock.json("release", "--row", ROW, "--yes")
    assert documents.results(document) == {first.id: "freed", second.id: "freed"}
    assert document["exit"] == 0 and waiter.error() is None and queued.error() is None
    assert db.all_alive(innocent)


def test_sharer_that_is_in_nobodys_way(pgunlock, db):
    holder = db.transaction(FOR_SHARE)
    key_sharer = db.transaction(FOR_KEY_SHARE)
    waiter = db.waiter(UPDATE_ROW, by=[holder])
    document = pgunlock.json("release", "--row", ROW, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None and db.all_alive(key_sharer)


def test_prepared_sharer_is_not_rolled_back_for_nothing(pgunlock, db):
    prepared = db.transaction("UPDATE stock SET amount = 1 WHERE id = 1", FOR_SHARE)
    prepared.run("PREPARE TRANSACTION 'shr'")
    other = db.transaction(FOR_SHARE)
    waiter = db.waiter(UPDATE_ROW)
    document = pgunlock.json("release", "--row", ROW, "--yes", exit_code=5)
    assert set(documents.refusals(document)) == {"gid:shr", other.id}
    assert db.server.rows("SELECT gid FROM pg_prepared_xacts") == [("shr",)] and db.all_alive(other)
    document = pgunlock.at(user="postgres").json("release", "--row", ROW, "--rollback-prepared", "--yes")
    assert documents.results(document) == {"gid:shr": "freed", other.id: "freed"}
    assert waiter.error() is None
