"""--pooler: the server sees PgBouncer's address; PgBouncer's console knows the client behind a connection."""

import json
import signal
import socket

import pytest

from rig import documents, pid_namespace, schemas
from rig.database import Database


class Client:
    """A client of the pooler that is idle in a transaction with a table locked, and a session that waits for it."""

    def __init__(self, db, pooler, table, application):
        self.application = application
        self.session = db.session(port=pooler.port, application=application)
        self.session.run("BEGIN")
        self.session.run(f"LOCK TABLE {table}")
        self.waiter = db.session(application="waiter").block(f"SELECT * FROM {table}")
        self.backend, = db.server.blocking_pids(self.waiter.pid)
        self.id = f"pid:{self.backend}"
        self.place = own_end(self.session)


def own_end(session):
    """The address and port that the pooler sees this client come from."""
    with socket.fromfd(session._connection.socket, socket.AF_INET, socket.SOCK_STREAM) as connection:
        return connection.getsockname()


def words(text):
    return " ".join(text.split())


def pooler_of(document, who):
    session = documents.session(document, who)
    return session["behind_pooler"], session["pooler_client"]


@pytest.mark.smoke
def test_two_clients(pgunlock, db, make_pgbouncer):
    pooler = make_pgbouncer(pool_size=2)
    clients = [Client(db, pooler, "orders", "checkout"), Client(db, pooler, "stock", "stocktaking")]
    direct = db.transaction("LOCK TABLE login_sessions", application="direct")
    db.waiter("SELECT * FROM login_sessions", by=[direct])
    for command in ("tree", "status"):
        document = pgunlock.json(command, "--pooler", pooler.console())
        for client in clients:
            assert pooler_of(document, client) == (True, {
                "addr": "127.0.0.1", "port": client.place[1], "application_name": client.application, "user": "app_rw",
                "database": db.name})
        assert pooler_of(document, direct) == (False, None)
        assert document["warnings"] == []
        out = words(pgunlock(command, "--pooler", pooler.console()).expect(0).out)
        for client in clients:
            assert f"PgBouncer: client 127.0.0.1:{client.place[1]}, application {client.application}" in out
    for client in clients:
        document = pgunlock.json("show", client.backend, "--pooler", pooler.console())
        assert document["session"]["pooler_client"]["port"] == client.place[1]
        out = words(pgunlock("show", client.backend, "--pooler", pooler.console()).expect(0).out)
        assert f"behind PgBouncer: client 127.0.0.1:{client.place[1]}, application {client.application}" in out
    document = pgunlock.json("tree")
    assert pooler_of(document, clients[0]) == (None, None)
    assert "PgBouncer" not in pgunlock("tree").expect(0).out


def test_migrator_that_left(pgunlock, db, pgbouncer):
    migrator = db.session(port=pgbouncer.port, application="migrator")
    migrator.run("SELECT pg_advisory_lock(42)")
    waiter = db.session(application="migrator").block("SELECT pg_advisory_lock(42)")
    backend, = db.server.blocking_pids(waiter.pid)
    migrator.close()
    conninfo = pgbouncer.console()
    document = pgunlock.json("tree", "--pooler", conninfo)
    assert pooler_of(document, f"pid:{backend}") == (True, None)
    assert documents.session(document, f"pid:{backend}")["application_name"] == "migrator"
    for command in (["status"], ["tree"], ["show", backend]):
        out = words(pgunlock(*command, "--pooler", conninfo).expect(0).out)
        assert "PgBouncer: no client at the moment" in out
    assert "Behind a pooler the name shown is that of the connection's latest user." in words(
        pgunlock("status", "--pooler", conninfo).out)
    # somebody else gets the connection, and with it the lock
    client = db.session(port=pgbouncer.port, application="checkout")
    client.run("BEGIN")
    assert client.run("SELECT pg_backend_pid()") == [(str(backend),)]
    document = pgunlock.json("tree", "--pooler", conninfo)
    assert pooler_of(document, f"pid:{backend}")[1]["application_name"] == "checkout"
    client.run("COMMIT")
    document = pgunlock.json("release", "--advisory", "42", "--yes")
    assert documents.results(document) == {f"pid:{backend}": "freed"}
    assert waiter.error() is None


