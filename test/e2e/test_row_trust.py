"""Reading rows runs nobody else's code: whoever makes a table is not to do things with the rights of whoever looks."""

import pathlib

import psycopg
import pytest

from rig.incidents import Login
from rig.waiting import wait_until

# spy() leaves a line in the server's log with the role that it runs as; it calls itself immutable, so that the planner
# computes it where its argument is constant.
SPY = """
CREATE FUNCTION spy(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    $$BEGIN RAISE LOG 'spy runs as %', current_user; RETURN 0; END$$;
CREATE TYPE mood AS ENUM ('sad', 'glad');
"""

# What the owner of a table can have in it.
TABLE = "CREATE TABLE bait (id int PRIMARY KEY, n int);"

REFUSED = {
    "index expression": TABLE + "CREATE INDEX ON bait ((n + spy(1)))",
    "index predicate": TABLE + "CREATE INDEX ON bait (n) WHERE n > spy(1)",
    "operator": TABLE + "CREATE OPERATOR @@@ (RIGHTARG = int, FUNCTION = spy); CREATE INDEX ON bait ((n + @@@ 1))",
    "check of a domain": TABLE + "CREATE DOMAIN odd AS int CHECK (VALUE > spy(1)); CREATE INDEX ON bait ((n + 1::odd))",
    "index of a partitioned table": """CREATE TABLE baits (id int PRIMARY KEY, n int) PARTITION BY LIST (id);
        CREATE TABLE bait PARTITION OF baits FOR VALUES IN (1); CREATE INDEX ON baits ((n + spy(1)))""",
    "extended statistics": TABLE + "CREATE STATISTICS odd ON (n + spy(1)), id FROM bait",  # 14 on
}

READ = {
    "check constraint": "CREATE TABLE bait (id int PRIMARY KEY, n int CHECK (n > spy(1) - 1))",
    "inherited check": """CREATE TABLE baits (id int, n int CHECK (n > spy(1) - 1));
        CREATE TABLE bait (PRIMARY KEY (id)) INHERITS (baits)""",
    "partition bound": """CREATE TABLE baits (id int, n int) PARTITION BY LIST ((n + spy(1)));
        CREATE TABLE bait PARTITION OF baits (PRIMARY KEY (id)) FOR VALUES IN (1)""",
    "generated key": "CREATE TABLE bait (n int, id int GENERATED ALWAYS AS (n + spy(1)) STORED PRIMARY KEY)",
    "default": "CREATE TABLE bait (n int, id int DEFAULT 1 + spy(1) PRIMARY KEY)",
    "policy": TABLE + """ALTER TABLE bait ENABLE ROW LEVEL SECURITY; CREATE POLICY odd ON bait USING (n > spy(1));
        CREATE POLICY rest ON bait USING (true)""",
    "cast": """CREATE FUNCTION told(mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'x' || spy(1)$$;
        CREATE CAST (mood AS text) WITH FUNCTION told(mood); CREATE TABLE bait (id mood PRIMARY KEY, n int)""",
    "cast inside of a composite": """CREATE FUNCTION told(mood) RETURNS text LANGUAGE sql IMMUTABLE AS
        $$SELECT 'x' || spy(1)$$; CREATE CAST (mood AS text) WITH FUNCTION told(mood);
        CREATE TYPE pair AS (m mood, n int); CREATE TABLE bait (id pair PRIMARY KEY, n int)""",
    "domain": "CREATE DOMAIN odd AS int CHECK (VALUE > spy(1)); CREATE TABLE bait (id odd PRIMARY KEY, n int)",
    "range": """CREATE FUNCTION apart(int, int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT spy(1)::float8$$;
        CREATE TYPE odd AS RANGE (SUBTYPE = int4, SUBTYPE_DIFF = apart);
        CREATE TABLE bait (id odd PRIMARY KEY, n int)""",
    # what applications have
    "ordinary indexes": TABLE + """ALTER TABLE bait ADD state mood DEFAULT 'sad', ADD note text;
        CREATE INDEX ON bait (n) WHERE state IN ('sad', 'glad'); CREATE INDEX ON bait (lower(note));
        CREATE UNIQUE INDEX ON bait ((n + 1)) WHERE note IS NULL""",
}
VALUES = {"generated key": "(n) VALUES (1)", "default": "(n) VALUES (1)", "cast": "VALUES ('glad', 1)",
          "cast inside of a composite": "VALUES (ROW ('glad', 1)::pair, 1)", "range": "VALUES ('[1,3)', 1)"}
