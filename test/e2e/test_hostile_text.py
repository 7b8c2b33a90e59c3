"""What others write into names and statements is text for a terminal here, and must stay text. The runner itself refuses
control characters in any output; here they are put where they could come from."""

import json

import pytest

from rig import documents
from rig.database import Database

CLEAR = "\x1b[2J\x1b[H"
NASTY_NAMES = ['A""b', "two words", "emoji 🔒🐘", "esc\x1b[31mred", "new\nline", "tab\there", "bell\x07", "c1\x9b31m",
               "rtl\u202egnp", "a'b;--", "%s%n", "-rf", "x" * 63]
FORMATS = (["status"], ["tree"], ["tree", "--full"], ["tree", "--format", "dot"],
           ["tree", "--format", "svg"], ["locks"], ["locks", "--format", "csv"])


def everything_stays_text(pgunlock):
    """All looks, all formats: the runner complains of what isn't clean. Colours are allowed to be there when asked for."""
    for arguments in FORMATS:
        pgunlock(*arguments).expect(0)
    for arguments in FORMATS[:3]:
        pgunlock(*arguments, "--color", "always", may_colour=True).expect(0)
    for command in ("status", "tree", "locks"):
        finished = pgunlock(command, "--format", "json").expect(0)
        json.dumps(finished.json)
        assert "\x1b" not in finished.out and "\x9b" not in finished.out
    return True


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def test_table_names(pgunlock, db):
    jams = {}
    with db.server.connect(db.name) as connection:
        for name in NASTY_NAMES:
            connection.execute(f"CREATE TABLE {quoted(name)} (id int PRIMARY KEY)")
            connection.execute(f"GRANT ALL ON {quoted(name)} TO PUBLIC")
            holder = db.transaction(f"LOCK TABLE {quoted(name)}")
            jams[name] = holder, db.waiter(f"SELECT * FROM {quoted(name)}", by=[holder])
    assert everything_stays_text(pgunlock)
    document = pgunlock.json("tree")
    for name, (holder, waiter) in jams.items():
        assert documents.session(document, waiter)["wait"]["target"]["relation"] == name
        # quoted, case and all is taken as it is
        released = pgunlock.json("release", "--table", f"public.{quoted(name)}", "--yes")
        assert documents.results(released) == {holder.id: "freed"}
        assert waiter.error() is None


@pytest.mark.parametrize("name", ["My Role \x1b[31m", "rôle", 'q"q'], ids=["escape", "accent", "quote"])
def test_role_and_database_names(pgunlock, db, name):
    server = db.server
    server.observer.execute(f"CREATE ROLE {quoted(name)} LOGIN")
    server.observer.execute(f'CREATE DATABASE {quoted("db " + name)} TEMPLATE pgunlock_template')
    try:
        conninfo = {"user": name, "dbname": "db " + name}
        holder = db.transaction("LOCK TABLE stock", **conninfo)
        waiter = db.waiter("SELECT * FROM stock", by=[holder], **conninfo)
        there = pgunlock.at(dbname="db " + name)
        assert everything_stays_text(there)
        document = there.json("tree")
        entry = documents.session(document, holder)
        assert (entry["user"], entry["database"]) == (name, "db " + name)
        document = there.json("terminate", "--user", name, "--yes")
        assert documents.results(document) == {holder.id: "freed"}
        assert waiter.error() is None
    finally:
        for session in db.sessions:
            session.close()
        server.end_everybody()
        server.observer.execute(f'DROP DATABASE {quoted("db " + name)}')
        server.observer.execute(f"DROP ROLE {quoted(name)}")


NASTY_TEXTS = [CLEAR, "\x1b]0;title\x07", "\r\nroot# ", "\x9b2J", "\u2028\u2029", "\u202e reversed", "🔒" * 50, "\t\v\f\b"]


