"""Locks are seen for the whole cluster, but a relation's oid means something only in its own database: databases made
from one template share the oids of their tables."""

import contextlib

import pytest

from rig import documents
from rig.database import Database
from rig.session import Session


class Tenant:
    """A database with a jam on one table, and a lock on another that nobody waits for."""

    def __init__(self, db, contended, quiet):
        self.db = db
        self.holder = db.transaction(f"LOCK TABLE {contended}", application="tenant")
        self.waiter = db.waiter(f"SELECT * FROM {contended}", by=[self.holder], application="tenant")
        self.quiet = db.transaction(f"LOCK TABLE {quiet}", application="tenant")

    def nothing_moved(self):
        assert self.db.all_alive(self.holder, self.waiter, self.quiet)
        assert self.db.server.waits(self.waiter.pid)
        return True


@pytest.fixture
def tenants(db):
    """Two of them: the same oids, other names."""
    other = Database(db.server, template=db.name)
    with db.server.connect(other.name) as connection:
        connection.execute("ALTER TABLE stock RENAME TO secrets; ALTER TABLE orders RENAME TO diaries")
    assert other.oid("secrets") == db.oid("stock") and other.oid("diaries") == db.oid("orders")
    yield Tenant(db, "stock", "orders"), Tenant(other, "secrets", "diaries")
    other.drop()


@pytest.fixture
def more_databases(db):
    """Makes databases that end with the test."""
    with contextlib.ExitStack() as made:
        def make():
            database = Database(db.server)
            made.callback(database.drop)
            return database
        yield make


def target_of(document, session):
    return documents.session(document, session)["wait"]["target"]


def locked(document):
    """session -> the names of the relations that it has locked"""
    found = {}
    for lock in document["locks"]:
        if lock["target"]["type"] == "relation":
            found.setdefault(lock["session"], set()).add((lock["target"]["database"], lock["target"]["relation"]))
    return found


@pytest.mark.smoke
@pytest.mark.parametrize("where", ["ours", "theirs", "third"])
def test_names_are_those_of_the_right_database(pgunlock, db, tenants, where):
    ours, theirs = tenants
    program = pgunlock.at(dbname={"ours": ours.db.name, "theirs": theirs.db.name, "third": "postgres"}[where])
    for command in ("tree", "status"):
        document = program.json(command)
        assert set(document["roots"]) == {ours.holder.id, theirs.holder.id}
        assert document["warnings"] == []
    document = program.json("tree")
    for tenant, name in ((ours, "stock"), (theirs, "secrets")):
        target = target_of(document, tenant.waiter)
        assert (target["database"], target["relation"]) == (tenant.db.name, name)
        assert documents.session(document, tenant.waiter)["waits_for"] == [tenant.holder.id]
    for command in ("tree", "status"):
        out = program(command).expect(0).out
        assert "secrets" in out and "stock" in out
        for tenant, name in ((ours, "stock"), (theirs, "secrets")):
            # the connected database's own tables need no more than their names
            assert (f"{tenant.db.name}.public.{name}" in out) == (program.connection["-d"] != tenant.db.name)


@pytest.mark.parametrize("where", ["ours", "theirs", "third"])
def test_table_never_means_the_other_one(pgunlock, db, tenants, where):
    ours, theirs = tenants
    program = pgunlock.at(dbname={"ours": ours.db.name, "theirs": theirs.db.name, "third": "postgres"}[where])
    table = "stock" if where == "ours" else f"{ours.db.name}.public.stock"
    for more in ([], ["--all-databases"]):
        document = program.json("locks", "--table", table, *more)
        assert {lock["session"] for lock in document["locks"]} == documents.ids(ours.holder, ours.waiter)
        assert {lock["target"]["relation"] for lock in document["locks"]} == {"stock"}
    # there is a table of this oid, but not of this name
    other = "secrets" if where == "ours" else f"{ours.db.name}.public.secrets"
    for command in (["locks"], ["terminate", "--yes"], ["release", "--yes"]):
        program(*command, "--table", other).expect(3)
    for command in ("cancel", "terminate", "release"):
        document = program.json(command, "--table", table, "--dry-run", exit_code=5 if command == "cancel" else 0)
        assert [item["session"] for item in document["plan"]] == [ours.holder.id]
    assert ours.nothing_moved() and theirs.nothing_moved()