KEYS = {"cast": "glad", "cast inside of a composite": "(glad,1)", "range": "[1,3)"}


def log_of(db):
    return db.server.log.read_text(errors="replace")


def make_bait(db, name, sql, owner="deploy"):
    db.log_begins = len(log_of(db))
    with db.server.connect(db.name, owner) as connection:
        connection.execute(SPY + sql)
        connection.execute(f"INSERT INTO bait {VALUES.get(name, 'VALUES (1, 1)')}; GRANT ALL ON bait TO PUBLIC")


def wait_for_bait(db):
    db.transaction("SELECT 1 FROM bait FOR UPDATE")
    return db.waiter("SELECT 1 FROM bait FOR UPDATE")


def spied(db, user):
    """Whether spy() has run as this role."""
    return f"spy runs as {user}" in log_of(db)[db.log_begins:]


def row_of(document, session):
    return {entry["id"]: entry["wait"]["target"]["row"] for entry in document["sessions"] if entry["wait"]}[session.id]


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("user", ["postgres", "pgunlock"])
def test_code_that_planning_runs(pgunlock, db, name, user):
    """Shown by its place, and why."""
    if name == "extended statistics" and db.server.major < 14:
        pytest.skip("only of columns")
    make_bait(db, name, REFUSED[name])
    login = Login(db)
    waiter = wait_for_bait(db)
    document = pgunlock.at(user=user).json("tree")
    assert not spied(db, user)
    assert row_of(document, waiter) is None
    assert row_of(document, login.waiters[0]) is not None, "one table doesn't hide the others"
    assert len(document["warnings"]) == 1 and "public.bait" in document["warnings"][0], document["warnings"]
    assert "spy" not in document["warnings"][0]
    for command in (["status"], ["locks"], ["show", waiter.pid], ["release", "--all", "--dry-run"]):
        assert "of bait" in pgunlock.at(user=user)(*command).expect(0).out
    assert not spied(db, user)


@pytest.mark.parametrize("name", READ)
def test_code_that_reading_does_not_run(pgunlock, db, name):
    make_bait(db, name, READ[name])
    with db.server.connect(db.name) as connection:
        connection.execute(f'ALTER DATABASE "{db.name}" SET constraint_exclusion = on')
    try:
        waiter = wait_for_bait(db)
        document = pgunlock.at(user="postgres").json("tree")
        assert row_of(document, waiter) == {"table": "bait", "key": {"id": KEYS.get(name, "1")}}
        assert document["warnings"] == []
        assert not spied(db, "postgres")
    finally:
        with db.server.connect(db.name) as connection:
            connection.execute(f'ALTER DATABASE "{db.name}" RESET constraint_exclusion')


@pytest.mark.parametrize("name", ["cast", "cast inside of a composite"])
def test_row_command_and_casts(pgunlock, db, name):
    make_bait(db, name, READ[name])
    db.transaction("SELECT 1 FROM bait FOR UPDATE")
    document = pgunlock.at(user="postgres").json("row", "bait", "true")
    assert [row["key"] for row in document["rows"]] == [{"id": KEYS[name]}]
    assert not spied(db, "postgres")


def make_bait_again(db, owner):
    with db.server.connect(db.name) as connection:
        connection.execute("DROP TABLE IF EXISTS bait; DROP FUNCTION IF EXISTS spy; DROP TYPE IF EXISTS mood")
    make_bait(db, "", REFUSED["index expression"], owner)


def key_of_bait(program, db):
    """The key as the program sees it; then nobody waits any more."""
    waiter = wait_for_bait(db)
    row = row_of(program.json("tree"), waiter)
    db.server.end_everybody()
    return row and row["key"]


def test_of_an_owner_who_has_our_rights_anyway(pgunlock, db):
    for owner in ("postgres", "pgunlock"):
        make_bait_again(db, owner)
        assert key_of_bait(pgunlock, db) == {"id": "1"}
    # the other way round it isn't so: a superuser, and a member of the owner's role
    assert key_of_bait(pgunlock.at(user="postgres"), db) is None
    make_bait_again(db, "deploy")
    observer = db.server.observer
    try:
        observer.execute("GRANT deploy TO pgunlock")
        assert key_of_bait(pgunlock, db) is None
        observer.execute("REVOKE deploy FROM pgunlock; GRANT pgunlock TO deploy")
        assert key_of_bait(pgunlock, db) == {"id": "1"}
    finally:
        observer.execute("REVOKE deploy FROM pgunlock; REVOKE pgunlock FROM deploy")


