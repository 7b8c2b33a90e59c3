"""Which row is waited for: its key in place of its number, where it can be read without getting in anybody's way."""

import json
import signal

import pytest

from rig import documents
from rig.incidents import Login
from rig.waiting import wait_until

KEY_42 = {"table": "login_sessions", "key": {"user_id": "42"}}


def rows_in(document):
    """session id -> target.row, of those who wait."""
    return {entry["id"]: entry["wait"]["target"]["row"] for entry in document["sessions"] if entry["wait"]}


@pytest.mark.smoke
def test_every_waiter_of_the_login_incident(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("tree")
    assert rows_in(document) == {waiter.id: KEY_42 for waiter in login.waiters}
    first = documents.session(document, login.waiters[0])["wait"]["target"]
    assert first["type"] == "transactionid" and first["text"].startswith("row login_sessions (user_id=42), transaction ")
    assert all(edge["target"]["row"] == KEY_42 for edge in document["edges"])
    assert pgunlock.json("status")["holds"][0]["target"]["row"] == KEY_42
    assert documents.plan_item(pgunlock.json("release", "--all", "--dry-run"), login.holder)["frees"] == 3


@pytest.mark.parametrize("command", [["status"], ["tree"], ["locks"], ["show", "holder"], ["show", "waiter"]])
def test_words(pgunlock, db, command):
    login = Login(db)
    names = {"holder": login.holder.pid, "waiter": login.waiters[1].pid}
    command = [names.get(word, word) for word in command]
    assert "row login_sessions (user_id=42)" in pgunlock(*command).expect(0).out
    out = pgunlock(*command, "--no-rows").expect(0).out
    assert "user_id=42)" not in out and "row (0,42) of login_sessions" in out


def test_json_of_locks_and_show(pgunlock, db):
    login = Login(db)
    waiting = [lock for lock in pgunlock.json("locks", "--waiting")["locks"] if lock["target"]["type"] == "tuple"]
    assert waiting and all(lock["target"]["row"] == KEY_42 for lock in waiting)
    assert pgunlock.json("show", login.waiters[1].pid)["session"]["wait"]["target"]["row"] == KEY_42
    assert set(map(str, rows_in(pgunlock.json("tree", "--no-rows")).values())) == {"None"}


def test_watch(pgunlock, db):
    login = Login(db)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    for _ in range(3):
        document = json.loads(process.stdout.readline())
        assert rows_in(document) == {waiter.id: KEY_42 for waiter in login.waiters}
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree",)).expect(130)


def test_row_that_is_deleted(pgunlock, db):
    db.transaction("DELETE FROM login_sessions WHERE user_id = 42")
    waiter = db.waiter("DELETE FROM login_sessions WHERE user_id = 42")
    assert rows_in(pgunlock.json("tree")) == {waiter.id: KEY_42}


def test_rows_of_several_tables(pgunlock, db):
    db.transaction("UPDATE orders SET note = '' WHERE id IN (7, 8)", "UPDATE stock SET amount = 0 WHERE id = 9")
    waiters = [db.waiter(statement) for statement in (
        "DELETE FROM orders WHERE id = 7", "DELETE FROM orders WHERE id = 8", "DELETE FROM stock WHERE id = 9")]
    assert rows_in(pgunlock.json("tree")) == {
        waiters[0].id: {"table": "orders", "key": {"id": "7"}}, waiters[1].id: {"table": "orders", "key": {"id": "8"}},
        waiters[2].id: {"table": "stock", "key": {"id": "9"}}}


def test_table_without_a_key(pgunlock, db):
    db.transaction("UPDATE measurements SET value = 3 WHERE at = '2023-05-01'")
    waiter = db.waiter("UPDATE measurements SET value = 3 WHERE at = '2023-05-01'")
    document = pgunlock.json("tree")
    assert rows_in(document) == {waiter.id: None}
    assert "row (0,1) of measurements_2023" in documents.session(document, waiter)["wait"]["target"]["text"]
    assert document["warnings"] == []


def test_table_that_may_not_be_read(pgunlock, db):
    login = Login(db)
    with db.server.connect(db.name) as connection:
        connection.execute("REVOKE ALL ON login_sessions FROM PUBLIC")
    document = pgunlock.json("tree")
    assert set(rows_in(document).values()) == {None} and document["warnings"] == []
    assert "row (0,42) of login_sessions" in pgunlock("status").expect(0).out
    assert login.nothing_moved()


def test_hostile_keys(pgunlock, db):
    values = ["\\x1b[31mred", "it''s", "a\\nb", "x" * 5000, "日本 🔒"]
    with db.server.connect(db.name) as connection:
        connection.execute('CREATE TABLE "A""b 🔒" ("k""ey" text PRIMARY KEY, note text); GRANT ALL ON "A""b 🔒" TO PUBLIC')
        for value in values:
            connection.execute(f"""INSERT INTO "A""b 🔒" VALUES (E'{value}')""")
    db.transaction('UPDATE "A""b 🔒" SET note = 1')
    waiters = [db.waiter(f"""DELETE FROM "A""b 🔒" WHERE "k""ey" = E'{value}'""") for value in values]
    found = rows_in(pgunlock.json("tree"))
    keys = [found[waiter.id]["key"]['k"ey'] for waiter in waiters]
    assert keys == ["\x1b[31mred", "it's", "a\nb", "x" * 200, "日本 🔒"]
    # what must not reach a terminal doesn't: the rig looks at everything that is printed
    pgunlock("tree").expect(0)
    assert "'it''s'" in pgunlock("tree", "--full").expect(0).out


def test_bytes_that_are_no_utf8(pgunlock, db):
    db.server.observer.execute("CREATE DATABASE raw TEMPLATE template0 ENCODING 'SQL_ASCII'")
    try:
        with db.server.connect("raw") as connection:
            connection.execute("CREATE TABLE t (k text PRIMARY KEY); GRANT ALL ON t TO PUBLIC")
            connection.execute(b"INSERT INTO t VALUES (E'\\xe9x')")
        holder = db.transaction("SELECT * FROM t FOR UPDATE", dbname="raw")
        waiter = db.waiter("SELECT * FROM t FOR UPDATE", by=[holder], dbname="raw")
        document = pgunlock.at(dbname="raw").json("tree")
        assert rows_in(document) == {waiter.id: {"table": "t", "key": {"k": "\ufffdx"}}}
        row = pgunlock.at(dbname="raw").json("row", "t", "true")["rows"][0]
        assert row["key"] == {"k": "\ufffdx"}
    finally:
        db.server.end_everybody()
        db.server.observer.execute("DROP DATABASE raw")


def test_never_in_the_queue_for_a_table(pgunlock, db):
    login = Login(db)
    ddl = db.waiter("ALTER TABLE login_sessions ADD COLUMN due date", user="postgres")
    document = pgunlock.json("tree")
    assert {row for row in map(str, rows_in(document).values())} == {"None"}
    assert document["warnings"] == [], "it isn't even tried"
    assert login.nothing_moved() and db.server.waits(ddl.pid)


@pytest.mark.parametrize("index", ["login_sessions_pkey", "by_token"])
def test_never_in_the_queue_for_an_index(pgunlock, db, index):
    """The planner opens them all."""
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE INDEX by_token ON login_sessions (token)")
    login = Login(db)
    reader = db.transaction("SET enable_seqscan = off", "SELECT 1 FROM login_sessions WHERE token = ''")
    ddl = db.waiter(f"ALTER INDEX {index} SET TABLESPACE pg_default", user="postgres")
    db.transaction("UPDATE orders SET note = '' WHERE id = 7")
    order = db.waiter("DELETE FROM orders WHERE id = 7")
    document = pgunlock.json("tree")
    rows = rows_in(document)
    assert {str(rows[waiter.id]) for waiter in login.waiters} == {"None"}
    assert rows[order.id] == {"table": "orders", "key": {"id": "7"}}
    assert document["warnings"] == [], "it isn't even tried"
    assert login.nothing_moved() and db.server.waits(ddl.pid) and db.is_alive(reader)


def test_nobody_elses_code_runs(pgunlock, db):
    """A policy of row security is code of the table's owner."""
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE TABLE seen (who name); GRANT INSERT ON seen TO PUBLIC;
            CREATE FUNCTION spy() RETURNS bool LANGUAGE plpgsql VOLATILE AS
                $$BEGIN PERFORM pg_sleep(0); RAISE EXCEPTION 'spied on %', current_user; END$$;
            CREATE TABLE guarded (id int PRIMARY KEY, n int); INSERT INTO guarded VALUES (1); GRANT ALL ON guarded TO PUBLIC;
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON guarded TO pgunlock USING (spy()); CREATE POLICY q ON guarded TO app_rw USING (true)""")
    db.transaction("UPDATE guarded SET n = 1")
    guarded = db.waiter("UPDATE guarded SET n = 2")
    login = Login(db)
    document = pgunlock.json("tree")
    assert rows_in(document)[guarded.id] is None
    assert rows_in(document)[login.waiters[0].id] == KEY_42, "one table doesn't hide the others"
    assert len(document["warnings"]) == 1 and "row-level security" in document["warnings"][0]
    assert "spied" not in str(document)


def test_other_database(pgunlock, db):
    """Which may not answer in time: then the row's table is a number."""
    login = Login(db)

    def is_named():
        document = pgunlock.at(dbname="postgres").json("tree")
        assert set(rows_in(document).values()) == {None}
        return "login_sessions" in documents.session(document, login.waiters[1])["wait"]["target"]["text"]
    wait_until(is_named, "the other database names the table")


def test_leaves_nothing_behind(pgunlock, db):
    Login(db)
    terminal = pgunlock.terminal("release", "--all")
    terminal.expect_question()
    assert db.server.rows("SELECT a.state, count(l.*) FROM pg_stat_activity a LEFT JOIN pg_locks l USING (pid)"
                          " WHERE a.application_name = 'pgunlock' GROUP BY 1") == [("idle", 0)]
    assert db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'") == 1
    terminal.type("\r")
    assert terminal.end() == 5
