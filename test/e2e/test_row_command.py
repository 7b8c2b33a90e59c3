"""row: who holds a row, though a row lock is in no table of the server's memory."""

import re
import shlex

import pytest

from rig import documents
from rig.incidents import Login
from rig.session import Session
from rig.waiting import wait_until

ROW_42 = ("login_sessions", "user_id = 42")


def rows_of(document):
    """key's first value -> row"""
    return {next(iter(row["key"].values())): row for row in document["rows"]}


def only_row(document):
    assert len(document["rows"]) == 1, document["rows"]
    return document["rows"][0]


def holders(row):
    """id -> (mode, certain)"""
    return {holder["session"]: (holder["mode"], holder["certain"]) for holder in row["holders"]}


def certain(*sessions, mode=None):
    return {session if isinstance(session, str) else session.id: (mode, True) for session in sessions}


@pytest.mark.smoke
def test_login_incident(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("row", *ROW_42)
    row = only_row(document)
    assert row["key"] == {"user_id": "42"}
    assert row["state"] == "held"
    assert holders(row) == certain(login.holder)
    assert set(row["waiters"]) == documents.ids(*login.waiters)
    assert documents.session(document, login.holder)["application_name"] == "login-service"
    out = pgunlock("row", *ROW_42).expect(0).out
    assert "row login_sessions (user_id=42)" in out and str(login.holder.pid) in out
    assert "release" in out and "--row 'login_sessions WHERE user_id = 42'" in out


@pytest.mark.smoke
def test_nobody_waits(pgunlock, db):
    holder = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR UPDATE")
    row = only_row(pgunlock.json("row", *ROW_42))
    assert (holders(row), row["waiters"], row["state"]) == (certain(holder), [], "held")
    # nothing was waited for, and nobody is in the way of it
    out = pgunlock("row", *ROW_42).expect(0).out
    assert str(holder.pid) in out and "nobody" in out


@pytest.mark.parametrize("statement", ["UPDATE login_sessions SET token = '' WHERE user_id = 42",
                                       "DELETE FROM login_sessions WHERE user_id = 42",
                                       "SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE"])
def test_any_lock(pgunlock, db, statement):
    holder = db.transaction(statement)
    assert holders(only_row(pgunlock.json("row", *ROW_42))) == certain(holder)


def test_left_over(pgunlock, db):
    """Its xmax still names whoever locked it last."""
    db.session().run("BEGIN; SELECT 1 FROM login_sessions WHERE user_id = 42 FOR UPDATE; COMMIT")
    aborted = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    aborted.run("ROLLBACK")
    other = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 43")
    with db.server.connect(db.name) as connection:
        assert connection.execute("SELECT xmax::text FROM login_sessions WHERE user_id = 42").fetchone()[0] != "0"
    document = pgunlock.json("row", "login_sessions", "user_id IN (41, 42, 43)")
    states = {key: row["state"] for key, row in rows_of(document).items()}
    assert states == {"41": "free", "42": "free", "43": "held"}
    assert holders(rows_of(document)["43"]) == certain(other)
    assert "held by nobody" in pgunlock("row", *ROW_42).expect(0).out


def test_subtransaction_that_is_open(pgunlock, db):
    db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 41")
    holder = db.transaction("UPDATE orders SET note = '' WHERE id = 1", "SAVEPOINT a",
                            "UPDATE login_sessions SET token = '' WHERE user_id = 42")
    assert holders(only_row(pgunlock.json("row", *ROW_42))) == certain(holder)


def released(db):
    """Its subtransaction's number is in the row, and in no lock."""
    holder = db.transaction("UPDATE orders SET note = '' WHERE id = 1", "SAVEPOINT a",
                            "UPDATE login_sessions SET token = '' WHERE user_id = 42", "RELEASE SAVEPOINT a")
    with db.server.connect(db.name) as connection:
        xmax = connection.execute("SELECT xmax::text FROM login_sessions WHERE user_id = 42").fetchone()[0]
    assert db.server.value("SELECT count(*) FROM pg_locks WHERE transactionid::text = %s", xmax) == 0
    return holder


@pytest.mark.smoke
def test_subtransaction_that_was_released(pgunlock, db):
    holder = released(db)
    db.transaction("UPDATE stock SET amount = 0 WHERE id = 1", application="innocent")
    db.transaction("SELECT * FROM login_sessions", application="reader")
    assert holders(only_row(pgunlock.json("row", *ROW_42))) == certain(holder)


def test_block_with_exception(pgunlock, db):
    holder = db.transaction("UPDATE orders SET note = '' WHERE id = 1", """DO $$BEGIN
        UPDATE login_sessions SET token = '' WHERE user_id = 42; EXCEPTION WHEN division_by_zero THEN NULL; END$$""")
    assert holders(only_row(pgunlock.json("row", *ROW_42))) == certain(holder)


def test_one_of_two(pgunlock, db):
    other = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 41")
    holder = released(db)
    row = only_row(pgunlock.json("row", *ROW_42))
    assert row["state"] == "one_of"
    assert holders(row) == {holder.id: (None, False), other.id: (None, False)}
    out = pgunlock("row", *ROW_42).expect(0).out
    assert "one of" in out and str(other.pid) in out and str(holder.pid) in out


def test_waiter_tells_which_of_two(pgunlock, db):
    db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 41")
    holder = released(db)
    waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[holder])
    row = only_row(pgunlock.json("row", *ROW_42))
    assert (holders(row), row["state"], row["waiters"]) == (certain(holder), "held", [waiter.id])