def test_functions_of_somebody_with_our_rights(pgunlock, db):
    """As those of an extension are."""
    with db.server.connect(db.name) as connection:
        connection.execute(SPY)
    with db.server.connect(db.name, "deploy") as connection:
        connection.execute(REFUSED["index expression"] + "; INSERT INTO bait VALUES (1, 1); GRANT ALL ON bait TO PUBLIC")
    assert key_of_bait(pgunlock, db) == {"id": "1"}


CHANGES = {
    "index": "CREATE INDEX ON bait ((n + spy(1)))",
    "another table": """ALTER TABLE bait RENAME TO was; CREATE TABLE bait (id int PRIMARY KEY, n int);
        CREATE INDEX ON bait ((n + spy(1))); GRANT ALL ON bait TO PUBLIC""",
    "view": """ALTER TABLE bait RENAME TO was; CREATE VIEW bait (tableoid, ctid, xmax, id) AS
        SELECT 0::oid, '(0,1)'::tid, '3'::xid, spy(1); GRANT ALL ON bait TO PUBLIC""",
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_since_it_was_judged(pgunlock, db, proxy, name):
    make_bait(db, name, TABLE)
    holder = db.transaction("SELECT 1 FROM bait FOR UPDATE")
    waiter = db.waiter("SELECT 1 FROM bait FOR UPDATE")
    hold = proxy.hold_sql("'row_security'")
    process = pgunlock.at(user="postgres", port=proxy.port).start("tree", "--format", "json")
    hold.wait()
    holder.run("ROLLBACK")
    wait_until(lambda: not db.server.waits(waiter.pid), "it has its row")
    with db.server.connect(db.name, "deploy") as connection:
        connection.execute(CHANGES[name])
    hold.release()
    finished = pgunlock.finish(process, ("tree",)).expect(0)
    assert row_of(finished.json, waiter) is None
    assert not spied(db, "postgres")
    assert len(finished.json["warnings"]) == 1, finished.json["warnings"]


LIMITS = pathlib.Path(__file__).resolve().parents[2] / "src/pg/sql/row_limits.sql"


def test_view_in_the_table_s_place_at_the_last_moment(db):
    """A schema's name can change while we have its table locked. The server itself refuses the view then."""
    make_bait(db, "", TABLE)
    with db.server.connect(db.name, "deploy") as connection:
        connection.execute(CHANGES["view"])
    with db.server.connect(db.name) as connection:
        connection.execute("BEGIN READ ONLY; " + LIMITS.read_text())
        with pytest.raises(psycopg.Error, match="non-system view"):
            connection.execute("SELECT tableoid, ctid, xmax, id FROM ONLY public.bait")
    assert not spied(db, "postgres")


IMITATION = """CREATE FUNCTION {} RETURNS {} LANGUAGE plpgsql AS
    $$BEGIN RAISE LOG 'spy runs as %', current_user; RAISE 'spied'; END$$;"""


@pytest.mark.parametrize("version", ["", "VERSION '1.8'"])
def test_functions_like_those_of_an_extension(pgunlock, db, version):
    """In its schema anybody may have made others, with types that fit better, or with those that an extension has that
    was updated."""
    db.log_begins = len(log_of(db))
    holder = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE")
    with db.server.connect(db.name) as connection:
        connection.execute(f"CREATE EXTENSION pageinspect SCHEMA public {version}; CREATE EXTENSION pgrowlocks SCHEMA public")
    with db.server.connect(db.name, "deploy") as connection:
        for arguments in ("text, text, text", "text, name, int2", "text, text, int4", "text, text, int8"):
            try:
                connection.execute(IMITATION.format(f"get_raw_page({arguments})", "bytea"))
            except psycopg.errors.DuplicateFunction:
                pass  # the extension's own
        connection.execute(IMITATION.format("heap_page_items(text)", "text") + IMITATION.format("pgrowlocks(name)", "text"))
    try:
        rows = pgunlock.at(user="postgres").json("row", "login_sessions", "user_id = 42")["rows"]
        assert not spied(db, "postgres")
        assert [held["session"] for held in rows[0]["holders"]] == [holder.id]
        assert rows[0]["holders"][0]["mode"] == "FOR SHARE", "by one of the two extensions"
    finally:
        with db.server.connect(db.name) as connection:
            connection.execute("DROP EXTENSION pageinspect, pgrowlocks")
