"""--dry-run shows the plan and stops; --sql prints statements that carry their own condition and can be run in psql."""

import subprocess

import pytest

from rig import documents
from rig.incidents import DdlQueue, Login
from rig.waiting import wait_until

PSQL = "/usr/bin/psql"


def statements(out):
    """The SQL, without comments."""
    return "\n".join(line for line in out.splitlines() if not line.startswith("--")).strip()


def run_sql(db, sql, user="pgunlock"):
    """By psycopg, statement by statement, as somebody would paste them."""
    with db.server.connect(db.name, user) as connection:
        rows = []
        for statement in filter(None, map(str.strip, sql.split(";\n"))):
            cursor = connection.execute(statement.rstrip(";").replace("%", "%%"))
            rows.append(cursor.fetchall() if cursor.description else None)
        return rows


@pytest.mark.parametrize("command", [["release", "--table", "login_sessions"], ["release", "--all"],
                                     ["terminate", "--user", "*"],
                                     ["terminate", "--table", "login_sessions", "--all-holders"]])
@pytest.mark.parametrize("option", ["--dry-run", "-n", "--sql"])
def test_changes_nothing(pgunlock, db, command, option):
    login = Login(db)
    finished = pgunlock(*command, option).expect(0)
    assert str(login.holder.pid) in finished.out
    assert login.nothing_moved()
    # neither with a yes
    pgunlock(*command, option, "--yes").expect(0)
    assert login.nothing_moved()
    assert pgunlock.audit_lines() == []


def test_dry_run_in_json(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("release", "--table", "login_sessions", "--dry-run")
    assert documents.acts(document) == {login.holder.id: "terminate"}
    assert documents.plan_item(document, login.holder)["frees"] == 3
    assert document["results"] == []
    assert document["exit"] == 0


def test_dry_run_of_what_would_be_refused(pgunlock, db):
    login = Login(db)
    finished = pgunlock("cancel", login.holder.pid, "--dry-run")
    assert finished.exit in (0, 5), repr(finished)
    assert "idle in transaction" in finished.text


def test_sql_works(pgunlock, db):
    login = Login(db)
    sql = statements(pgunlock("release", "--table", "login_sessions", "--sql").expect(0).out)
    assert sql.endswith(";")
    rows = run_sql(db, sql)
    assert len(rows) == 1
    assert login.all_get_in()
    assert not db.is_alive(login.holder)


def test_sql_works_in_psql(pgunlock, db):
    login = Login(db)
    out = pgunlock("release", "--table", "login_sessions", "--sql").expect(0).out
    psql = [PSQL, "-X", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(db.server.port), "-U", "pgunlock", db.name]
    done = subprocess.run(psql, input=out, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert login.all_get_in()


def test_sql_of_a_cancel_works(pgunlock, db):
    jam = DdlQueue(db)
    sql = statements(pgunlock("release", "--table", "orders", "--sql").expect(0).out)
    run_sql(db, sql)
    assert jam.ddl.error() == "57014"
    assert all(one.error() is None for one in jam.queue)


def test_sql_has_the_identity_in_it(pgunlock, db):
    """Run too late it hits nobody: the transaction is another one."""
    login = Login(db)
    sql = statements(pgunlock("release", "--table", "login_sessions", "--sql").expect(0).out)
    assert str(login.holder.pid) in sql and "backend_start" in sql and "xact_start" in sql
    login.holder.run("COMMIT")
    assert login.all_get_in()
    login.holder.run("BEGIN")
    login.holder.run("UPDATE stock SET amount = 0 WHERE id = 1")
    run_sql(db, sql)
    assert db.all_alive(login.holder)


def test_sql_of_a_named_session_has_its_start_in_it(pgunlock, db):
    session = db.transaction("SELECT 1")
    sql = statements(pgunlock("terminate", session.pid, "--sql").expect(0).out)
    assert "backend_start" in sql
    start = db.server.value("SELECT to_char(backend_start, 'YYYY-MM-DD') FROM pg_stat_activity WHERE pid = %s", session.pid)
    assert start[:4] in sql
    # of another start: nobody
    later = sql.replace(start[:4], str(int(start[:4]) + 1))
    run_sql(db, later)
    assert db.all_alive(session)
    run_sql(db, sql)
    wait_until(lambda: not db.server.is_there(session.pid), "it has ended")


def test_sql_where_the_waiter_is_the_reason(pgunlock, db):
    login = Login(db, waiters=1)
    sql = statements(pgunlock("release", "--waiter", login.waiters[0].pid, "--sql").expect(0).out)
    assert "pg_blocking_pids" in sql
    db.server.value("SELECT pg_cancel_backend(%s)", login.waiters[0].pid)
    assert login.waiters[0].error() == "57014"
    run_sql(db, sql)
    assert db.all_alive(login.holder)


@pytest.mark.parametrize("gid", ["plain", "it's", "\x1b[31m  日 \u202e\\"])
def test_sql_of_a_prepared_transaction(pgunlock, db, gid):
    literal = gid.replace("'", "''")
    session = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1")
    session.run(f"PREPARE TRANSACTION '{literal}'")
    superuser = pgunlock.at(user="postgres")
    sql = statements(superuser("release", f"gid:{gid}", "--rollback", "--sql").expect(0).out)
    assert "ROLLBACK PREPARED" in sql
    run_sql(db, sql, "postgres")
    assert db.server.value("SELECT count(*) FROM pg_prepared_xacts") == 0
