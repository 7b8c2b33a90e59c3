"""terminate --table ends who blocks, and spares who only happens to have a lock on the same table: readers, writers of
other rows, and above all the waiters."""

import pytest

from rig import documents
from rig.database import Database, wait_gone
from rig.incidents import UPDATE_LOGIN, Login


class Crowd(Login):
    """The login incident among innocents."""

    def __init__(self, db):
        super().__init__(db)
        self.reader = db.transaction("SELECT count(*) FROM login_sessions", application="report")
        self.writer = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 7", application="login-service")
        self.elsewhere = db.transaction("LOCK TABLE stock", application="stock")
        self.idle = db.session(application="idle")

    @property
    def innocents(self):
        return [self.reader, self.writer, self.elsewhere, self.idle, *self.waiters]


@pytest.fixture
def crowd(db):
    return Crowd(db)


@pytest.mark.smoke
def test_innocents_survive(pgunlock, crowd, db):
    document = pgunlock.json("terminate", "--table", "login_sessions", "--yes")
    assert documents.results(document) == {crowd.holder.id: "freed"}
    assert crowd.all_get_in()
    assert db.all_alive(*crowd.innocents)
    wait_gone(db.server, crowd.holder)


def test_all_holders_with_an_exclusive_mode(pgunlock, crowd, db):
    """The way of many an article, with the one thing put right that it gets wrong: waiters are spared."""
    document = pgunlock.json("terminate", "--table", "login_sessions", "--mode", "*ExclusiveLock", "--all-holders", "--yes")
    assert documents.results(document) == {crowd.holder.id: "freed", crowd.writer.id: "freed"}
    assert crowd.all_get_in()
    assert db.all_alive(crowd.reader, crowd.elsewhere, crowd.idle, *crowd.waiters)


def test_all_holders_of_any_mode(pgunlock, crowd, db):
    document = pgunlock.json("terminate", "--table", "login_sessions", "--all-holders", "--yes")
    assert documents.results(document) == {one.id: "freed" for one in (crowd.holder, crowd.writer, crowd.reader)}
    assert db.all_alive(crowd.elsewhere, crowd.idle, *crowd.waiters)


@pytest.mark.parametrize("pattern", ["*ExclusiveLock", "%ExclusiveLock", "*exclusive*", "RowExclusiveLock", "row-exclusive",
                                     "ROW EXCLUSIVE", "rowexclusivelock"])
def test_ways_to_write_a_mode(pgunlock, crowd, pattern):
    document = pgunlock.json("terminate", "--table", "login_sessions", "--mode", pattern, "--all-holders", "--dry-run")
    assert set(documents.acts(document)) == {crowd.holder.id, crowd.writer.id}


@pytest.mark.parametrize("pattern", ["login_sessions", "LOGIN_SESSIONS", "Login_Sessions", "login_*",
                                     "public.login_sessions", '"login_sessions"', "*.login_sessions", "l?gin_sessions"])
def test_ways_to_write_a_table(pgunlock, crowd, pattern):
    document = pgunlock.json("terminate", "--table", pattern, "--dry-run")
    assert set(documents.acts(document)) == {crowd.holder.id}


def test_table_with_its_database(pgunlock, crowd, db):
    document = pgunlock.json("terminate", "--table", f"{db.name}.public.login_sessions", "--dry-run")
    assert set(documents.acts(document)) == {crowd.holder.id}


@pytest.mark.parametrize("pattern", ["no_such_table", '"LOGIN_SESSIONS"', "archive.login_sessions",
                                     "nowhere.login_sessions"])
@pytest.mark.parametrize("command", ["terminate", "release"])
def test_table_that_does_not_exist_is_an_error(pgunlock, crowd, pattern, command):
    finished = pgunlock(command, "--table", pattern, "--yes").expect(3)
    assert finished.err.startswith("pgunlock: error: ")
    assert crowd.nothing_moved()


def test_nobody_blocks_on_that_table(pgunlock, crowd, db):
    pgunlock("terminate", "--table", "stock", "--yes").expect(3)
    assert crowd.nothing_moved()
    assert db.all_alive(*crowd.innocents)
    document = pgunlock.json("release", "--table", "stock", "--yes")
    assert document["plan"] == []
    assert crowd.nothing_moved()


@pytest.mark.parametrize("command", ["terminate", "release"])
@pytest.mark.parametrize("pattern", ["ledger", "ledg*"])
def test_several_tables_want_the_schema(pgunlock, db, command, pattern):
    public = db.transaction("LOCK TABLE public.ledger")
    archive = db.transaction("LOCK TABLE archive.ledger")
    behind = [db.waiter("SELECT 1 FROM public.ledger", by=[public]), db.waiter("SELECT 1 FROM archive.ledger", by=[archive])]
    finished = pgunlock(command, "--table", pattern, "--yes")
    assert finished.exit in (2, 5), repr(finished)
    assert "archive.ledger" in finished.err and "public.ledger" in finished.err
    assert db.all_alive(public, archive)
    document = pgunlock.json(command, "--table", "*.ledger", "--dry-run")
    assert set(documents.acts(document)) == documents.ids(public, archive)
    document = pgunlock.json(command, "--table", "archive." + pattern, "--yes")
    assert documents.results(document) == {archive.id: "freed"}
    assert behind[1].error() is None
    assert db.server.waits(behind[0].pid)


