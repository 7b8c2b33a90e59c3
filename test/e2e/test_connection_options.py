"""Connection options are those of psql, wherever they stand; beside them libpq's environment and files."""

import time

import pytest

from rig.session import Session


def is_at(document, db, dbname=None):
    assert document["server"]["port"] == db.server.port
    assert document["server"]["database"] == (dbname or db.name)
    return True


@pytest.fixture
def bare(pgunlock):
    """Without connection options."""
    return pgunlock.at(host=None, port=None, dbname=None, user=None)


@pytest.mark.parametrize("form", [
    ["-h{host}", "-p{port}", "-U{user}", "-d{dbname}", "status"],
    ["-h", "{host}", "-p", "{port}", "-U", "{user}", "-d", "{dbname}", "status"],
    ["status", "-h{host}", "-p{port}", "-U{user}", "-d{dbname}"],
    ["-h{host}", "status", "-p{port}", "-U", "{user}", "-d", "{dbname}"],
    ["--host={host}", "--port={port}", "--username={user}", "--dbname={dbname}", "status"],
    ["--host", "{host}", "--port", "{port}", "--username", "{user}", "--dbname", "{dbname}", "status"],
    ["-wh{host}", "-p{port}", "-U{user}", "-d{dbname}", "status"],
    ["-d", "host={host} port={port} user={user} dbname={dbname}", "status"],
    ["-d", "postgresql://{user}@{host}:{port}/{dbname}", "status"],
    ["-d", "postgres:///{dbname}?host={host}&port={port}&user={user}", "status"],
    # as with psql a connection string wins
    ["-d", "host={host} port={port} user={user} dbname={dbname}", "-h", "/nowhere", "status"],
    ["-h{socket}", "-p{port}", "-U{user}", "-d{dbname}", "status"],
    # no command is status
    ["-h{host}", "-p{port}", "-U{user}", "-d{dbname}"],
])
def test_forms(bare, db, form):
    values = {"host": "127.0.0.1", "socket": db.server.directory, "port": db.server.port, "user": "pgunlock",
              "dbname": db.name}
    assert is_at(bare.json(*(word.format(**values) for word in form)), db)


def test_environment(bare, db):
    environment = {"PGHOST": "127.0.0.1", "PGPORT": db.server.port, "PGUSER": "pgunlock", "PGDATABASE": db.name}
    assert is_at(bare.json("status", env=environment), db)
    # an option wins
    assert is_at(bare.json("status", "-d", "postgres", env=environment), db, "postgres")


def test_service_file(bare, db):
    path = bare.home / "services.conf"
    path.write_text(f"[main]\nhost=127.0.0.1\nport={db.server.port}\nuser=pgunlock\ndbname={db.name}\n")
    for arguments, more in ((["-d", "service=main"], {}), ([], {"PGSERVICE": "main"})):
        assert is_at(bare.json("status", *arguments, env={"PGSERVICEFILE": path, **more}), db)
    finished = bare("status", "-d", "service=other", env={"PGSERVICEFILE": path})
    assert finished.exit in (2, 6) and "other" in finished.err, repr(finished)


def test_database_by_default_is_postgres(pgunlock, db):
    assert is_at(pgunlock.at(dbname=None).json("status"), db, "postgres")


def test_template1_where_there_is_no_postgres(major, start_server, program):
    server = start_server(major)
    try:
        server.forget_observer()
        with server.connect("template1") as connection:
            connection.execute("DROP DATABASE postgres")
        connected = program.at(host="127.0.0.1", port=server.port, user="pgunlock")
        assert connected.json("status")["server"]["database"] == "template1"
    finally:
        server.stop()


@pytest.fixture
def locked_catalog(major, start_server):
    """A server in whose database postgres every login hangs; lock(dbname) does the same to another one."""
    server = start_server(major)
    sessions = []

    def lock(dbname):
        session = Session(server, dbname=dbname, user="postgres")
        sessions.append(session)
        session.run("BEGIN")
        session.run("LOCK TABLE pg_class")
        return server
    lock("postgres")
    server.lock = lock
    yield server
    for session in sessions:
        session.close()
    server.stop()


def test_template1_where_logins_into_postgres_hang(locked_catalog, program):
    connected = program.at(host="127.0.0.1", port=locked_catalog.port, user="pgunlock")
    assert connected.json("status")["server"]["database"] == "template1"


def test_logins_hang_in_both(locked_catalog, program):
    locked_catalog.lock("template1")
    started = time.monotonic()
    finished = program.at(host="127.0.0.1", port=locked_catalog.port, user="pgunlock")("status").expect(6)
    assert 3 < time.monotonic() - started < 8, "both share the connect timeout"
    error, hint = finished.err.splitlines()
    place = f"at 127.0.0.1:{locked_catalog.port}"
    for database in ("postgres", "template1"):
        assert error.count(f"database {database} {place} (no answer within") == 1, finished.err
    assert error.count(place) == 2 and "no reason given" not in error
    assert hint.startswith("hint: ") and "-d OTHERDATABASE" in hint


def test_conninfo_that_cannot_be_read(bare):
    finished = bare("status", "-d", "host=x nonsense")
    assert finished.exit in (2, 6), repr(finished)
    assert finished.err.startswith("pgunlock: error: ")


def test_several_hosts(bare, db):
    conninfo = f"host=127.0.0.1,127.0.0.1 port=1,{db.server.port} user=pgunlock dbname={db.name}"
    assert is_at(bare.json("status", "-d", conninfo), db)


def test_hides_nothing_of_itself(pgunlock, db):
    """Its session says who it is; the settings it makes are its own."""
    process = None
    try:
        process = pgunlock.start("tree", "--watch", "--interval", "1h", "--format", "json")
        process.stdout.readline()
        # the one that looks, and the one that tells whether the lock manager is stuck
        assert db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'"
                               " AND usename = 'pgunlock'") == 2
    finally:
        if process is not None:
            process.terminate()
            process.communicate(timeout=30)