def test_client_with_another_name_there(pgunlock, db, make_pgbouncer):
    """The pooler may log in to the server as somebody else."""
    pooler = make_pgbouncer(host=f"127.0.0.1 user=deploy dbname={db.name}")
    session = db.session(port=pooler.port, dbname="shop", application="checkout")
    session.run("BEGIN")
    session.run("LOCK TABLE orders")
    waiter = db.session().block("SELECT * FROM orders")
    backend, = db.server.blocking_pids(waiter.pid)
    document = pgunlock.json("show", backend, "--pooler", pooler.console())
    assert document["session"]["user"] == "deploy"
    assert document["session"]["pooler_client"]["user"] == "app_rw"
    out = words(pgunlock("tree", "--pooler", pooler.console()).expect(0).out)
    assert f"client 127.0.0.1:{own_end(session)[1]}, application checkout, user app_rw, database shop" in out


def test_pooler_on_a_unix_socket(pgunlock, db, make_pgbouncer):
    pooler = make_pgbouncer(host=db.server.directory)
    client = Client(db, pooler, "orders", "checkout")
    document = pgunlock.json("tree", "--pooler", pooler.console())
    assert documents.session(document, client)["client_port"] == -1
    assert pooler_of(document, client)[1]["port"] == client.place[1]


def test_hostile_names(pgunlock, db, pgbouncer):
    client = Client(db, pgbouncer, "orders", "a\x1b[31m b")
    out = pgunlock("tree", "--pooler", pgbouncer.console()).expect(0).out
    assert f"client 127.0.0.1:{client.place[1]}, application a" in words(out)
    assert pooler_of(pgunlock.json("tree", "--pooler", pgbouncer.console()), client)[0] is True


def test_pooler_of_another_server_with_the_same_pids(program, major, start_server, make_pgbouncer):
    if not pid_namespace.is_possible():
        pytest.skip("needs root and a kernel that lets it choose pids")
    ours, theirs = servers = [start_server(major, kind=pid_namespace.NamespaceServer) for _ in range(2)]
    try:
        pooler = make_pgbouncer(behind=theirs)
        databases, pids = [], set()
        for server, port in ((ours, ours.port), (theirs, pooler.port)):
            database = Database(server, name="shop")
            databases.append(database)
            server.next_pid(20000)
            holder = database.session(port=port, application="checkout")
            holder.run("BEGIN")
            holder.run("LOCK TABLE orders")
            waiter = database.session(application="waiter").block("SELECT * FROM orders")
            pids |= server.blocking_pids(waiter.pid)
        # the same on both
        pid, = pids
        for server, expected in ((ours, False), (theirs, True)):
            pgunlock = program.at(host="127.0.0.1", port=server.port, dbname="shop", user="pgunlock")
            document = pgunlock.json("tree", "--pooler", pooler.console())
            assert pooler_of(document, f"pid:{pid}")[0] is expected
        for database in databases:
            for session in database.sessions:
                session.close()
    finally:
        for server in servers:
            server.stop()


def assert_warned(pgunlock, conninfo, *fragments):
    """The jam is shown, with a warning below it."""
    finished = pgunlock("tree", "--pooler", conninfo).expect(0)
    assert "AccessShareLock on table orders" in finished.out
    warning = words(finished.out.split("warning: ", 1)[1])
    assert "the clients behind the pooler aren't named" in warning
    assert all(fragment in warning for fragment in fragments), warning
    document = pgunlock.json("tree", "--pooler", conninfo)
    assert len(document["warnings"]) == 1 and document["summary"]["blocked"] == 1
    assert all(session["behind_pooler"] is None for session in document["sessions"])


