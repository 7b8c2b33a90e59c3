"""Locks of other kinds than a table's and a row's."""

from rig import documents
from rig.database import Database
from rig.waiting import wait_until


def test_predicate_locks_block_nobody(pgunlock, db):
    reader = db.session()
    reader.run("BEGIN ISOLATION LEVEL SERIALIZABLE")
    reader.run("SELECT * FROM stock WHERE id = 1")
    assert ("SIReadLock",) in db.server.rows("SELECT mode FROM pg_locks WHERE pid = %s", reader.pid)
    holder = db.transaction("LOCK TABLE stock IN SHARE ROW EXCLUSIVE MODE")
    waiter = db.waiter("UPDATE stock SET amount = 1 WHERE id = 1", by=[holder])
    document = pgunlock.json("tree", "--all-edges")
    assert document["roots"] == [holder.id]
    assert documents.edges(document) == {(waiter.id, holder.id)}
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert db.all_alive(reader)


def test_fast_path_locks(pgunlock, db):
    reader = db.transaction("SELECT * FROM orders")
    assert db.server.value("SELECT bool_or(fastpath) FROM pg_locks WHERE pid = %s AND relation = %s", reader.pid,
                           db.oid("orders"))
    assert pgunlock.json("tree")["roots"] == []
    locks = pgunlock.json("locks", "--session", reader.pid, "--table", "orders")["locks"]
    assert [(lock["mode"], lock["fast_path"], lock["granted"]) for lock in locks
            if lock["target"]["relation"] == "orders"] == [("AccessShareLock", True, True)]
    # a strong waiter moves it to the main table
    ddl = db.waiter("ALTER TABLE orders ADD COLUMN due date", by=[reader], user="deploy")
    assert documents.edges(pgunlock.json("tree")) == {(ddl.id, reader.id)}


def test_many_locks_of_one_session(pgunlock, db):
    """More than the fast path has room for."""
    with db.server.connect(db.name) as connection:
        for number in range(40):
            connection.execute(f"CREATE TABLE many_{number} (id int)")
            connection.execute(f"GRANT ALL ON many_{number} TO PUBLIC")
    holder = db.transaction(*(f"SELECT * FROM many_{number}" for number in range(40)))
    waiter = db.waiter("LOCK TABLE many_39 IN ACCESS EXCLUSIVE MODE", user="postgres", in_transaction=True, by=[holder])
    document = pgunlock.json("tree")
    assert documents.edges(document) == {(waiter.id, holder.id)}
    document = pgunlock.json("locks", "--session", holder.pid)
    assert {f"many_{number}" for number in range(40)} <= {lock["target"]["relation"] for lock in document["locks"]}


def test_create_index_concurrently_waits_for_a_stranger(pgunlock, db):
    # it never touched that table, but its snapshot is older
    stranger = db.session()
    stranger.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    stranger.run("SELECT * FROM orders")
    builder = db.session(user="deploy").send("CREATE INDEX CONCURRENTLY stock_amount ON stock (amount)")
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
                                       " AND locktype = 'virtualxid'", builder.pid), "it waits for a virtual transaction")
    assert db.server.blocking_pids(builder.pid) == {stranger.pid}
    document = pgunlock.json("tree")
    assert document["roots"] == [stranger.id]
    assert documents.session(document, builder)["wait"]["target"]["type"] == "virtualxid"
    document = pgunlock.json("release", "--waiter", builder.pid, "--yes")
    assert documents.results(document) == {stranger.id: "freed"}
    assert builder.error() is None


def test_unique_key_conflict(pgunlock, db):
    # the row isn't visible yet: the wait names a transaction and no table
    first = db.transaction("INSERT INTO stock VALUES (1000, 1)")
    second = db.waiter("INSERT INTO stock VALUES (1000, 2)", by=[first])
    assert db.server.value("SELECT locktype FROM pg_locks WHERE pid = %s AND NOT granted", second.pid) == "transactionid"
    document = pgunlock.json("tree")
    assert document["roots"] == [first.id]
    # by table: inferred, since both hold row locks on it
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.results(document) == {first.id: "freed"}
    assert documents.plan_item(document, first)["inferred"] is True
    assert second.error() is None