def test_partitions_belong_to_the_table(pgunlock, db):
    holder = db.transaction("LOCK TABLE measurements_2024")
    other = db.transaction("LOCK TABLE measurements_2023")
    waiter = db.waiter("INSERT INTO measurements VALUES ('2024-07-01', 3)", by=[holder])
    document = pgunlock.json("terminate", "--table", "measurements", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None
    assert db.all_alive(other)


def test_indexes_belong_to_the_table(pgunlock, db):
    holder = db.transaction("REINDEX INDEX stock_pkey", user="deploy")
    waiter = db.waiter("SELECT * FROM stock", by=[holder])
    document = pgunlock.json("tree")
    assert "stock" in documents.session(document, waiter)["wait"]["target"]["text"]
    document = pgunlock.json("terminate", "--table", "stock", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


def test_only_those_that_conflict_with_a_waiter(pgunlock, db):
    # both hold a lock on the table, somebody waits on it, but only for one of them
    culprit = db.transaction("LOCK TABLE stock IN SHARE MODE", application="culprit")
    innocent = db.transaction("SELECT count(*) FROM stock", application="innocent")
    waiter = db.waiter("UPDATE stock SET amount = 0", by=[culprit])
    document = pgunlock.json("terminate", "--table", "stock", "--yes")
    assert documents.results(document) == {culprit.id: "freed"}
    assert waiter.error() is None
    assert db.all_alive(innocent)


def test_blocking_ends_roots_only(pgunlock, db):
    root = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1")
    middle = db.transaction("UPDATE stock SET amount = 0 WHERE id = 2")
    middle.block("UPDATE stock SET amount = 0 WHERE id = 1", by=[root])
    last = db.waiter("UPDATE stock SET amount = 0 WHERE id = 2", by=[middle])
    document = pgunlock.json("tree")
    assert document["roots"] == [root.id]
    assert documents.session(document, root)["blocked_total"] == 2
    # the one in the middle moves on, and is then what the last one waits for: 4
    document = pgunlock.json("terminate", "--table", "stock", "--blocking", "--yes", "--wait", "1s", exit_code=4)
    assert documents.results(document) == {root.id: "freed"}
    assert documents.waiters(document) == (1, 0, 1)
    assert document["successors"] == [middle.id]
    assert middle.error() is None
    assert db.all_alive(middle, last)


def test_blocking_spares_a_holder_that_waits_elsewhere(pgunlock, db):
    root = db.transaction("LOCK TABLE orders", user="deploy")
    middle = db.transaction("LOCK TABLE stock", user="deploy")
    last = db.waiter("SELECT * FROM stock", by=[middle])
    middle.block("SELECT * FROM orders", by=[root])
    pgunlock("terminate", "--table", "stock", "--blocking", "--yes").expect(3)
    assert db.all_alive(root, middle, last)
    assert db.server.waits(middle.pid) and db.server.waits(last.pid)


@pytest.mark.parametrize("command", ["terminate", "release"])
def test_same_table_of_another_tenant(pgunlock, db, command):
    """Databases made from one template share the oids of their tables: an oid alone names both."""
    tenant = Database(db.server, template=db.name)
    assert tenant.oid("login_sessions") == db.oid("login_sessions")
    ours = Login(db, waiters=1)
    theirs = tenant.transaction(UPDATE_LOGIN)
    their_waiter = tenant.waiter(UPDATE_LOGIN, by=[theirs])
    table_lock = tenant.transaction("LOCK TABLE stock")
    behind = tenant.waiter("SELECT * FROM stock", by=[table_lock])
    pgunlock("terminate", "--table", "stock", "--yes").expect(3)
    document = pgunlock.json(command, "--table", "login_sessions", "--yes")
    assert documents.results(document) == {ours.holder.id: "freed"}
    assert tenant.all_alive(theirs, table_lock)
    assert db.server.waits(their_waiter.pid) and db.server.waits(behind.pid)
    tenant.drop()


def test_table_of_another_tenant_by_its_database(pgunlock, db):
    tenant = Database(db.server)
    ours = db.transaction("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[ours])
    theirs = tenant.transaction("LOCK TABLE stock")
    behind = tenant.waiter("SELECT * FROM stock", by=[theirs])
    # either it looks there, or it says that it is connected elsewhere; it never takes our table for theirs
    finished = pgunlock("terminate", "--table", f"{tenant.name}.public.stock", "--yes")
    assert db.all_alive(ours)
    assert db.server.waits(waiter.pid)
    if finished.exit == 0:
        wait_gone(db.server, theirs)
    else:
        assert finished.exit in (2, 3) and tenant.name in finished.err, repr(finished)
        assert db.server.waits(behind.pid)
    tenant.drop()
