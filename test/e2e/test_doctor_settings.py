"""Each setting that the doctor judges, set wrong in each way that it can be set: found, and gone after the SQL that it
names."""

import pytest

from rig.waiting import wait_until
from test_doctor import of_role, run

# name: (a bad value, the first major that has it)
SETTINGS = {
    "idle_in_transaction_session_timeout": ("2h", 13),
    "lock_timeout": ("2h", 13),
    "statement_timeout": ("2d", 13),
    "transaction_timeout": ("2d", 17),
    "deadlock_timeout": ("1min", 13),
    "log_lock_waits": ("off", 13),
    "log_lock_failures": ("off", 18),
    "client_connection_check_interval": ("1h", 14),
    "tcp_keepalives_idle": ("2h", 13),
    "tcp_keepalives_interval": ("2min", 13),
    "tcp_keepalives_count": ("50", 13),
}
# one value for the whole server, whoever connects
SERVER_WIDE = ("deadlock_timeout", "log_lock_failures")
# judged for roles alone
OF_APPLICATIONS = ("statement_timeout", "transaction_timeout")
OF_OWNERS = ("lock_timeout",)


@pytest.fixture
def service(db):
    """A login service's role, with settings that end with the test."""
    name = f"service_of_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {name} LOGIN")
    yield name
    db.server.observer.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")
    db.server.observer.execute(f"DROP ROLE {name}")


def settings_of(major):
    return [name for name, (_, first) in SETTINGS.items() if first <= major]


@pytest.fixture
def connected(own_db, own_server):
    """A login service's role, connected, and the owner of a table; settings end with the test."""
    name = f"service_of_{own_db.name}"
    own_server.observer.execute(f"CREATE ROLE {name} LOGIN")
    with own_server.connect(own_db.name) as connection:
        connection.execute(f"ALTER TABLE ledger OWNER TO {name}")
    own_db.session(user=name)
    yield name
    own_server.observer.execute("ALTER SYSTEM RESET ALL")
    own_server.observer.execute("ALTER ROLE ALL RESET ALL")
    own_server.observer.execute("SELECT pg_reload_conf()")
    own_server.observer.execute(f"ALTER DATABASE {own_db.name} RESET ALL")
    own_server.observer.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")
    with own_server.connect(own_db.name) as connection:
        connection.execute("ALTER TABLE ledger OWNER TO postgres")
    own_server.observer.execute(f"DROP ROLE {name}")
    # what ALTER SYSTEM RESET ALL has taken away
    own_server.shut_down()
    own_server.start()


def set_wrong(server, db, role_name, where, name, value):
    clause = {
        "the server": "ALTER SYSTEM SET",
        "all roles": "ALTER ROLE ALL SET",
        "the database": f"ALTER DATABASE {db.name} SET",
        "the role": f"ALTER ROLE {role_name} SET",
        "the role in the database": f"ALTER ROLE {role_name} IN DATABASE {db.name} SET",
    }[where]
    server.observer.execute(f"{clause} {name} = '{value}'")


def subject(where, name, db, role_name):
    """(role, database) that the finding is about."""
    if where in ("the server", "all roles"):
        return (role_name, None) if name in OF_APPLICATIONS + OF_OWNERS else (None, None)
    return {"the database": (None, db.name), "the role": (role_name, None),
            "the role in the database": (role_name, db.name)}[where]


def new_value(server, name):
    """What a new session of nobody in particular has."""
    with server.connect() as connection:
        return connection.execute(f"SHOW {name}").fetchone()[0]


@pytest.mark.slow(300)
@pytest.mark.parametrize("where", ["the server", "all roles", "the database", "the role", "the role in the database"])
def test_its_sql_mends_it(own_pgunlock, own_db, own_server, connected, where):
    # ours is not what is judged
    elsewhere = own_pgunlock.at(dbname="postgres" if where == "the database" else own_db.name)
    everybody = where in ("the server", "all roles")
    names = [name for name in settings_of(own_server.major) if everybody or name not in SERVER_WIDE]
    for name in names:
        set_wrong(own_server, own_db, connected, where, name, SETTINGS[name][0])
    own_server.observer.execute("SELECT pg_reload_conf()")
    wait_until(lambda: where != "the server" or new_value(own_server, "deadlock_timeout") == "1min", "it was reloaded")
    document = elsewhere.json("doctor")
    text = " ".join(elsewhere("doctor").expect(0).out.split())
    for name in names:
        check = of_role(document, name, *subject(where, name, own_db, connected))
        assert check, f"{name} of {where} is not judged"
        assert check["status"] != "ok" and check["sql"], check
        for statement in check["sql"].split("\n"):
            assert statement in text
        run(own_server.observer, check["sql"])
    wait_until(lambda: where != "the server" or new_value(own_server, "deadlock_timeout") == "1s", "it was reloaded")
    document = elsewhere.json("doctor")
    for name in names:
        check = of_role(document, name, *subject(where, name, own_db, connected))
        assert check["status"] == "ok", check