def test_statements(pgunlock, db):
    holders = []
    for number, text in enumerate(NASTY_TEXTS, 1):
        statement = f"SELECT '{text}' AS hostile /* {text} */"
        holder = db.transaction(f"UPDATE stock SET amount = 0 WHERE id = {number}", statement)
        db.waiter(f"UPDATE stock SET amount = 1 /* {text} */ WHERE id = {number}", by=[holder])
        holders.append((holder, statement))
    assert everything_stays_text(pgunlock)
    document = pgunlock.json("tree")
    for holder, statement in holders:
        assert documents.session(document, holder)["query"] == statement
    terminal = pgunlock.terminal("release", "--table", "stock", rows=200)
    plan = terminal.expect_question()
    assert all(str(holder.pid) in plan for holder, _ in holders)
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "\x1b[2J" not in terminal.raw and "\x1b]0" not in terminal.raw and "\x9b" not in terminal.raw


def test_application_names(pgunlock, db):
    # some majors replace what isn't printable ASCII by question marks
    holders = [db.transaction(f"UPDATE stock SET amount = 0 WHERE id = {number}", application=name)
               for number, name in enumerate(("two words", "esc\x1b[31m", "日本", "a=b", "'quoted'", "50%"), 1)]
    for number, holder in enumerate(holders, 1):
        db.waiter(f"UPDATE stock SET amount = 1 WHERE id = {number}", by=[holder])
    assert everything_stays_text(pgunlock)
    document = pgunlock.json("tree")
    for holder in holders:
        shown = db.server.value("SELECT application_name FROM pg_stat_activity WHERE pid = %s", holder.pid)
        assert documents.session(document, holder)["application_name"] == shown
    document = pgunlock.json("release", "--application", "two words", "--yes")
    assert documents.results(document) == {holders[0].id: "freed"}


def test_statement_cut_in_a_character(pgunlock, db):
    # track_activity_query_size cuts by bytes: here the server cuts at a character, in other encodings it may not
    holder = db.transaction("LOCK TABLE stock")
    holder.run("SELECT '" + "日" * 2000 + "'")
    waiter = db.waiter("SELECT * FROM stock", by=[holder])
    assert everything_stays_text(pgunlock)
    assert documents.session(pgunlock.json("tree"), holder)["query"].startswith("SELECT '日日")
    assert not waiter.is_done()


def test_bytes_of_another_encoding(pgunlock, db):
    """A SQL_ASCII database has statements in any encoding; they are not convertible to UTF-8."""
    server = db.server
    server.observer.execute("CREATE DATABASE bytes TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'")
    try:
        holder = db.session(dbname="bytes", client_encoding="SQL_ASCII")
        holder.run("BEGIN")
        holder.run(b"SELECT pg_advisory_xact_lock(7), 'caf\xe9 \xff\xfe \xc3'")
        waiter = db.session(dbname="bytes").block("SELECT pg_advisory_xact_lock(7)", by=[holder])
        for dbname in (db.name, "bytes"):
            there = pgunlock.at(dbname=dbname)
            assert everything_stays_text(there)
            document = there.json("tree")
            assert document["roots"] == [holder.id]
            assert "caf\ufffd" in documents.session(document, holder)["query"]
        document = pgunlock.json("release", holder.pid, "--yes")
        assert documents.results(document) == {holder.id: "freed"}
        assert waiter.error() is None
    finally:
        for session in db.sessions:
            session.close()
        server.end_everybody()
        server.observer.execute("DROP DATABASE bytes")


def test_statement_of_a_megabyte(major, start_server, program):
    server = start_server(major, {"track_activity_query_size": "1048576", "max_connections": 20, "max_wal_senders": 0})
    try:
        db = Database(server)
        holder = db.transaction("LOCK TABLE stock")
        sql = "SELECT '" + "x" * (1024 * 1024 - 100) + " the end'"
        holder.run(sql)
        waiter = db.waiter("SELECT * FROM stock", by=[holder])
        connected = program.at(host="127.0.0.1", port=server.port, dbname=db.name, user="pgunlock")
        document = connected.json("tree")
        assert documents.session(document, holder)["query"] == sql
        for command in ("status", "tree", "locks"):
            out = connected(command).expect(0).out
            assert len(out) < 10000, f"{command} must cut statements for people"
            assert max(map(len, out.splitlines())) <= 120
        document = connected.json("release", "--table", "stock", "--yes")
        assert documents.results(document) == {holder.id: "freed"}
        assert waiter.error() is None
        assert connected.audit_lines()
    finally:
        server.stop()