@pytest.mark.parametrize("command", ["cancel", "terminate", "release"])
@pytest.mark.parametrize("where", ["ours", "theirs", "third"])
def test_acting_by_table_spares_the_other_one(pgunlock, db, tenants, where, command):
    ours, theirs = tenants
    program = pgunlock.at(dbname={"ours": ours.db.name, "theirs": theirs.db.name, "third": "postgres"}[where])
    table = "stock" if where == "ours" else f"{ours.db.name}.public.stock"
    if command == "cancel":
        for tenant in tenants:
            tenant.holder.send("SELECT pg_sleep(600)")
    document = program.json(command, "--table", table, "--yes")
    assert documents.results(document) == {ours.holder.id: "freed"}
    assert ours.waiter.error() is None
    assert theirs.nothing_moved()
    program.json(command, "--table", table, "--yes", exit_code=0 if command == "release" else 3)
    assert theirs.nothing_moved()


@pytest.mark.smoke
def test_names_of_what_nobody_waits_for(pgunlock, db, tenants):
    ours, theirs = tenants
    third = pgunlock.at(dbname="postgres")
    document = third.json("locks", "--all-databases")
    assert document["warnings"] == []
    names = locked(document)
    assert names[ours.quiet.id] == {(ours.db.name, "orders")}
    assert names[theirs.quiet.id] == {(theirs.db.name, "diaries")}
    assert names[theirs.holder.id] == {(theirs.db.name, "secrets")}
    out = third("locks", "--all-databases").expect(0).out
    assert f"{theirs.db.name}.public.diaries" in out and f"{ours.db.name}.public.orders" in out
    # likewise of the session that is shown
    for tenant, name in ((ours, "orders"), (theirs, "diaries")):
        document = third.json("show", tenant.quiet.pid)
        assert {lock["target"]["relation"] for lock in document["locks"]} == {name, None}
        assert f"{tenant.db.name}.public.{name}" in third("show", tenant.quiet.pid).expect(0).out


def test_role_with_one_connection(pgunlock, db, tenants):
    """Names of the connected database only, and a word about the others."""
    ours, theirs = tenants
    role = f"limited_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1 IN ROLE pg_monitor")
    try:
        document = pgunlock.at(dbname="postgres", user=role).json("locks", "--all-databases")
        assert locked(document)[theirs.quiet.id] == {(theirs.db.name, None)}
        assert any("too many connections" in warning and theirs.db.name in warning for warning in document["warnings"])
    finally:
        db.server.observer.execute(f"DROP ROLE {role}")


def test_more_databases_than_it_asks(pgunlock, db, more_databases):
    databases = [more_databases() for _ in range(5)]
    holders = [database.transaction("LOCK TABLE stock") for database in databases]
    # these have the most to name
    for database in databases[:3]:
        holders.append(database.transaction("LOCK TABLE orders, ledger"))
    document = pgunlock.at(dbname="postgres").json("locks", "--all-databases")
    names = locked(document)
    for database, holder in zip(databases, holders):
        expected = "stock" if database in databases[:3] else None
        assert names[holder.id] == {(database.name, expected)}
    warning, = document["warnings"]
    for database in databases:
        assert (database.name in warning.replace(",", " ").split()) == (database not in databases[:3])
    assert "oids" in warning


