"""Autovacuum in the way of others: an ordinary worker, which loses nothing by a cancel, and one that prevents wraparound,
which has to finish."""

import pytest

from rig import documents
from rig.replication import Worker
from rig.waiting import wait_until

# It takes a nap of 100 ms for every page. On this server deadlock_timeout is 1h, so that it gives way to nobody.
SLOW = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
FILL = "INSERT INTO big SELECT n, repeat('x', 1000) FROM generate_series(1, 2000) n; GRANT ALL ON big TO PUBLIC;"
ORDINARY = f"""
CREATE TABLE big (id int, filler text) WITH ({SLOW}, autovacuum_vacuum_threshold = 1,
    autovacuum_vacuum_scale_factor = 0);
{FILL}
DELETE FROM big WHERE id % 10 = 0;
"""
# In place of 100,000 transactions: their numbers go round, and this one is as many before those of a new server.
WRAPAROUND = f"""
CREATE TABLE big (id int, filler text) WITH ({SLOW}, autovacuum_freeze_max_age = 100000);
{FILL}
UPDATE pg_class SET relfrozenxid = '4294700000' WHERE oid = 'big'::regclass;
"""
IS_WRAPAROUND = "query LIKE '%(to prevent wraparound)'"
WORKERS = "FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.big%'"


def words(finished):
    return " ".join(finished.text.split())


def find_worker(db, extra):
    return Worker(wait_until(lambda: db.server.value(f"SELECT pid {WORKERS} AND {extra}"), "autovacuum is at work"))


@pytest.fixture
def big(autovacuum_db):
    """Makes the table, which nobody else can drop."""
    def make(sql):
        # a connection of its own, which tells its statistics when it ends
        with autovacuum_db.server.connect(autovacuum_db.name) as connection:
            connection.execute(sql)
        return autovacuum_db
    yield make

    def dropped():
        autovacuum_db.server.rows(f"SELECT pg_terminate_backend(pid) {WORKERS}")
        with autovacuum_db.server.connect(autovacuum_db.name) as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute("DO $$ BEGIN SET lock_timeout = '50ms'; DROP TABLE IF EXISTS big;"
                               " EXCEPTION WHEN lock_not_available THEN NULL; END $$")
            return connection.execute("SELECT to_regclass('big') IS NULL").fetchone()[0]
    autovacuum_db.server.end_everybody()
    wait_until(dropped, "the table is dropped")


@pytest.fixture
def ordinary(big):
    """(the database, a worker at work on the table, a migration that waits for it)"""
    db = big(ORDINARY)
    worker = find_worker(db, f"NOT {IS_WRAPAROUND}")
    return db, worker, db.waiter("ALTER TABLE big ADD COLUMN more int", by=[worker], user="postgres")


@pytest.fixture
def wraparound(big):
    """The same with one that prevents wraparound."""
    db = big(WRAPAROUND)
    worker = find_worker(db, IS_WRAPAROUND)
    return db, worker, db.waiter("ALTER TABLE big ADD COLUMN more int", by=[worker], user="postgres")


@pytest.fixture
def admin(program, autovacuum_db):
    """pgunlock as a superuser: autovacuum counts as one's session."""
    yield program.at(host="127.0.0.1", port=autovacuum_db.server.port, dbname=autovacuum_db.name, user="postgres")
    program.kill_all()


def test_ordinary_is_cancelled(admin, ordinary):
    db, worker, migration = ordinary
    document = admin.json("tree")
    assert documents.edges(document) == {(migration.id, worker.id)}
    assert document["roots"] == [worker.id]
    assert documents.session(document, worker)["backend_type"] == "autovacuum worker"
    status = words(admin("status").expect(0))
    assert "No data is lost: autovacuum comes back to this table later." in status
    assert "connection" not in status and "reconnect" not in status
    show = admin.json("show", worker.pid)
    assert show["cancel"]["recommended"] is True
    assert show["terminate"]["allowed"] is True
    document = admin.json("release", "--table", "big", "--yes")
    assert documents.acts(document) == {worker.id: "cancel"}
    assert documents.plan_item(document, worker)["reason_code"] == "autovacuum"
    assert documents.results(document) == {worker.id: "freed"}
    assert documents.waiters(document) == (1, 0, 0)
    assert migration.error() is None
    assert "canceling autovacuum task" in db.server.log.read_text(errors="replace")
    # and it comes back
    find_worker(db, f"NOT {IS_WRAPAROUND}")


