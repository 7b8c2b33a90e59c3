"""What lets locks jam is found, and the SQL that the doctor names mends it."""

import pytest

from rig.incidents import Login


def by_name(document, name):
    return [check for check in document["checks"] if check["name"] == name]


def of_role(document, name, role, database=None):
    found = [check for check in by_name(document, name) if (check["role"], check["database"]) == (role, database)]
    assert len(found) <= 1
    return found[0] if found else None


def server_wide(document, name):
    return of_role(document, name, None)


def run(connection, sql):
    """A statement a line."""
    for statement in sql.split("\n"):
        connection.execute(statement)


@pytest.fixture
def role(db):
    """A login service's role, connected, with settings that end with the test."""
    name = f"service_of_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {name} LOGIN")
    yield name
    db.server.observer.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")
    db.server.observer.execute(f"DROP ROLE {name}")


@pytest.mark.smoke
def test_checks_of_each_major(pgunlock, db, role):
    db.session(user=role)
    document = pgunlock.json("doctor")
    names = {check["name"] for check in document["checks"]}
    expected = {"idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout", "deadlock_timeout",
                "log_lock_waits", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count",
                "max_prepared_transactions", "role", "pg_read_all_stats", "pg_signal_backend", "pgrowlocks"}
    for first, name in ((14, "client_connection_check_interval"), (16, "reserved_connections"),
                        (17, "transaction_timeout"), (18, "log_lock_failures"), (18, "pg_signal_autovacuum_worker")):
        if db.server.major >= first:
            expected.add(name)
    assert names - {"prepared_transaction"} == expected
    assert server_wide(document, "idle_in_transaction_session_timeout")["status"] == "problem"
    assert of_role(document, "pg_signal_backend", "pgunlock")["status"] == "ok"
    statuses = [("problem", "advice", "ok").index(check["status"]) for check in document["checks"]]
    assert statuses == sorted(statuses)
    counts = document["summary"]
    assert counts["problems"] + counts["advice"] + counts["ok"] == len(document["checks"])
    out = pgunlock("doctor").expect(0).out
    assert "ALTER SYSTEM SET idle_in_transaction_session_timeout" in out
    assert not any(check["sql"] for check in document["checks"] if check["status"] == "ok")


def test_its_own_session_is_not_what_it_judges(pgunlock, db):
    # our session sets these for itself
    document = pgunlock.json("doctor")
    assert server_wide(document, "idle_in_transaction_session_timeout")["found"].startswith("0")


@pytest.mark.smoke
def test_its_sql_mends(own_pgunlock, own_db, own_server):
    own_db.session()
    superuser = own_pgunlock.at(user="postgres")
    before = own_pgunlock.json("doctor")
    with own_server.connect(own_db.name) as connection:
        for check in before["checks"]:
            if check["sql"]:
                run(connection, check["sql"])
    for session in own_db.sessions:
        session.close()
    own_server.restart()
    own_db.session()
    after = own_pgunlock.json("doctor")
    left = [(check["name"], check["role"], check["sql"]) for check in after["checks"] if check["status"] != "ok"]
    # only now are there connections to be reserved
    if own_server.major >= 16:
        assert left == [("pg_use_reserved_connections", "pgunlock", "GRANT pg_use_reserved_connections TO pgunlock;")]
        own_server.observer.execute(left[0][2])
        left = [check for check in own_pgunlock.json("doctor")["checks"] if check["status"] != "ok"]
    assert left == []
    assert {check["name"] for check in superuser.json("doctor")["checks"] if check["status"] != "ok"} <= {"role"}


def test_role_of_the_login_service(pgunlock, db, role):
    db.session(user=role)
    check = of_role(pgunlock.json("doctor"), "idle_in_transaction_session_timeout", role)
    assert check["status"] == "problem"
    db.server.observer.execute(check["sql"])
    check = of_role(pgunlock.json("doctor"), "idle_in_transaction_session_timeout", role)
    assert (check["status"], check["found"], check["sql"]) == ("ok", "5m", None)
    db.server.observer.execute(f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '1d'")
    assert of_role(pgunlock.json("doctor"), "idle_in_transaction_session_timeout", role)["status"] == "problem"


def test_role_in_a_database(pgunlock, db, role):
    db.server.observer.execute(f"ALTER ROLE {role} IN DATABASE {db.name} SET statement_timeout = '2d'")
    check = of_role(pgunlock.json("doctor"), "statement_timeout", role, db.name)
    assert check["status"] == "advice" and check["found"] == "2d"
    db.server.observer.execute(check["sql"])
    assert of_role(pgunlock.json("doctor"), "statement_timeout", role, db.name)["status"] == "ok"


def test_database(pgunlock, db):
    db.server.observer.execute(f"ALTER DATABASE {db.name} SET idle_in_transaction_session_timeout = '10min'")
    elsewhere = pgunlock.at(dbname="postgres")
    try:
        assert of_role(elsewhere.json("doctor"), "idle_in_transaction_session_timeout", None, db.name)["status"] == "ok"
        # what the server has is not to be seen from here
        assert server_wide(pgunlock.json("doctor"), "idle_in_transaction_session_timeout")["found"].startswith("not known")
    finally:
        db.server.observer.execute(f"ALTER DATABASE {db.name} RESET ALL")


def test_who_runs_ddl(pgunlock, db):
    # deploy owns tables there
    check = of_role(pgunlock.json("doctor"), "lock_timeout", "deploy")
    assert check["status"] == "advice" and check["sql"] == "ALTER ROLE deploy SET lock_timeout = '5s';"
    assert of_role(pgunlock.at(dbname="postgres").json("doctor"), "lock_timeout", "deploy") is None


def test_grants(pgunlock, db, role):
    asking = pgunlock.at(user=role)
    document = asking.json("doctor")
    for name in ("pg_read_all_stats", "pg_signal_backend"):
        check = of_role(document, name, role)
        assert check["status"] == "problem"
        db.server.observer.execute(check["sql"])
    document = asking.json("doctor")
    assert of_role(document, "pg_read_all_stats", role)["status"] == "ok"
    assert of_role(document, "pg_signal_backend", role)["status"] == "ok"


def test_superuser_is_more_than_it_needs(pgunlock, db):
    document = pgunlock.at(user="postgres").json("doctor")
    assert server_wide(document, "role")["status"] == "advice"


def test_names_that_need_quotes(pgunlock, db):
    name = f'Role "of" {db.name}'
    quoted = '"' + name.replace('"', '""') + '"'
    db.server.observer.execute(f"CREATE ROLE {quoted} LOGIN; ALTER ROLE {quoted} SET lock_timeout = 0")
    try:
        check = of_role(pgunlock.json("doctor"), "lock_timeout", name)
        db.server.observer.execute(check["sql"])
        assert of_role(pgunlock.json("doctor"), "lock_timeout", name)["status"] == "ok"
    finally:
        db.server.observer.execute(f"DROP ROLE {quoted}")


def test_young_prepared_transactions_are_no_orphans(pgunlock, db):
    session = db.transaction("UPDATE stock SET amount = 0 WHERE id = 7")
    session.run("PREPARE TRANSACTION 'order-4711'")
    document = pgunlock.json("doctor")
    assert "1 prepared" in server_wide(document, "max_prepared_transactions")["found"]
    assert by_name(document, "prepared_transaction") == []


def test_looking_changes_nothing(pgunlock, db):
    login = Login(db)
    pgunlock("doctor").expect(0)
    assert login.nothing_moved()
