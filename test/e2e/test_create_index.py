"""CREATE INDEX CONCURRENTLY and its like wait for transactions that may never have touched their table, keep others from
the table meanwhile, and leave something behind when they are cancelled."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.waiting import wait_until

CREATE = "CREATE INDEX CONCURRENTLY stock_amount ON stock (amount)"


@pytest.fixture
def stranger(db):
    """It has a snapshot, which an index that is built now must outlive, and nothing to do with the table."""
    session = db.session(application="report", user="bi")
    session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    session.run("SELECT count(*) FROM login_sessions")
    return session


def wait_for_stranger(db, session, sql):
    session.send(sql)
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
                                       " AND locktype = 'virtualxid'", session.pid), f"{sql} waits for a virtual transaction")
    return session


def indexes(db, table="stock"):
    """name -> whether it is valid"""
    with db.server.connect(db.name) as connection:
        return dict(connection.execute("SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
                                       " WHERE indrelid = %s::regclass", (table,)).fetchall())


@pytest.fixture
def builder(db, stranger):
    return wait_for_stranger(db, db.session(user="deploy", application="migrator"), CREATE)


def words(finished):
    return " ".join(finished.out.split())


@pytest.mark.parametrize("selection", ["--all", "--table", "--waiter"])
def test_the_stranger_is_the_root(pgunlock, db, stranger, builder, selection):
    status = words(pgunlock("status").expect(0))
    assert "a CONCURRENTLY command waits for its end, whatever it has locked" in status
    assert pgunlock.json("status")["roots"] == [stranger.id]
    value = {"--all": [], "--table": ["stock"], "--waiter": [builder.pid]}[selection]
    document = pgunlock.json("release", selection, *value, "--yes")
    assert documents.acts(document) == {stranger.id: "terminate"}
    assert documents.results(document) == {stranger.id: "freed"}
    assert documents.waiters(document) == (1, 0, 0)
    wait_gone(db.server, stranger)
    assert builder.error() is None
    assert indexes(db)["stock_amount"] is True


@pytest.fixture
def queue(db, builder):
    """A migration that waits for the builder's lock, and a reader behind that."""
    migration = db.waiter("ALTER TABLE stock ADD COLUMN place text", by=[builder], user="deploy")
    return migration, db.waiter("SELECT count(*) FROM stock", by=[migration])


def test_the_build_is_cancelled_for_those_behind_it(pgunlock, db, stranger, builder, queue):
    migration, reader = queue
    document = pgunlock.json("tree")
    assert documents.edges(document) == {(builder.id, stranger.id), (migration.id, builder.id),
                                         (reader.id, migration.id)}
    assert document["roots"] == [stranger.id]
    status = words(pgunlock("status").expect(0))
    assert "Least harm: pgunlock release" in status and "Or the root: pgunlock release" in status
    assert "An INVALID index stays behind: DROP INDEX removes it." in status
    plan = words(pgunlock("release", "--table", "stock", "--dry-run").expect(0))
    assert "holds up everybody behind it" in plan and "An INVALID index stays behind" in plan
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.acts(document) == {builder.id: "cancel"}
    assert documents.plan_item(document, builder)["reason_code"] == "concurrent_ddl"
    assert documents.results(document) == {builder.id: "freed"}
    assert documents.waiters(document) == (2, 0, 0)
    assert builder.error() == "57014"
    assert migration.error() is None and reader.error() is None
    assert db.all_alive(stranger, builder, migration, reader)
    # what the words say
    assert indexes(db)["stock_amount"] is False
    builder.run("DROP INDEX stock_amount")


def test_the_stranger_goes_when_it_is_preferred(pgunlock, db, stranger, builder, queue):
    document = pgunlock.json("release", "--table", "stock", "--prefer", "holder", "--yes")
    assert documents.acts(document) == {stranger.id: "terminate"}
    assert builder.error() is None
    assert all(session.error() is None for session in queue)
    assert indexes(db)["stock_amount"] is True


def test_a_reader_needs_only_the_migration_gone(pgunlock, db, stranger, builder, queue):
    migration, reader = queue
    document = pgunlock.json("release", "--waiter", reader.pid, "--yes")
    assert documents.acts(document) == {migration.id: "cancel"}
    assert reader.error() is None
    assert db.server.waits(builder.pid)
    assert db.all_alive(stranger)


def test_in_the_queue_nothing_stays_behind(pgunlock, db):
    """It waits for its first lock, has done nothing yet, and others wait behind it."""
    holder = db.transaction("LOCK TABLE stock IN ROW EXCLUSIVE MODE", "ANALYZE stock", user="deploy")
    builder = db.waiter(CREATE, by=[holder], user="deploy")
    writer = db.transaction(user="deploy").block("LOCK TABLE stock IN SHARE MODE")
    assert db.server.blocking_pids(writer.pid) == {holder.pid, builder.pid}
    show = pgunlock.json("show", builder.pid)
    assert show["cancel"]["effect"] == "It only waits: no work is lost. Its connection stays."
    pgunlock("cancel", builder.pid, "--yes").expect(0)
    assert builder.error() == "57014"
    assert "stock_amount" not in indexes(db)


@pytest.mark.parametrize("command, left, words_of_it", [
    ("REINDEX INDEX CONCURRENTLY stock_pkey", {"stock_pkey": True, "stock_pkey_ccnew": False}, "_ccnew"),
    ("DROP INDEX CONCURRENTLY stock_amount", {"stock_pkey": True, "stock_amount": False}, "INVALID: DROP INDEX removes it"),
])
def test_what_others_leave_behind(pgunlock, db, command, left, words_of_it):
    with db.server.connect(db.name) as connection:
        if "stock_amount" in command:
            connection.execute("CREATE INDEX stock_amount ON stock (amount)")
    # these wait for users of the table only
    user = db.session(user="bi")
    user.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    user.run("SELECT count(*) FROM stock")
    session = wait_for_stranger(db, db.session(user="deploy"), command)
    assert words_of_it in pgunlock.json("show", session.pid)["cancel"]["effect"]
    pgunlock("cancel", session.pid, "--yes").expect(0)
    assert session.error() == "57014"
    assert indexes(db) == left


def test_half_detached_partition(pgunlock, db, major):
    if major < 14:
        pytest.skip("DETACH PARTITION CONCURRENTLY: 14 on")
    user = db.session(user="bi")
    user.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    user.run("SELECT count(*) FROM measurements")
    session = wait_for_stranger(db, db.session(user="postgres"),
                                "ALTER TABLE measurements DETACH PARTITION measurements_2023 CONCURRENTLY")
    admin = pgunlock.at(user="postgres")
    assert "FINALIZE" in admin.json("show", session.pid)["cancel"]["effect"]
    admin("cancel", session.pid, "--yes").expect(0)
    assert session.error() == "57014"
    user.run("COMMIT")
    session.run("ALTER TABLE measurements DETACH PARTITION measurements_2023 FINALIZE")