def test_privilege_for_autovacuum(admin, ordinary, major):
    db, worker, migration = ordinary
    document = admin.at(user="pgunlock").json("release", "--table", "big", "--yes", exit_code=5)
    code = document["plan"][0]["refused_code"]
    assert code == ("needs_signal_autovacuum" if major >= 18 else "needs_superuser")
    assert db.server.is_there(worker.pid) and db.server.waits(migration.pid)


def test_wraparound_is_protected(admin, wraparound):
    db, worker, migration = wraparound
    assert admin.json("tree")["roots"] == [worker.id]
    status = words(admin("status").expect(0))
    assert "protected: it is autovacuum to prevent wraparound" in status
    assert "--include-protected anti-wraparound ends it all the same" in status
    for arguments in (["release", "--all"], ["release", "--table", "big"], ["release", "--waiter", migration.pid],
                      ["cancel", worker.pid], ["terminate", worker.pid]):
        document = admin.json(*arguments, "--yes", exit_code=5)
        assert list(documents.refusals(document)) == [worker.id]
    assert admin.json("show", worker.pid)["cancel"]["refused_code"] == "wraparound_vacuum"
    assert db.server.is_there(worker.pid) and db.server.waits(migration.pid)


def test_wraparound_with_others_behind_the_migration(admin, wraparound):
    """The migration can go, and that is what is advised."""
    db, worker, migration = wraparound
    reader = db.waiter("SELECT count(*) FROM big", by=[migration])
    assert "Least harm: pgunlock release" in words(admin("status").expect(0))
    document = admin.json("release", "--all", "--yes")
    assert documents.acts(document) == {migration.id: "cancel"}
    assert reader.error() is None
    assert migration.error() == "57014"
    assert db.server.is_there(worker.pid)


def test_wraparound_ended_all_the_same(admin, wraparound):
    db, worker, migration = wraparound
    plan = words(admin("release", "--table", "big", "--include-protected", "anti-wraparound", "--dry-run").expect(0))
    assert "It comes back soon, and has to finish before transaction ids run out." in plan
    document = admin.json("release", "--table", "big", "--include-protected", "anti-wraparound", "--yes")
    assert documents.acts(document) == {worker.id: "cancel"}
    assert documents.results(document) == {worker.id: "freed"}
    assert migration.error() is None
    find_worker(db, IS_WRAPAROUND)


def test_wraparound_waits_for_a_session(admin, big):
    """It waits for its lock, where an ordinary one would skip the table."""
    db = big("CREATE TABLE big (id int)")
    session = db.transaction("LOCK TABLE big IN SHARE UPDATE EXCLUSIVE MODE", user="postgres", application="analyst")
    with db.server.connect(db.name) as connection:
        connection.execute("UPDATE pg_class SET relfrozenxid = '4294700000', reloptions = '{autovacuum_freeze_max_age=100000}'"
                           " WHERE relname = 'big'")
    worker = find_worker(db, f"{IS_WRAPAROUND} AND wait_event_type = 'Lock'")
    document = admin.json("tree")
    assert documents.edges(document) == {(worker.id, session.id)}
    document = admin.json("release", "--waiter", worker.pid, "--yes")
    assert documents.acts(document) == {session.id: "terminate"}
    assert documents.results(document) == {session.id: "freed"}
    assert documents.waiters(document) == (1, 0, 0)
