"""What cancel and release do to a holder depends on what it does at the moment: running, idle in a transaction, aborted
with locks left under a savepoint, idle outside of a transaction."""

import os
import signal

import pytest

from rig import documents
from rig.database import wait_gone
from rig.waiting import wait_until

SLEEP = "SELECT pg_sleep(600)"


def running(db, *statements, sql=SLEEP):
    """A session in a transaction after these statements, which now runs another."""
    session = db.transaction(*statements, application="batch")
    session.send(sql)
    wait_until(lambda: db.server.state(session.pid) == "active", "it runs")
    return session


def aborted_with_locks(db):
    """Its statement failed, but it stands under a savepoint: the locks from before are still held."""
    holder = db.transaction("LOCK TABLE stock", "SAVEPOINT before", application="batch")
    assert holder.send("SELECT 1/0").error() == "22012"
    assert db.server.state(holder.pid) == "idle in transaction (aborted)"
    assert db.locks_on("stock", holder) == {"AccessExclusiveLock"}
    return holder


def reader(db, holder):
    return db.waiter("SELECT count(*) FROM stock", by=[holder])


@pytest.mark.smoke
def test_cancel_of_a_running_statement(pgunlock, db):
    session = db.session().send(SLEEP)
    wait_until(lambda: db.server.state(session.pid) == "active", "it runs")
    document = pgunlock.json("cancel", session.pid, "--yes")
    assert documents.acts(document) == {session.id: "cancel"}
    assert documents.results(document)[session.id] in ("freed", "signalled")
    assert session.error() == "57014"
    assert db.all_alive(session)


def test_cancel_frees_what_a_plain_transaction_held(pgunlock, db):
    holder = running(db, "LOCK TABLE stock")
    waiter = reader(db, holder)
    document = pgunlock.json("cancel", holder.pid, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert document["waiters"]["granted"] == 1
    assert holder.error() == "57014"
    assert waiter.error() is None
    assert db.all_alive(holder)


def test_cancel_under_a_savepoint_still_holds(pgunlock, db):
    holder = running(db, "LOCK TABLE stock", "SAVEPOINT before")
    waiter = reader(db, holder)
    document = pgunlock.json("cancel", holder.pid, "--yes", "--grace", "500ms", "--wait", "1s", exit_code=4)
    assert documents.results(document) == {holder.id: "cancelled_still_holding"}
    assert document["waiters"]["still_waiting"] == 1
    assert holder.error() == "57014"
    assert db.all_alive(holder)
    assert db.locks_on("stock", holder) == {"AccessExclusiveLock"}
    assert db.server.waits(waiter.pid)


def test_release_goes_on_to_terminate_when_cancel_was_not_enough(pgunlock, db):
    holder = running(db, "LOCK TABLE stock", "SAVEPOINT before")
    waiter = reader(db, holder)
    document = pgunlock.json("release", holder.pid, "--yes", "--grace", "500ms")
    assert documents.acts(document) == {holder.id: "cancel"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    wait_gone(db.server, holder)


def test_release_goes_on_to_terminate_what_ignores_cancel(pgunlock, db):
    # the handler catches the cancel, and the statement runs on
    holder = running(db, "LOCK TABLE stock", sql="""DO $$ BEGIN LOOP
        BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$""")
    waiter = reader(db, holder)
    document = pgunlock.json("cancel", holder.pid, "--yes", "--grace", "300ms", "--wait", "600ms", exit_code=4)
    assert documents.results(document)[holder.id] in ("cancelled_still_holding", "still_there")
    assert db.server.waits(waiter.pid)
    document = pgunlock.json("release", "--table", "stock", "--yes", "--grace", "300ms")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


def test_cancel_would_do_nothing_to_an_aborted_transaction(pgunlock, db):
    holder = aborted_with_locks(db)
    waiter = reader(db, holder)
    finished = pgunlock("cancel", holder.pid, "--yes").expect(5)
    assert "aborted" in finished.text or "idle" in finished.text
    assert db.all_alive(holder)
    assert db.server.waits(waiter.pid)


@pytest.mark.parametrize("command", ["release", "terminate"])
def test_aborted_with_locks_left_is_terminated(pgunlock, db, command):
    holder = aborted_with_locks(db)
    waiter = reader(db, holder)
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id], "aborted does not mean that the lock is gone"
    document = pgunlock.json(command, holder.pid, "--yes")
    assert documents.acts(document) == {holder.id: "terminate"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


def test_aborted_without_locks_blocks_nobody(pgunlock, db):
    session = db.transaction("LOCK TABLE stock")
    assert session.send("SELECT 1/0").error() == "22012"
    assert db.locks_on("stock", session) == set()
    assert pgunlock.json("tree")["roots"] == []
    pgunlock("terminate", "--table", "stock", "--yes").expect(3)
    assert db.all_alive(session)


def test_cancel_of_an_idle_session_is_refused(pgunlock, db):
    session = db.session()
    session.run("SELECT 1")
    finished = pgunlock("cancel", session.pid, "--yes").expect(5)
    assert "idle" in finished.text
    assert db.all_alive(session)


def test_cancel_ends_the_wait_of_a_waiter(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock")
    first, second = reader(db, holder), reader(db, holder)
    document = pgunlock.json("cancel", first.pid, "--yes")
    assert documents.results(document)[first.id] in ("freed", "signalled")
    assert first.error() == "57014"
    assert db.server.waits(second.pid)
    assert db.all_alive(holder, first, second)


def test_several_sessions_named(pgunlock, db):
    idle = db.transaction("SELECT 1")
    sleeping = db.session().send(SLEEP)
    wait_until(lambda: db.server.state(sleeping.pid) == "active", "it runs")
    document = pgunlock.json("terminate", idle.pid, sleeping.pid, "--yes")
    assert set(documents.acts(document).values()) == {"terminate"}
    assert set(documents.results(document)) == documents.ids(idle, sleeping)
    wait_gone(db.server, idle)
    wait_gone(db.server, sleeping)


def test_first_of_several_results_decides_the_exit(pgunlock, db):
    # refused (5) comes before not found (3), and what can be done is done or nothing: never silently half
    idle = db.transaction("SELECT 1")
    sleeping = db.session().send(SLEEP)
    wait_until(lambda: db.server.state(sleeping.pid) == "active", "it runs")
    finished = pgunlock("cancel", idle.pid, sleeping.pid, "--yes").expect(5)
    assert str(idle.pid) in finished.text and str(sleeping.pid) in finished.text
    assert sleeping.error() == "57014"
    assert db.all_alive(idle, sleeping)


def test_stuck_in_a_write_to_its_client_is_terminated(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application="batch")
    # its client doesn't read: the server's socket fills up
    holder.send("SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
    wait_event = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
    wait_until(lambda: db.server.value(wait_event, holder.pid) == "ClientWrite",
               "it is stuck writing to its client")
    waiter = reader(db, holder)
    finished = pgunlock("cancel", holder.pid, "--yes").expect(5)
    assert "terminate" in finished.text
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.acts(document) == {holder.id: "terminate"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


def test_still_there_at_the_deadline(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application="batch")
    waiter = reader(db, holder)
    os.kill(holder.pid, signal.SIGSTOP)
    try:
        document = pgunlock.json("terminate", holder.pid, "--yes", "--wait", "1s", exit_code=4)
        assert documents.results(document) == {holder.id: "still_there"}
        assert document["waiters"]["still_waiting"] == 1
        assert db.server.waits(waiter.pid)
    finally:
        os.kill(holder.pid, signal.SIGCONT)
    wait_gone(db.server, holder)
