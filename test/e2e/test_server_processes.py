"""Processes of the server, and sessions in states of their own, that hold locks: walsenders, a wait for a synchronous
standby, a client that doesn't read, background workers, parallel workers."""

import os
import signal

import pytest

from rig import documents, privileges
from rig.database import wait_gone
from rig.replication import Worker
from rig.waiting import wait_until


def words(finished):
    return " ".join(finished.text.split())


@pytest.fixture
def primary_admin(primary_pgunlock):
    return primary_pgunlock.at(user="postgres")


def walsender(db, **conninfo):
    return db.session(user="replicator", application="backup-tool", replication="database", **conninfo)


# walsenders

@pytest.fixture
def locking_walsender(db):
    """One that runs SQL: it has locked a table, and somebody waits."""
    with db.server.connect(db.name) as connection:
        connection.execute("GRANT ALL ON stock TO replicator")
    holder = walsender(db)
    holder.run("BEGIN")
    holder.run("LOCK TABLE stock")
    holder.run("SELECT txid_current()")
    return holder, db.waiter("SELECT count(*) FROM stock", by=[holder])


def test_walsender_is_protected(pgunlock, db, locking_walsender):
    holder, waiter = locking_walsender
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    assert documents.session(document, holder)["backend_type"] == "walsender"
    status = words(pgunlock("status").expect(0))
    assert "protected: it is a walsender and feeds a standby, a subscriber or a backup" in status
    assert "--include-protected walsender ends it all the same" in status
    # it shows no xact_start
    assert "no transaction" not in status and "uncommitted changes are rolled back" in status
    show = words(pgunlock("show", holder.pid).expect(0))
    assert "no transaction" not in show
    for arguments in (["release", "--table", "stock"], ["terminate", holder.pid], ["release", "--waiter", waiter.pid]):
        document = pgunlock.json(*arguments, "--yes", exit_code=5)
        assert list(documents.refusals(document)) == [holder.id]
    assert db.all_alive(holder, waiter)