def test_several_lockers(pgunlock, db):
    keyed = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE")
    shared = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
    ended = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
    ended.run("COMMIT")
    waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[shared])
    row = only_row(pgunlock.json("row", *ROW_42))
    assert holders(row) == {keyed.id: ("FOR KEY SHARE", True), shared.id: ("FOR SHARE", True)}
    assert row["waiters"] == [waiter.id]
    assert "FOR KEY SHARE" in pgunlock("row", *ROW_42).expect(0).out


def test_writer_beside_a_foreign_key_check(pgunlock, db):
    writer = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    check = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE")
    row = only_row(pgunlock.json("row", *ROW_42))
    assert holders(row) == {writer.id: ("NO KEY UPDATE", True), check.id: ("FOR KEY SHARE", True)}


def test_upgrade_from_share(pgunlock, db):
    """It waits for the other locker's transaction without the row's tuple lock."""
    first = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
    second = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
    second.block("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[first])
    row = only_row(pgunlock.json("row", *ROW_42))
    assert set(holders(row)) == documents.ids(first, second)
    assert row["waiters"] == row["inferred_waiters"] == [second.id]


def xid_of(session):
    """The number of its transaction."""
    return int(session.server.value("SELECT min(transactionid::text::int8) FROM pg_locks WHERE pid = %s AND granted"
                                    " AND locktype = 'transactionid'", session.pid))


def xmax(db, table, condition):
    with db.server.connect(db.name) as connection:
        return int(connection.execute(f"SELECT xmax::text FROM {table} WHERE {condition}").fetchone()[0])


def use_up_multixacts(db, last):
    """Until the number of the next one is the one after last. Each is of a locker and of a subtransaction that gives the
    lock back: the same members would get the same number again."""
    db.transaction("SELECT 1 FROM orders WHERE id = 99 FOR SHARE", application="burner")
    burner = db.transaction(application="burner")
    burn = """DO $$BEGIN FOR i IN 1..%d LOOP BEGIN
        PERFORM 1 FROM orders WHERE id = 99 FOR KEY SHARE; RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END$$"""
    burner.run(burn % 1)
    missing = last - xmax(db, "orders", "id = 99")
    assert missing >= 0, "multixacts are behind transactions in a new cluster"
    if missing:
        burner.run(burn % missing)
    assert xmax(db, "orders", "id = 99") == last


@pytest.fixture
def shared_with_number(db):
    """Makes two sessions share the row 42, with a multixact that has the number of a running transaction."""
    def make(other):
        first = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
        use_up_multixacts(db, xid_of(other) - 1)
        second = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE")
        assert xmax(db, "login_sessions", "user_id = 42") == xid_of(other)
        return first, second
    return make


def test_number_is_also_that_of_a_bystander(pgunlock, db, shared_with_number):
    bystander = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1")
    first, second = shared_with_number(bystander)
    row = only_row(pgunlock.json("row", *ROW_42))
    assert holders(row) == {first.id: ("FOR SHARE", True), second.id: ("FOR KEY SHARE", True)}


def test_number_is_also_that_of_a_writer_of_the_table(pgunlock, db, shared_with_number):
    writer = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 1")
    first, second = shared_with_number(writer)
    row = only_row(pgunlock.json("row", *ROW_42))
    assert row["state"] == "one_of"
    assert holders(row) == {session.id: (None, False) for session in (first, second, writer)}
    # a superuser may look into the page where there is pageinspect
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE EXTENSION pageinspect")
        exact = only_row(pgunlock.at(user="postgres").json("row", *ROW_42))
        connection.execute("DROP EXTENSION pageinspect")
    assert holders(exact) == {first.id: ("FOR SHARE", True), second.id: ("FOR KEY SHARE", True)}
    # and so does a waiter tell
    waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 42", by=[first])
    row = only_row(pgunlock.json("row", *ROW_42))
    assert holders(row)[first.id][1] and writer.id not in holders(row)
    assert row["waiters"] == [waiter.id]


LOCKS = {
    "FOR KEY SHARE": "SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE",
    "FOR SHARE": "SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE",
    "FOR NO KEY UPDATE": "SELECT 1 FROM login_sessions WHERE user_id = 42 FOR NO KEY UPDATE",
    "FOR UPDATE": "SELECT 1 FROM login_sessions WHERE user_id = 42 FOR UPDATE",
    "NO KEY UPDATE": "UPDATE login_sessions SET token = '' WHERE user_id = 42",
    "UPDATE": "UPDATE login_sessions SET user_id = 4200 WHERE user_id = 42",
}


@pytest.fixture
def extension(db):
    """Installs one in a schema with an odd name, for everybody to use."""
    def install(name):
        with db.server.connect(db.name) as connection:
            connection.execute('CREATE SCHEMA IF NOT EXISTS "Odd ""one"; GRANT USAGE ON SCHEMA "Odd ""one" TO PUBLIC')
            connection.execute(f'CREATE EXTENSION {name} SCHEMA "Odd ""one"')
            if name == "pgrowlocks":
                connection.execute('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "Odd ""one" TO PUBLIC')
    yield install
    db.server.end_everybody()
    with db.server.connect(db.name) as connection:
        connection.execute('DROP SCHEMA IF EXISTS "Odd ""one" CASCADE')


@pytest.mark.parametrize("name, user", [("pageinspect", "postgres"), ("pgrowlocks", "pgunlock")])
def test_modes_by_an_extension(pgunlock, db, extension, name, user):
    extension(name)
    program = pgunlock.at(user=user)
    for mode, statement in LOCKS.items():
        holder = db.transaction(statement)
        assert holders(only_row(program.json("row", *ROW_42))) == certain(holder, mode=mode)
        holder.run("ROLLBACK")


@pytest.mark.parametrize("name, user, statement", [("pageinspect", "postgres", "get_raw_page"),
                                                   ("pgrowlocks", "pgunlock", ".pgrowlocks(")])
def test_locked_anew_before_the_extension_looks(pgunlock, db, proxy, extension, name, user, statement):
    """What it says is about another locker than the one that was read."""
    extension(name)
    first = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR UPDATE")
    hold = proxy.hold_sql(statement)
    arguments = ("row", *ROW_42, "--format", "json")
    process = pgunlock.at(port=proxy.port, user=user).start(*arguments)
    hold.wait()
    # only its parameters are missing: what goes before it in the same request is done
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'"
                                       " AND strpos(query, %s) > 0", statement) == 1, "the server to parse it")
    first.run("COMMIT")
    sharers = [db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE") for _ in range(2)]
    hold.release()
    row = only_row(pgunlock.finish(process, arguments).expect(0).json)
    assert holders(row) == certain(*sharers, mode="FOR SHARE")


def test_big_table_is_not_read_for_the_modes(pgunlock, db, extension):
    """Nobody has analyzed it: pg_class says that it has no pages."""
    extension("pgrowlocks")
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE TABLE big (id int PRIMARY KEY, filler text) WITH (autovacuum_enabled = off);
            ALTER TABLE big ALTER filler SET STORAGE PLAIN; GRANT ALL ON big TO PUBLIC;
            INSERT INTO big SELECT n, repeat('x', 8000) FROM generate_series(1, 4097) n""")
        assert connection.execute("SELECT relpages FROM pg_class WHERE oid = 'big'::regclass").fetchone()[0] == 0
    holder = db.transaction("SELECT 1 FROM big WHERE id = 1 FOR UPDATE")
    assert holders(only_row(pgunlock.json("row", "big", "id = 1"))) == certain(holder)


def test_prepared_transaction(pgunlock, db):
    session = Session(db.server, dbname=db.name, user="app_rw")
    session.run("BEGIN; UPDATE login_sessions SET token = '' WHERE user_id = 42; PREPARE TRANSACTION 'order-1'")
    session.close()
    row = only_row(pgunlock.json("row", *ROW_42))
    assert holders(row) == certain("gid:order-1")
    assert "gid:order-1" in pgunlock("row", *ROW_42).expect(0).out


def test_prepared_with_a_released_subtransaction(pgunlock, db):
    session = released(db)
    session.run("PREPARE TRANSACTION 'order-1'")
    assert holders(only_row(pgunlock.json("row", *ROW_42))) == certain("gid:order-1")


def test_partitioned_table(pgunlock, db):
    holder = db.transaction("UPDATE measurements SET value = 3 WHERE at = '2023-05-01'")
    document = pgunlock.json("row", "measurements", "true")
    held = [row for row in document["rows"] if row["state"] != "free"]
    assert [holders(row) for row in held] == [certain(holder)]
    assert held[0]["key"] is None, "the table has no key"
    assert "measurements_2023" in held[0]["target"]["text"]


def test_key_of_several_columns(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE TABLE "Order Lines" ("Order" text, line int, note text, note2 text UNIQUE,
            PRIMARY KEY ("Order", line) INCLUDE (note)); GRANT ALL ON "Order Lines" TO PUBLIC;
            INSERT INTO "Order Lines" VALUES ('it''s "7"', 1), (E'\x1b[31m', 2)""")
    db.transaction('UPDATE "Order Lines" SET note = \'\'')
    document = pgunlock.json("row", '"Order Lines"', "line IN (1, 2)")
    assert [row["key"] for row in document["rows"]] == [{"Order": 'it\'s "7"', "line": "1"},
                                                        {"Order": "\x1b[31m", "line": "2"}]
    out = pgunlock("row", '"Order Lines"', "line IN (1, 2)").expect(0).out
    assert 'row "Order Lines"' in out