def test_upgrade_from_share_names_no_row(pgunlock, db):
    holder = db.transaction("SELECT * FROM stock WHERE id = 3 FOR SHARE")
    upgrader = db.transaction("SELECT * FROM stock WHERE id = 3 FOR SHARE")
    upgrader.block("UPDATE stock SET amount = 1 WHERE id = 3", by=[holder])
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert upgrader.error() is None
    assert db.all_alive(upgrader)


def test_speculative_insertion_does_not_disturb(pgunlock, db):
    first = db.transaction("INSERT INTO stock VALUES (1000, 1) ON CONFLICT DO NOTHING")
    second = db.waiter("INSERT INTO stock VALUES (1000, 2) ON CONFLICT DO NOTHING", by=[first])
    assert documents.edges(pgunlock.json("tree")) == {(second.id, first.id)}


def test_object_lock(pgunlock, db):
    """Of something that is no relation: a schema."""
    holder = db.transaction("ALTER SCHEMA archive OWNER TO deploy", user="postgres")
    waiter = db.session(user="postgres").block("DROP SCHEMA archive CASCADE")
    kind = db.server.value("SELECT locktype FROM pg_locks WHERE pid = %s AND NOT granted", waiter.pid)
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    target = documents.session(document, waiter)["wait"]["target"]
    assert target["type"] == kind
    assert target["text"]


def test_lock_shared_by_all_databases(pgunlock, db):
    holder = db.transaction("ALTER ROLE bi SET work_mem = '4MB'", user="postgres")
    waiter = db.session(user="postgres").block("ALTER ROLE bi SET work_mem = '5MB'")
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    assert documents.session(document, waiter)["waits_for"] == [holder.id]


def test_lock_in_another_database(pgunlock, db):
    """The table of that oid in this database is another one."""
    here = Database(db.server, template=db.name)
    with db.server.connect(here.name) as connection:
        connection.execute("ALTER TABLE stock RENAME TO not_stock_at_all")
    holder = db.transaction("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[holder])
    assert here.oid("not_stock_at_all") == db.oid("stock")
    elsewhere = pgunlock.at(dbname=here.name)
    for command in ("status", "tree"):
        assert "not_stock_at_all" not in elsewhere(command).expect(0).out
    document = elsewhere.json("tree")
    assert document["roots"] == [holder.id]
    target = documents.session(document, waiter)["wait"]["target"]
    assert target["database"] == db.name
    assert target["relation"] in (None, "stock")
    assert db.name in target["text"]
    document = elsewhere.json("release", holder.pid, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    here.drop()


def test_subtransactions(pgunlock, db):
    holder = db.transaction("SAVEPOINT a", "UPDATE stock SET amount = 0 WHERE id = 5", "SAVEPOINT b",
                            "UPDATE stock SET amount = 0 WHERE id = 6")
    first = db.waiter("UPDATE stock SET amount = 1 WHERE id = 5", by=[holder])
    second = db.waiter("UPDATE stock SET amount = 1 WHERE id = 6", by=[holder])
    document = pgunlock.json("tree")
    assert document["roots"] == [holder.id]
    assert documents.session(document, holder)["blocked_total"] == 2
    holder.run("ROLLBACK TO b")
    assert second.error() is None
    assert documents.edges(pgunlock.json("tree")) == {(first.id, holder.id)}


def test_vacuum_that_runs_beside(pgunlock, db):
    """ShareUpdateExclusive: DDL of the weaker sort waits."""
    holder = db.transaction("LOCK TABLE stock IN SHARE UPDATE EXCLUSIVE MODE", user="deploy")
    waiter = db.waiter("VACUUM stock", by=[holder], user="deploy")
    document = pgunlock.json("tree")
    assert documents.session(document, waiter)["wait"]["mode"] == "ShareUpdateExclusiveLock"
    pgunlock("release", "--table", "stock", "--yes").expect(0)
    assert waiter.error() is None
