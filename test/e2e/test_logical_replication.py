"""Workers of logical replication on the subscriber, which wait for sessions and block them, and walsenders on the
publisher."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.replication import Subscription
from rig.waiting import wait_until

# What a subscriber that works on each row it gets may do.
SLOW_TRIGGER = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN new; END';
CREATE TRIGGER slow BEFORE UPDATE ON stock FOR EACH ROW EXECUTE FUNCTION slow();
ALTER TABLE stock ENABLE REPLICA TRIGGER slow;
"""
CHANGE = "BEGIN; UPDATE orders SET note = 'new' WHERE id = 1; UPDATE stock SET amount = 1 WHERE id = 1; COMMIT"


@pytest.fixture
def subscription(primary_db, db):
    subscription = Subscription(primary_db, db, "orders", "stock")
    yield subscription
    subscription.drop()


@pytest.fixture
def admin(program, db):
    """pgunlock on the subscriber, as somebody who may signal the workers, which run as a superuser."""
    yield program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="postgres")
    program.kill_all()


@pytest.fixture
def apply_behind_session(primary_db, db, subscription):
    """(a local session that has changed a row, the apply worker that waits for it, a session that waits for a row which
    the worker has changed before)"""
    worker = subscription.apply_worker()
    local = db.transaction("UPDATE stock SET amount = 7 WHERE id = 1", application="fix-up")
    primary_db.session(user="postgres").run(CHANGE)
    wait_until(lambda: db.server.waits(worker.pid), "the worker waits")
    return local, worker, db.waiter("UPDATE orders SET note = 'local' WHERE id = 1")


def test_apply_waits_for_a_session(pgunlock, db, apply_behind_session):
    local, worker, behind = apply_behind_session
    document = pgunlock.json("tree")
    assert documents.edges(document) == {(worker.id, local.id), (behind.id, worker.id)}
    assert document["roots"] == [local.id]
    assert documents.session(document, worker)["backend_type"].startswith("logical replication")
    tree = pgunlock("tree").expect(0).out
    assert "logical replication" in tree and "waits 0ms" not in tree
    assert str(local.pid) in pgunlock("status").expect(0).out


@pytest.mark.parametrize("selection", ["--all", "--table", "--waiter"])
def test_release_ends_the_session_in_the_way_of_apply(pgunlock, db, apply_behind_session, selection):
    local, worker, behind = apply_behind_session
    value = {"--all": [], "--table": ["stock"], "--waiter": [worker.pid]}[selection]
    document = pgunlock.json("release", selection, *value, "--yes")
    assert documents.acts(document) == {local.id: "terminate"}
    assert documents.results(document) == {local.id: "freed"}
    assert documents.waiters(document) == (2, 0, 0)
    wait_gone(db.server, local)
    assert behind.error() is None
    # what came from the publisher has been applied, by the same worker
    with db.server.connect(db.name) as connection:
        assert connection.execute("SELECT amount FROM stock WHERE id = 1").fetchone()[0] == 1
    assert db.server.is_there(worker.pid)


@pytest.fixture
def session_behind_apply(primary_db, db, subscription):
    """(the apply worker in the middle of a transaction, a session that waits for a row which it has changed)"""
    with db.server.connect(db.name) as connection:
        connection.execute(SLOW_TRIGGER)
    worker = subscription.apply_worker()
    primary_db.session(user="postgres").run(CHANGE)
    wait_until(lambda: db.server.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s", worker.pid) == "PgSleep",
               "it is in the trigger")
    return worker, db.waiter("UPDATE orders SET note = 'local' WHERE id = 1", application="shop")


def test_apply_is_protected(admin, db, session_behind_apply):
    worker, session = session_behind_apply
    status = " ".join(admin("status").expect(0).out.split())
    assert "protected: it is a worker of logical replication" in status
    assert "--include-protected logical-replication ends it" in status
    assert "ALTER SUBSCRIPTION" in status and "DISABLE" in status
    assert "application has to reconnect" not in status and "connection stays" not in status
    for arguments in (["release", "--all"], ["release", "--table", "orders"], ["release", "--waiter", session.pid],
                      ["cancel", worker.pid], ["terminate", worker.pid]):
        document = admin.json(*arguments, "--yes", exit_code=5)
        assert list(documents.refusals(document)) == [worker.id], arguments
    assert admin.json("show", worker.pid)["terminate"]["refused_code"] == "logical_replication"
    assert db.server.is_there(worker.pid)
    assert db.server.waits(session.pid)