def test_unique_index_in_place_of_a_primary_key(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE TABLE keyed (a int UNIQUE, b int NOT NULL, c int NOT NULL);
            CREATE UNIQUE INDEX ON keyed (c) WHERE c > 5; CREATE UNIQUE INDEX ON keyed (b, c);
            INSERT INTO keyed VALUES (1, 2, 3); GRANT ALL ON keyed TO PUBLIC""")
    assert only_row(pgunlock.json("row", "keyed", "a = 1"))["key"] == {"b": "2", "c": "3"}


def test_more_rows_than_the_limit(pgunlock, db):
    db.transaction("UPDATE login_sessions SET token = ''")
    document = pgunlock.json("row", "login_sessions", "true", "--limit", "7")
    assert (len(document["rows"]), document["more_match"], document["limit"]) == (7, True, 7)
    out = pgunlock("row", "login_sessions", "true", "--limit", "7").expect(0).out
    assert "More than 7 rows match" in out and "--limit" in out
    document = pgunlock.json("row", "login_sessions", "true")
    assert (len(document["rows"]), document["more_match"]) == (100, False)


def test_no_row_matches(pgunlock, db):
    assert pgunlock.json("row", "login_sessions", "user_id = 4242")["rows"] == []
    out = pgunlock("row", "login_sessions", "user_id = 4242").expect(0).out
    assert "No row of login_sessions matches" in out


def test_it_waits_for_nothing_and_leaves_nothing(pgunlock, db):
    login = Login(db)
    queued = db.waiter("LOCK TABLE stock IN ACCESS EXCLUSIVE MODE",
                       by=[db.transaction("SELECT * FROM stock")], in_transaction=True)
    pgunlock("row", *ROW_42).expect(0)
    finished = pgunlock("row", "stock", "id = 1").expect(1)
    assert "lock timeout" in finished.err and "hint: " in finished.err
    assert login.nothing_moved()
    assert db.server.value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                           " WHERE a.application_name = 'pgunlock'") == 0
    assert db.server.waits(queued.pid)


def test_hint_at_who_locks_the_table(pgunlock, db):
    """Its command can be typed as it is."""
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE TABLE "it's" (id int PRIMARY KEY); GRANT ALL ON "it's" TO PUBLIC""")
    holder = db.transaction("""SELECT * FROM "it's" """)
    db.waiter("""LOCK TABLE "it's" IN ACCESS EXCLUSIVE MODE""", by=[holder], in_transaction=True)
    finished = pgunlock("row", """ "it's" """.strip(), "id = 1").expect(1)
    command = re.search("hint: .*: (pgunlock release .*) shows by whom", finished.err).group(1)
    words = shlex.split(command)[1:]
    assert pgunlock.at(host=None, port=None, dbname=None, user=None)(*words).expect(0).out.count(str(holder.pid))