def test_ddl_is_run_by_members_of_the_owner(pgunlock, db, service):
    """Tables often belong to a role that nobody logs in as."""
    owner = f"owner_of_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {owner} NOLOGIN ROLE {service}")
    with db.server.connect(db.name) as connection:
        connection.execute(f"ALTER TABLE ledger OWNER TO {owner}")
    try:
        check = of_role(pgunlock.json("doctor"), "lock_timeout", service)
        assert check["status"] == "advice"
        assert of_role(pgunlock.json("doctor"), "lock_timeout", "postgres")["status"] == "advice"
        db.server.observer.execute(check["sql"])
        assert of_role(pgunlock.json("doctor"), "lock_timeout", service)["status"] == "ok"
    finally:
        with db.server.connect(db.name) as connection:
            connection.execute("ALTER TABLE ledger OWNER TO postgres")
        db.server.observer.execute(f"DROP ROLE {owner}")


def test_plain_role_sees_the_same(pgunlock, db, service):
    """But of itself it says what it lacks."""
    db.session(user=service)
    db.session(user="app_rw")
    own = ("role", "pg_read_all_stats", "pg_signal_backend", "pg_signal_autovacuum_worker")

    def facts(document):
        return [check for check in document["checks"] if check["name"] not in own]
    plain = pgunlock.at(user="oncall").json("doctor")
    # each leaves itself out of the roles of applications
    assert facts(plain) == facts(pgunlock.json("doctor"))
    for name in own[1:3]:
        check = of_role(plain, name, "oncall")
        assert check["status"] == "problem" and check["sql"] == f"GRANT {name} TO oncall;"


def test_extension(pgunlock, db):
    check, = (check for check in pgunlock.json("doctor")["checks"] if check["name"] == "pgrowlocks")
    assert check["status"] == "advice"
    with db.server.connect(db.name) as connection:
        connection.execute(check["sql"])
    check, = (check for check in pgunlock.json("doctor")["checks"] if check["name"] == "pgrowlocks")
    assert check["status"] == "ok"
    with db.server.connect(db.name) as connection:
        connection.execute("DROP EXTENSION pgrowlocks; CREATE EXTENSION pageinspect")
    check, = (check for check in pgunlock.json("doctor")["checks"] if check["name"] == "pgrowlocks")
    assert check["status"] == "ok"
    with db.server.connect(db.name) as connection:
        connection.execute("DROP EXTENSION pageinspect")


def test_role_that_is_a_superuser(pgunlock, db):
    """The role that it recommends is one that sees and ends everything."""
    db.server.observer.execute("ALTER ROLE pgunlock RENAME TO pgunlock_before")
    try:
        check, = (check for check in pgunlock.at(user="postgres").json("doctor")["checks"] if check["name"] == "role")
        assert check["status"] == "advice"
        db.server.observer.execute(check["sql"])
        checks = {check["name"]: check for check in pgunlock.json("doctor")["checks"]}
        for name in ("role", "pg_read_all_stats", "pg_signal_backend"):
            assert checks[name]["status"] == "ok"
    finally:
        db.server.observer.execute("DROP ROLE IF EXISTS pgunlock; ALTER ROLE pgunlock_before RENAME TO pgunlock")


def test_options_of_our_own_connection(pgunlock, db):
    """They hide what the server gives to others, good or bad."""
    env = {"PGOPTIONS": "-c idle_in_transaction_session_timeout=5min --lock-timeout=5s"}
    document = pgunlock.json("doctor", env=env)
    check = of_role(document, "idle_in_transaction_session_timeout", None)
    assert check["status"] == "advice" and check["found"].startswith("not known") and check["sql"] is None
    assert of_role(document, "lock_timeout", "deploy") is None
    assert of_role(document, "lock_timeout", None)["found"].startswith("not known")
    # what they don't set is judged as ever
    assert of_role(document, "log_lock_waits", None)["found"] == "off"
    check = of_role(pgunlock.json("doctor"), "idle_in_transaction_session_timeout", None)
    assert check["status"] == "problem", check
