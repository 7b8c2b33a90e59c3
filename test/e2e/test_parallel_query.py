"""The processes of a parallel query lock as one: they stand under their leader."""

import pytest

from rig import documents
from rig.replication import Worker
from rig.waiting import wait_until

# each row waits for the advisory lock, in whichever process reads it
SETUP = """
CREATE FUNCTION wait_for_key() RETURNS bool LANGUAGE plpgsql PARALLEL SAFE AS
    'BEGIN PERFORM pg_advisory_lock_shared(42); RETURN true; END';
CREATE FUNCTION take_long() RETURNS bool LANGUAGE plpgsql PARALLEL SAFE AS
    'BEGIN PERFORM pg_sleep(600); RETURN true; END';
CREATE TABLE big AS SELECT n FROM generate_series(1, 20000) n;
ALTER TABLE big SET (parallel_workers = 3);
GRANT ALL ON big TO PUBLIC;
"""
PARALLEL = ("SET max_parallel_workers_per_gather = 3", "SET parallel_setup_cost = 0", "SET parallel_tuple_cost = 0",
            "SET min_parallel_table_scan_size = 0")


@pytest.fixture
def parallel(db):
    """A parallel query whose leader or workers wait for an advisory lock which somebody holds, and which itself has a
    lock on its table that somebody else waits for. (holder, leader, its workers' pids, the one behind it)"""
    with db.server.connect(db.name) as connection:
        connection.execute(SETUP)
    holder = db.transaction("SELECT pg_advisory_xact_lock(42)")
    leader = report(db, "SELECT count(*) FROM big WHERE wait_for_key()")
    wait_until(lambda: len(workers_of(db, leader)) >= 2
               and all(db.server.waits(pid) for pid in [leader.pid, *workers_of(db, leader)]),
               "the leader and its workers wait")
    behind = db.waiter("LOCK TABLE big", user="postgres", in_transaction=True)
    assert leader.pid in db.server.blocking_pids(behind.pid)
    return holder, leader, workers_of(db, leader), behind


def report(db, sql):
    leader = db.session(application="report")
    for setting in PARALLEL:
        leader.run(setting)
    return leader.send(sql)


def workers_of(db, leader):
    return [pid for pid, in db.server.rows("SELECT pid FROM pg_stat_activity WHERE leader_pid = %s AND pid <> %s",
                                           leader.pid, leader.pid)]


@pytest.fixture
def busy(db):
    """A parallel query that waits for nobody, and a migration that waits for its locks. (leader, workers' pids,
    migration)"""
    with db.server.connect(db.name) as connection:
        connection.execute(SETUP)
    leader = report(db, "SELECT count(*) FROM big WHERE take_long()")
    wait_until(lambda: len(workers_of(db, leader)) >= 2
               and all(db.locks_on("big", Worker(pid)) for pid in workers_of(db, leader)), "the workers read the table")
    return leader, workers_of(db, leader), db.waiter("ALTER TABLE big ADD COLUMN more int", user="postgres")


def test_migration_behind_a_parallel_query(pgunlock, db, busy):
    """The workers hold locks in their own names; the leader is who blocks and who is acted on."""
    leader, workers, migration = busy
    assert db.server.blocking_pids(migration.pid) == {leader.pid}
    document = pgunlock.json("tree")
    assert documents.edges(document) == {(migration.id, leader.id)}
    assert document["roots"] == [leader.id]
    document = pgunlock.json("release", "--table", "big", "--yes")
    assert documents.acts(document) == {leader.id: "cancel"}
    # freed is when the workers have let go, too
    assert documents.results(document) == {leader.id: "freed"}
    assert documents.waiters(document) == (1, 0, 0)
    assert leader.error() == "57014"
    assert migration.error() is None
    wait_until(lambda: not any(db.server.is_there(pid) for pid in workers), "the workers have ended")


def test_show_of_a_worker(pgunlock, db, busy):
    leader, workers, migration = busy
    document = pgunlock.json("show", workers[0])
    assert document["session"]["pid"] == workers[0]
    assert document["session"]["leader_pid"] == leader.pid
    assert document["session"]["backend_type"] == "parallel worker"
    assert document["session"]["blocked_total"] == 1
    assert document["cancel"]["session"] == leader.id
    assert document["cancel"]["recommended"] is True
    out = " ".join(pgunlock("show", workers[0]).expect(0).out.split())
    assert f"parallel worker of {leader.pid}" in out
    assert f"It is done to the leader, {leader.pid}." in out
    assert f"{migration.pid}" in out


def test_workers_stand_under_their_leader(pgunlock, db, parallel):
    holder, leader, workers, behind = parallel
    document = pgunlock.json("tree", "--all-edges")
    assert documents.edges(document) == {(leader.id, holder.id), (behind.id, leader.id)}
    assert document["roots"] == [holder.id]
    assert document["summary"]["blocked"] == 2
    assert not {f"pid:{pid}" for pid in workers} & {entry["id"] for entry in document["sessions"]}


@pytest.mark.parametrize("command", ["cancel", "release"])
def test_act_on_a_worker_is_for_its_leader(pgunlock, db, parallel, command):
    holder, leader, workers, behind = parallel
    document = pgunlock.json(command, workers[0], "--yes")
    assert set(documents.results(document)) == {leader.id}
    assert leader.error() == "57014"
    assert behind.error() is None
    assert db.all_alive(holder, leader)


def test_leader_holds_up_somebody(pgunlock, db, parallel):
    holder, leader, _, behind = parallel
    document = pgunlock.json("release", "--waiter", behind.pid, "--yes")
    # the least that lets this one go: what blocks it is the leader, which itself waits for the holder
    assert behind.error() is None
    assert set(documents.results(document)) in ({leader.id}, {holder.id})