WRONG = [
    (["row"], 2, "table"),
    (["row", "login_sessions"], 2, "condition"),
    (["row", "login_sessions", "user_id", "= 42"], 2, "one word"),
    (["row", "login_*", "true"], 2, "name"),
    (["row", "login_sessions", ""], 2, "condition"),
    (["row", "no_such_table", "true"], 3, "no_such_table"),
    (["row", "no_such_schema.t", "true"], 3, "no_such_schema"),
    (["row", "login_sessions", "user_id = "], 2, "syntax"),
    (["row", "login_sessions", "no_such_column = 1"], 2, "no_such_column"),
    (["row", "login_sessions", "user_id = 'x'"], 2, "invalid input"),
    (["row", "login_sessions", "user_id = $1"], 2, "parameter"),
    (["row", "login_sessions", "true); DROP TABLE login_sessions; --"], 2, "42601"),
    (["row", "login_sessions", "setval('seq', 1) > 0"], 2, "read-only"),
    (["row", "login_sessions", "pg_sleep(5) IS NULL"], 1, "statement timeout"),
    (["row", "login_sessions", "1/0 = user_id"], 2, "division by zero"),
    (["row", "a_view", "true"], 2, "no table"),
]


@pytest.mark.parametrize("arguments, exit_code, said", WRONG, ids=range(len(WRONG)))
def test_wrong_usage(pgunlock, db, arguments, exit_code, said):
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE VIEW a_view AS SELECT 1 AS one; CREATE SEQUENCE seq; GRANT ALL ON seq TO PUBLIC")
    finished = pgunlock(*arguments).expect(exit_code)
    assert said in finished.err, repr(finished)
    assert "pgunlock: error: " in finished.err and "hint: " in finished.err and finished.out == ""
    assert db.oid("login_sessions")