CLOSED = {
    "takes no connections": ("UPDATE pg_database SET datallowconn = false WHERE datname = '{db}'",
                             "UPDATE pg_database SET datallowconn = true WHERE datname = '{db}'",
                             "not currently accepting connections"),
    "no privilege": ("REVOKE CONNECT ON DATABASE {db} FROM PUBLIC", "GRANT CONNECT ON DATABASE {db} TO PUBLIC",
                     "permission denied for database"),
    "full": ("ALTER DATABASE {db} CONNECTION LIMIT 0", "ALTER DATABASE {db} CONNECTION LIMIT -1",
             "too many connections for database"),
}


@pytest.mark.parametrize("how", CLOSED)
def test_database_that_lets_nobody_in(pgunlock, db, tenants, how):
    ours, theirs = tenants
    close, open_again, reason = CLOSED[how]
    oid = theirs.db.oid("secrets")
    db.server.observer.execute(close.format(db=theirs.db.name))
    try:
        for arguments in (["tree"], ["status"], ["locks", "--all-databases"]):
            document = pgunlock.json(*arguments)
            warning, = document["warnings"]
            assert theirs.db.name in warning and reason in warning and "oid" in warning
            out = pgunlock(*arguments).expect(0).out
            assert reason in " ".join(out.split()) and f"{theirs.db.name}.{oid}" in out
            assert "public.secrets" not in out
        target = target_of(pgunlock.json("tree"), theirs.waiter)
        assert (target["database"], target["relation"]) == (theirs.db.name, None)
        # whom the session blocks is known all the same
        document = pgunlock.json("release", theirs.holder.pid, "--yes")
        assert documents.results(document) == {theirs.holder.id: "freed"}
        assert theirs.waiter.error() is None
        assert ours.nothing_moved()
    finally:
        db.server.observer.execute(open_again.format(db=theirs.db.name))


def test_grant_that_lets_it_in(pgunlock, db, tenants):
    ours, theirs = tenants
    db.server.observer.execute(f"REVOKE CONNECT ON DATABASE {theirs.db.name} FROM PUBLIC")
    warning, = pgunlock.json("tree")["warnings"]
    grant = f"GRANT CONNECT ON DATABASE {theirs.db.name} TO pgunlock;"
    assert warning.endswith(grant)
    assert grant in pgunlock("tree").expect(0).out.splitlines()[-1]
    db.server.observer.execute(grant)
    document = pgunlock.json("tree")
    assert document["warnings"] == []
    assert target_of(document, theirs.waiter)["relation"] == "secrets"


def test_dropped_while_we_look(pgunlock, db, more_databases, proxy):
    gone = more_databases()
    holder = gone.transaction("LOCK TABLE stock")
    gone.waiter("SELECT * FROM stock", by=[holder])
    oid = db.server.value("SELECT oid::int8 FROM pg_database WHERE datname = %s", gone.name)
    hold = proxy.hold_sql("FROM pg_catalog.pg_database")
    process = pgunlock.at(port=proxy.port).start("tree", "--format", "json")
    hold.wait()
    db.server.observer.execute(f"DROP DATABASE {gone.name} WITH (FORCE)")
    hold.release()
    finished = pgunlock.finish(process, ["tree", "--format", "json"]).expect(0)
    assert finished.json["roots"] == [holder.id]
    assert any(str(oid) in warning and "dropped" in warning for warning in finished.json["warnings"])


def test_prepared_transaction_of_the_other_one(pgunlock, db, tenants):
    ours, theirs = tenants
    session = Session(db.server, dbname=theirs.db.name, user="app_rw")
    for sql in ("BEGIN", "UPDATE login_sessions SET token = '' WHERE user_id = 1", "PREPARE TRANSACTION 'theirs'"):
        session.run(sql)
    session.close()
    superuser = pgunlock.at(user="postgres", dbname="postgres")
    document = superuser.json("locks", "--table", f"{ours.db.name}.public.login_sessions")
    assert document["locks"] == []
    document = superuser.json("locks", "--table", f"{theirs.db.name}.public.login_sessions")
    assert {lock["session"] for lock in document["locks"]} == {"gid:theirs"}
