"""What a table is a partition of is read without a lock on it, from every server, and nobody who needs only names pays for
it. (src/pg/sql/ancestors.sql; a policy that names a table means its partitions, too.)"""

import pathlib

import pytest

from rig import documents
from rig.incidents import Login

SQL = (pathlib.Path(__file__).resolve().parents[2] / "src/pg/sql/ancestors.sql").read_text()

TABLES = """
CREATE SCHEMA heirs;
SET search_path = heirs;
CREATE TABLE log (at date, region int, line text) PARTITION BY RANGE (at);
CREATE INDEX log_region ON log (region);
CREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (region);
CREATE TABLE "Log 2024 EU" PARTITION OF log_2024 FOR VALUES IN (1);
CREATE TABLE animals (name text);
CREATE TABLE pets (owner text);
CREATE TABLE mammals () INHERITS (animals);
CREATE TABLE cats () INHERITS (mammals, pets);
"""


@pytest.fixture
def look(db):
    """What the statement says of relations, as {table: [ancestors]}."""
    session = db.session(user="postgres")
    session.run(TABLES)
    session.run("SET lock_timeout = '100ms'")
    session.run(f"PREPARE ancestors(oid[]) AS {SQL}")

    def look(*relations):
        oids = ",".join(str(session.run(f"SELECT '{relation}'::regclass::oid")[0][0]) for relation in relations)
        found = {}
        for table, oid, schema, name, relkind in session.run(f"EXECUTE ancestors('{{{oids}}}')"):
            of_it = found.setdefault(session.run(f"SELECT {table}::regclass")[0][0], [])
            if oid is not None:
                of_it.append((schema, name, relkind))
        return found
    look.session = session
    yield look
    session.run("ROLLBACK")
    session.run("DROP SCHEMA heirs CASCADE")


def test_partitions(look):
    lineage = [("heirs", "log_2024", "p"), ("heirs", "log", "p")]
    assert look('"Log 2024 EU"', "log_2024", "log", "public.orders") == {
        '"Log 2024 EU"': lineage, "log_2024": lineage[1:], "log": [], "public.orders": []}


def test_of_an_index_and_a_toast_table(look):
    index, toast = look.session.run(
        """SELECT indexrelid::regclass, (SELECT reltoastrelid::regclass FROM pg_class WHERE oid = indrelid) FROM pg_index
        WHERE indrelid = '"Log 2024 EU"'::regclass""")[0]
    toast_index = look.session.run(f"SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '{toast}'::regclass")[0][0]
    for relation in index, toast, toast_index:
        assert list(look(relation)) == ['"Log 2024 EU"']
        assert [name for _, name, _ in look(relation)['"Log 2024 EU"']] == ["log_2024", "log"]


def test_inheritance(look):
    assert look("cats") == {"cats": [("heirs", "pets", "r"), ("heirs", "mammals", "r"), ("heirs", "animals", "r")]}


def test_nobody_waits_behind_it_and_it_for_nobody(look, db):
    migration = db.session(user="postgres")
    migration.run("BEGIN")
    migration.run('LOCK TABLE heirs."Log 2024 EU", heirs.log_2024, heirs.log IN ACCESS EXCLUSIVE MODE')
    look.session.run("BEGIN")
    oid = db.oid('heirs."Log 2024 EU"')
    assert len(look.session.run(f"EXECUTE ancestors('{{{oid}}}')")) == 2
    held = db.server.rows("SELECT relation::int, mode FROM pg_locks WHERE pid = %s AND relation IS NOT NULL",
                          look.session.pid)
    assert held
    for relation, mode in held:
        assert relation < 16384 and mode == "AccessShareLock"
    migration.run("ROLLBACK")


def test_who_needs_names_alone_does_not_read_pg_inherits(pgunlock, db):
    login = Login(db)
    migration = db.lock_catalog("pg_inherits")
    document = pgunlock.json("tree")
    assert login.holder.id in document["roots"]
    target = documents.session(document, login.waiters[1])["wait"]["target"]
    assert target["relation"] == "login_sessions" and target["schema"] == "public"
    assert document["warnings"] == []
    migration.run("ROLLBACK")