def test_apply_ended_all_the_same(admin, db, session_behind_apply, subscription):
    worker, session = session_behind_apply
    plan = " ".join(admin("release", "--table", "orders", "--include-protected", "logical-replication",
                          "--dry-run").expect(0).out.split())
    assert "What it applies or copies is rolled back. It starts again soon and does the same again." in plan
    document = admin.json("release", "--table", "orders", "--include-protected", "logical-replication", "--yes")
    # a cancel would be an error, which may disable the subscription
    assert documents.acts(document) == {worker.id: "terminate"}
    assert documents.plan_item(document, worker)["reason_code"] == "replication_worker"
    assert documents.results(document) == {worker.id: "freed"}
    assert session.error() is None
    wait_gone(db.server, worker)
    assert subscription.apply_worker().pid != worker.pid


def test_disabling_keeps_it_from_coming_back(admin, db, session_behind_apply, subscription):
    """The way that the refusal names: a worker in the middle of a transaction goes on in spite of it, so it is ended,
    too."""
    worker, session = session_behind_apply
    with db.server.connect(db.name) as connection:
        connection.execute(f"ALTER SUBSCRIPTION {subscription.name} DISABLE")
    assert db.server.is_there(worker.pid)
    assert db.server.waits(session.pid)
    admin("terminate", worker.pid, "--include-protected", "logical-replication", "--yes").expect(0)
    assert session.error() is None
    wait_gone(db.server, worker)
    assert db.server.value("SELECT count(*) FROM pg_stat_subscription WHERE subname = %s AND pid IS NOT NULL",
                           subscription.name) == 0


def test_lacking_privilege_for_a_worker_is_said(pgunlock, session_behind_apply):
    worker, _ = session_behind_apply
    finished = pgunlock("terminate", worker.pid, "--include-protected", "logical-replication", "--yes").expect(5)
    assert "superuser" in finished.text


@pytest.fixture
def tablesync(primary_db, db, subscription):
    """A tablesync worker which keeps its table while its slot, on the publisher, waits for a transaction there. (that
    transaction, the worker, a local session that waits for the worker)"""
    with db.server.connect(db.name) as connection:
        connection.execute("TRUNCATE login_sessions")
    writer = primary_db.transaction("UPDATE stock SET amount = 3 WHERE id = 2", application="nightly")
    subscription.add_table("login_sessions")
    worker = subscription.tablesync_worker()
    wait_until(lambda: db.locks_on("login_sessions", worker), "it has opened its table")
    session = db.waiter("ALTER TABLE login_sessions ADD COLUMN at date", by=[worker], user="postgres")
    return writer, worker, session


def test_tablesync_is_protected_on_the_subscriber(admin, db, tablesync):
    _, worker, session = tablesync
    document = admin.json("tree")
    assert documents.edges(document) == {(session.id, worker.id)}
    assert document["roots"] == [worker.id]
    document = admin.json("release", "--table", "login_sessions", "--yes", exit_code=5)
    assert list(documents.refusals(document)) == [worker.id]
    document = admin.json("release", "--table", "login_sessions", "--include-protected", "logical-replication", "--yes")
    assert documents.results(document) == {worker.id: "freed"}
    assert session.error() is None


def test_tablesync_waits_on_the_publisher(primary_pgunlock, primary_db, db, tablesync):
    """Where it is a walsender that waits, and the transaction in its way can be ended."""
    writer, worker, session = tablesync
    waiting = "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND backend_type = 'walsender'"
    wait_until(lambda: primary_db.server.value(waiting), "its walsender waits")
    walsender = f"pid:{primary_db.server.value(waiting)}"
    document = primary_pgunlock.json("tree")
    assert documents.edges(document) == {(walsender, writer.id)}
    assert documents.session(document, walsender)["backend_type"] == "walsender"
    document = primary_pgunlock.json("release", "--all", "--yes")
    assert documents.results(document) == {writer.id: "freed"}
    # the copy goes on
    assert session.error() is None
    wait_until(lambda: not db.server.is_there(worker.pid), "the worker has done its work")