def test_walsender_ended_all_the_same(pgunlock, db, locking_walsender):
    holder, waiter = locking_walsender
    document = pgunlock.json("release", "--table", "stock", "--include-protected", "walsender", "--yes")
    assert documents.acts(document) == {holder.id: "terminate"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    wait_gone(db.server, holder)


def test_slot_waits_for_a_transaction(primary_pgunlock, primary_db):
    """CREATE_REPLICATION_SLOT waits until all transactions have ended that were open when it began."""
    writer = primary_db.transaction("UPDATE stock SET amount = 1 WHERE id = 1", application="nightly")
    subscriber = walsender(primary_db)
    subscriber.block("CREATE_REPLICATION_SLOT new_one TEMPORARY LOGICAL pgoutput", by=[writer])
    document = primary_pgunlock.json("tree")
    assert documents.edges(document) == {(subscriber.id, writer.id)}
    assert document["roots"] == [writer.id]
    assert documents.session(document, subscriber)["wait"]["target"]["type"] == "transactionid"
    document = primary_pgunlock.json("release", "--waiter", subscriber.pid, "--yes")
    assert documents.acts(document) == {writer.id: "terminate"}
    assert documents.results(document) == {writer.id: "freed"}
    assert subscriber.error() is None


# a commit that waits for a standby

@pytest.fixture
def committed(primary_db):
    """Its transaction is committed and keeps its locks until a standby says so which isn't there. (it, who waits for
    its row)"""
    session = primary_db.transaction("SET synchronous_commit = on", "UPDATE stock SET amount = 1 WHERE id = 1",
                                     application="payments")
    session.send("COMMIT")
    wait_until(lambda: primary_db.server.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s", session.pid)
               == "SyncRep", "it waits for a standby")
    return session, primary_db.waiter("UPDATE stock SET amount = amount + 1 WHERE id = 1", by=[session])


def test_wait_for_a_standby_is_protected(primary_pgunlock, primary_db, committed):
    session, waiter = committed
    status = words(primary_pgunlock("status").expect(0))
    assert "waiting for a synchronous standby" in status
    assert "protected: its transaction is committed here" in status
    assert "Nothing is rolled back" in status and "are rolled back" not in status
    assert "--include-protected syncrep ends the wait of this one" in status
    assert "synchronous_standby_names = ''; SELECT pg_reload_conf();" in status
    for arguments in (["release", "--table", "stock"], ["cancel", session.pid], ["terminate", session.pid]):
        document = primary_pgunlock.json(*arguments, "--yes", exit_code=5)
        assert list(documents.refusals(document)) == [session.id]
    assert primary_pgunlock.json("show", session.pid)["cancel"]["refused_code"] == "sync_rep"
    assert primary_db.server.waits(waiter.pid)


@pytest.mark.parametrize("command, act", [("release", "cancel"), ("cancel", "cancel"), ("terminate", "terminate")])
def test_wait_for_a_standby_ended_all_the_same(primary_pgunlock, primary_db, committed, command, act):
    session, waiter = committed
    plan = words(primary_pgunlock(command, session.pid, "--include-protected", "syncrep", "--dry-run").expect(0))
    assert "Nothing is rolled back: its transaction is committed here, though perhaps not on any standby." in plan
    document = primary_pgunlock.json(command, session.pid, "--include-protected", "syncrep", "--yes")
    assert documents.acts(document) == {session.id: act}
    assert documents.results(document) == {session.id: "freed"}
    assert waiter.error() is None
    with primary_db.server.connect(primary_db.name) as connection:
        # both have been committed
        assert connection.execute("SELECT amount FROM stock WHERE id = 1").fetchone()[0] == 2
    if act == "cancel":
        assert session.error() is None
        assert primary_db.all_alive(session)
    else:
        wait_gone(primary_db.server, session)


# a client that doesn't read

def test_stuck_sending_to_its_client(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application="export")
    # a single row: between two of them, or where there is room for the rest of a small one, a cancel would be heard
    holder.send("SELECT repeat('x', 100000000)")
    wait_until(lambda: db.server.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s", holder.pid)
               == "ClientWrite" and holder.unread_is_steady(), "it is stuck")
    waiter = db.waiter("SELECT count(*) FROM stock", by=[holder])
    status = words(pgunlock("status").expect(0))
    assert "stuck sending to its client" in status
    assert "terminate, because it is stuck sending to its client and ignores cancel" in status
    show = pgunlock.json("show", holder.pid)
    assert show["cancel"]["refused_code"] == "cancel_stuck"
    assert show["terminate"]["recommended"] is True
    pgunlock("cancel", holder.pid, "--yes").expect(5)
    # the server's own cancel says true, and nothing happens
    assert db.server.value("SELECT pg_cancel_backend(%s)", holder.pid) is True
    assert db.server.waits(waiter.pid)
    document = pgunlock.json("release", "--waiter", waiter.pid, "--yes")
    assert documents.acts(document) == {holder.id: "terminate"}
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


# background workers

@pytest.fixture
def background_worker(own_db):
    """autoprewarm, from contrib, asks for a lock on each table that it loads when the server starts. A prepared
    transaction is there before it. Stopped in its wait, it gets its lock and can't give it back. (it, who waits for
    it)"""
    server = own_db.server
    own_db.transaction("LOCK TABLE stock", "PREPARE TRANSACTION 'before the start'", user="postgres")
    with server.connect(own_db.name) as connection:
        block = connection.execute("SELECT d.oid, dattablespace, pg_relation_filenode('stock'), 0, 0 FROM pg_database d"
                                   " WHERE datname = current_database()").fetchone()
        privileges.write_file(server.data / "autoprewarm.blocks", f"<<1>>\n{','.join(map(str, block))}\n")
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_prewarm'")
    server.restart()
    pid = None
    try:
        find = "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE backend_type = 'autoprewarm worker'"
        pid = wait_until(lambda: server.value(f"{find} AND NOT granted"), "the worker waits")
        os.kill(pid, signal.SIGSTOP)
        with server.connect(own_db.name) as connection:
            connection.execute("ROLLBACK PREPARED 'before the start'")
        wait_until(lambda: not server.waits(pid), "it has its lock")
        yield Worker(pid), own_db.waiter("ALTER TABLE stock ADD COLUMN place text", user="deploy")
    finally:
        if pid and server.is_there(pid):
            os.kill(pid, signal.SIGCONT)
        server.end_everybody()
        server.shut_down()
        # without the library
        server.start()


def test_background_worker_is_protected(own_pgunlock, own_db, background_worker):
    worker, waiter = background_worker
    admin = own_pgunlock.at(user="postgres")
    document = admin.json("tree")
    assert document["roots"] == [worker.id]
    assert documents.session(document, worker)["backend_type"] == "autoprewarm worker"
    status = words(admin("status").expect(0))
    assert "autoprewarm worker" in status
    assert "protected: it is a background worker of an extension" in status
    assert "application has to reconnect" not in status and "connection stays" not in status
    document = admin.json("release", "--table", "stock", "--yes", exit_code=5)
    assert list(documents.refusals(document)) == [worker.id]
    assert "superuser" in own_pgunlock("release", "--all", "--include-protected", "background-worker", "--yes").expect(5).text
    assert own_db.server.waits(waiter.pid)


def test_background_worker_ended_all_the_same(own_pgunlock, own_db, background_worker):
    worker, waiter = background_worker
    admin = own_pgunlock.at(user="postgres")
    document = admin.json("release", "--table", "stock", "--include-protected", "background-worker", "--yes", "--wait",
                          "500ms", exit_code=4)
    # stopped as it is
    assert documents.acts(document) == {worker.id: "terminate"}
    assert documents.results(document) == {worker.id: "still_there"}
    os.kill(worker.pid, signal.SIGCONT)
    wait_until(lambda: not own_db.server.is_there(worker.pid), "it is gone")
    assert waiter.error() is None