def test_without_the_right_to_read(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("REVOKE ALL ON login_sessions FROM PUBLIC")
    finished = pgunlock("row", *ROW_42).expect(5)
    hint = "GRANT SELECT ON login_sessions TO pgunlock;"
    assert f"hint: {hint}" in finished.err
    with db.server.connect(db.name) as connection:
        connection.execute(hint)
    pgunlock("row", *ROW_42).expect(0)


def test_without_the_right_to_use_the_schema(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute('CREATE SCHEMA "Secret"; CREATE TABLE "Secret"."T" (id int PRIMARY KEY)')
    for hint in ('GRANT USAGE ON SCHEMA "Secret" TO pgunlock;', 'GRANT SELECT ON "Secret"."T" TO pgunlock;'):
        finished = pgunlock("row", '"Secret"."T"', "true").expect(5)
        assert f"hint: {hint}" in finished.err
        with db.server.connect(db.name) as connection:
            connection.execute(hint)
    pgunlock("row", '"Secret"."T"', "true").expect(0)


def test_condition_that_may_not_be_asked(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE FUNCTION closed() RETURNS bool LANGUAGE sql AS 'SELECT true';"
                           "REVOKE ALL ON FUNCTION closed() FROM PUBLIC")
    finished = pgunlock("row", "login_sessions", "closed()").expect(5)
    assert "closed" in finished.err and "GRANT SELECT" not in finished.err


def test_what_the_condition_writes_is_undone(pgunlock, db):
    """Before 16 a read-only transaction may make large objects."""
    pgunlock("row", "login_sessions", "lo_create(0) > 0 AND user_id = 42")
    with db.server.connect(db.name) as connection:
        assert connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)


def test_policy_that_hides_rows(pgunlock, db):
    """"No row" would be untrue."""
    with db.server.connect(db.name) as connection:
        connection.execute("ALTER TABLE login_sessions ENABLE ROW LEVEL SECURITY")
    try:
        refused = pgunlock.at(user="oncall")("row", "login_sessions", "user_id = 42").expect(5)
        assert "BYPASSRLS" in refused.err
    finally:
        with db.server.connect(db.name) as connection:
            connection.execute("ALTER TABLE login_sessions DISABLE ROW LEVEL SECURITY")


def test_search_path_of_the_role(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("INSERT INTO archive.ledger VALUES (7)")
        connection.execute(f'ALTER ROLE oncall IN DATABASE "{db.name}" SET search_path = archive')
    try:
        assert pgunlock.json("row", "ledger", "id = 7")["rows"] == []
        document = pgunlock.at(user="oncall").json("row", "ledger", "id = 7")
        assert len(document["rows"]) == 1 and document["table"]["schema"] == "archive"
        assert len(pgunlock.json("row", "archive.ledger", "id = 7")["rows"]) == 1
    finally:
        with db.server.connect(db.name) as connection:
            connection.execute(f'ALTER ROLE oncall IN DATABASE "{db.name}" RESET search_path')


def test_condition_that_changes_the_session(pgunlock, db):
    """Its operators and settings must not reach our own statements."""
    with db.server.connect(db.name) as connection:
        connection.execute("""CREATE FUNCTION public.no(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT false';
            CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.no)""")
    holder = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    row = only_row(pgunlock.json("row", "login_sessions", "user_id = 42 AND set_config('search_path',"
                                 " 'public, pg_catalog', false) <> '' AND set_config('client_encoding', 'LATIN1', false) <> ''"))
    assert holders(row) == certain(holder)


def test_in_a_database_that_the_table_names(pgunlock, db):
    holder = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    elsewhere = pgunlock.at(dbname=None)
    row = only_row(elsewhere.json("row", f"{db.name}.public.login_sessions", "user_id = 42"))
    assert holders(row) == certain(holder)
    row = only_row(pgunlock.at(dbname="postgres").json("row", f"{db.name}.public.login_sessions", "user_id = 42"))
    assert holders(row) == certain(holder)
    finished = pgunlock("row", "no_such_database.public.login_sessions", "true").expect(6)
    assert "no_such_database" in finished.err


def test_one_connection_at_a_time(pgunlock, db, server):
    # with one slot left it works all the same
    with server.connect() as connection:
        connection.execute("ALTER ROLE oncall CONNECTION LIMIT 1")
        try:
            pgunlock.at(user="oncall")("row", *ROW_42).expect(0)
        finally:
            connection.execute("ALTER ROLE oncall CONNECTION LIMIT -1")


def test_row_of_a_shared_catalog(pgunlock, db):
    as_superuser = pgunlock.at(user="postgres")
    holder = db.transaction("SELECT 1 FROM pg_database WHERE datname = 'template1' FOR SHARE", user="postgres")
    row = only_row(as_superuser.json("row", "pg_database", "datname = 'template1'"))
    assert holders(row) == certain(holder)


def test_holder_that_ends_between_the_two_reads(pgunlock, db, proxy):
    """The row still names it, the locks don't: then the row is read again."""
    holder = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    hold = proxy.hold_sql("pg_lock_status")
    arguments = ("row", *ROW_42, "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    holder.run("COMMIT")
    second = db.transaction("DELETE FROM login_sessions WHERE user_id = 42")
    hold.release()
    row = only_row(pgunlock.finish(process, arguments).expect(0).json)
    assert holders(row) == certain(second)
    reads = [statement for statement in proxy.statements if "LIMIT" in statement.sql]
    assert len(reads) == 2


@pytest.mark.parametrize("lock, before", [
    (lambda db: db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42"), "pg_lock_status"),
    (released, "unnest($1::pg_catalog.oid[]) x(xid)")], ids=["before the look", "after the look"])
def test_somebody_older_is_not_taken_for_a_holder_that_ended(pgunlock, db, proxy, lock, before):
    """Nobody has its number any more, as if that were a released subtransaction's."""
    db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 1", application="innocent")
    holder = lock(db)
    hold = proxy.hold_sql(before)
    arguments = ("row", *ROW_42, "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    holder.run("COMMIT")
    hold.release()
    row = only_row(pgunlock.finish(process, arguments).expect(0).json)
    assert (row["state"], holders(row)) == ("free", {})
    reads = [statement for statement in proxy.statements if "LIMIT" in statement.sql]
    assert len(reads) == 2


@pytest.mark.parametrize("statement", ["to_regclass", "pg_index", "LIMIT 101", "pg_get_multixact_members"])
def test_network_falls_silent(pgunlock, db, proxy, statement):
    db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    hold = proxy.hold_sql(statement)
    arguments = ("row", *ROW_42, "--timeout", "1s")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    proxy.fall_silent()
    hold.release()
    finished = pgunlock.finish(process, arguments).expect(1)
    assert "no answer" in finished.err and "hint: " in finished.err and finished.out == ""


@pytest.mark.parametrize("statement", ["LIMIT 101", "pg_get_multixact_members", "pg_lock_status"])
def test_server_dies(own_pgunlock, own_db, own_server, make_proxy, statement):
    proxy = make_proxy(own_server)
    own_db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 42")
    hold = proxy.hold_sql(statement)
    arguments = ("row", *ROW_42)
    process = own_pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    own_server.shut_down("immediate")
    hold.release()
    finished = own_pgunlock.finish(process, arguments).expect(1)
    assert finished.err.startswith("pgunlock: error: lost the connection") and finished.out == ""


def test_password_is_asked_for_once(program, db):
    """Though it connects twice."""
    terminal = program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="locked_out").terminal("row", *ROW_42)
    terminal.expect("Password")
    terminal.type("the right one\r")
    assert terminal.end() == 0
    assert terminal.seen.count("Password") == 1 and "held by nobody" in terminal.seen