def test_console_that_cannot_be_asked(pgunlock, db, pgbouncer):
    Client(db, pgbouncer, "orders", "checkout")
    assert_warned(pgunlock, pgbouncer.console(port=1), "127.0.0.1:1", "connection refused")
    assert_warned(pgunlock, pgbouncer.console(user="app_rw"), "not allowed")
    # the server itself is no console
    assert_warned(pgunlock, pgbouncer.console(port=db.server.port), 'database "pgbouncer" does not exist')
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert_warned(pgunlock, pgbouncer.console(port=silent.getsockname()[1]), "no answer within 3.0s")


def test_console_that_stops_to_answer(pgunlock, db, pgbouncer, make_proxy):
    Client(db, pgbouncer, "orders", "checkout")
    proxy = make_proxy(pgbouncer)
    hold = proxy.hold_sql("SHOW SERVERS")
    finished = pgunlock("tree", "--pooler", pgbouncer.console(port=proxy.port)).expect(0)
    assert "no answer from" in words(finished.out) and "AccessShareLock on table orders" in finished.out
    hold.release()


@pytest.mark.parametrize("conninfo", ["db1", "host=db1 port", "postgresql://[::1", "service=no_such_service"])
def test_no_conninfo(pgunlock, conninfo):
    # before anything is connected to
    finished = pgunlock.at(port=1)("status", "--pooler", conninfo).expect(2)
    error, hint = finished.err.splitlines()
    assert error.startswith("pgunlock: error: --pooler: ") and hint.startswith("hint: ")


def test_suggested_commands_keep_the_password_to_themselves(pgunlock, db, pgbouncer):
    client = Client(db, pgbouncer, "orders", "checkout")
    conninfo = pgbouncer.console(password="s3cret")
    for command in (["status"], ["tree", "-v"], ["show", client.backend, "--verbose"]):
        finished = pgunlock(*command, "--pooler", conninfo).expect(0)
        assert "s3cret" not in finished.text
        assert "behind PgBouncer: client" in words(finished.out)


def test_nobody_waits(pgunlock, db, pgbouncer):
    # nothing to name: the console is left alone
    finished = pgunlock("status", "--pooler", pgbouncer.console(port=1)).expect(0)
    assert finished.out.startswith("Nobody waits") and "warning" not in finished.out


def test_watch(pgunlock, db, pgbouncer):
    first = Client(db, pgbouncer, "orders", "checkout")
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json", "--pooler", pgbouncer.console())

    def clients():
        for line in process.stdout:
            document = json.loads(line)
            schemas.validate(document)
            yield [session["pooler_client"]["application_name"] for session in document["sessions"]
                   if session["pooler_client"]], document["warnings"]
    stream = clients()
    assert next(stream) == (["checkout"], [])
    with_console = PgBouncerConsole(db, pgbouncer)
    assert len(with_console.console_clients()) == 1
    first.session.run("COMMIT")
    assert first.waiter.error() is None
    Client(db, pgbouncer, "stock", "stocktaking")
    assert next(seen for seen in stream if seen[0] == ["stocktaking"]) == (["stocktaking"], [])
    # one connection to the console for all looks
    assert len(with_console.console_clients()) == 1
    direct = db.transaction("LOCK TABLE login_sessions")
    db.waiter("SELECT * FROM login_sessions", by=[direct])
    pgbouncer.stop()
    seen = next(seen for seen in stream if seen[1])
    assert seen[0] == []
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


class PgBouncerConsole:
    """The console as the test itself asks it."""

    def __init__(self, db, pooler):
        self._session = db.session(port=pooler.port, dbname="pgbouncer", user="postgres", application="rig")

    def console_clients(self):
        """The others that are connected to the console."""
        rows = self._session.run("SHOW CLIENTS")
        return [row for row in rows if "pgbouncer" in row[:5] and "pgunlock" in row[:5]]
