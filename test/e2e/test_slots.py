"""Connection slots are few: one-shot commands hold one, and never open another when that would be the last."""

import pytest

from rig import crowd, documents
from rig.incidents import Login
from rig.session import Session
from rig.waiting import wait_until

GID = "order-4711"


@pytest.fixture
def elsewhere(small_pgunlock):
    """Connected to another database than that in which somebody waits."""
    return small_pgunlock.at(dbname="postgres")


def kept_from(user, major):
    """How many slots are not for this user."""
    if user == "postgres":
        return 0
    return crowd.FOR_SUPERUSERS + (crowd.RESERVED if major >= 16 and user != "reserved" else 0)


@pytest.fixture(params=["pgunlock", "postgres", "oncall", "reserved"])
def user(request, small_db):
    """oncall may not look into other sessions; "reserved" may use what reserved_connections keeps."""
    if request.param == "reserved":
        if small_db.server.major < 16:
            pytest.skip("reserved_connections: 16 on")
        small_db.server.observer.execute("DROP ROLE IF EXISTS reserved; CREATE ROLE reserved LOGIN"
                                         " IN ROLE pg_monitor, pg_signal_backend, pg_use_reserved_connections")
    return request.param


def waited_for(document, login):
    return documents.session(document, login.waiters[1])["wait"]["target"]["relation"]


def test_names_of_another_database_take_no_last_slot(elsewhere, small_db, user):
    """Three slots: one for the first connection, one for the second, and one that stays."""
    login = Login(small_db, waiters=2)
    oid = small_db.oid("login_sessions")
    program = elsewhere.at(user=user)
    crowd.leave(small_db, kept_from(user, small_db.server.major) + 3)
    log = crowd.Log(small_db.server)
    document = program.json("tree")
    assert waited_for(document, login) == "login_sessions" and not slot_warnings(document)
    assert log.logins() == ["postgres", small_db.name]

    wait_until(lambda: crowd.SLOTS - crowd.taken(small_db.server) == kept_from(user, small_db.server.major) + 3, "it has left")
    crowd.leave(small_db, kept_from(user, small_db.server.major) + 2)
    log = crowd.Log(small_db.server)
    document = program.json("tree")
    assert waited_for(document, login) is None
    assert str(oid) in documents.session(document, login.waiters[1])["wait"]["target"]["text"]
    warning, = slot_warnings(document)
    assert small_db.name in warning and "oids" in warning
    assert log.logins() == ["postgres"]


def slot_warnings(document):
    return [warning for warning in document["warnings"] if "slots" in warning]


def test_who_is_logging_in_counts(elsewhere, small_db):
    """Before 18 the server shows such a session nowhere but in its locks."""
    login = Login(small_db, waiters=2)
    migration = Session(small_db.server, dbname="template1", user="postgres")
    small_db.catalog_lockers.append(migration)
    migration.run("BEGIN")
    migration.run("LOCK TABLE pg_class")
    crowd.leave(small_db, kept_from("pgunlock", small_db.server.major) + 5)
    late = [elsewhere.at(dbname="template1").start("status", env={"PGCONNECT_TIMEOUT": "30"}) for _ in range(3)]
    wait_until(lambda: small_db.server.value("SELECT count(*) FROM pg_lock_status() WHERE NOT granted") == 5, "they hang")
    log = crowd.Log(small_db.server)
    document = elsewhere.json("tree")
    assert waited_for(document, login) is None and slot_warnings(document)
    assert log.logins() == ["postgres"]
    migration.run("ROLLBACK")
    for process in late:
        elsewhere.finish(process, ("status",)).expect(0)


def prepare(db):
    session = db.transaction("UPDATE stock SET amount = 0 WHERE id = 7")
    session.run(f"PREPARE TRANSACTION '{GID}'")
    session.close()
    return db.waiter("UPDATE stock SET amount = 1 WHERE id = 7")


def is_prepared(db):
    return db.server.value("SELECT count(*) FROM pg_prepared_xacts WHERE gid = %s", GID) == 1


@pytest.mark.parametrize("end", ["--rollback", "--commit"])
def test_a_prepared_transaction_of_another_database(elsewhere, small_db, end):
    waiter = prepare(small_db)
    superuser = elsewhere.at(user="postgres")
    crowd.leave(small_db, 2)
    log = crowd.Log(small_db.server)
    document = superuser.json("release", f"gid:{GID}", end, "--yes", exit_code=1)
    result, = document["results"]
    assert result["result"] == "refused" and "slots" in result["message"] and f"-d {small_db.name}" in result["hint"]
    assert f"-d {small_db.name}" in superuser("release", f"gid:{GID}", end, "--yes").expect(1).out
    assert log.logins() == ["postgres", "postgres"]
    assert is_prepared(small_db) and small_db.server.waits(waiter.pid)

    log = crowd.Log(small_db.server)
    document = superuser.at(dbname=small_db.name).json("release", f"gid:{GID}", end, "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert log.logins() == [small_db.name]
    assert waiter.error() is None


def test_a_prepared_transaction_while_slots_remain(elsewhere, small_db):
    waiter = prepare(small_db)
    crowd.leave(small_db, 3)
    log = crowd.Log(small_db.server)
    document = elsewhere.at(user="postgres").json("release", f"gid:{GID}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert log.logins() == ["postgres", small_db.name, small_db.name], "for the names, and for the end"
    assert waiter.error() is None


@pytest.mark.parametrize("command", [["status"], ["tree"], ["locks"], ["check"], ["doctor"], ["release", "--all", "--yes"]],
                         ids=lambda command: command[0])
def test_one_connection(small_pgunlock, small_db, command):
    Login(small_db)
    log = crowd.Log(small_db.server)
    small_pgunlock(*command)
    assert log.logins() == [small_db.name]


def test_with_the_very_last_slot(small_pgunlock, small_db):
    """The one connection gets in, and is enough to free."""
    login = Login(small_db)
    crowd.leave(small_db, kept_from("pgunlock", small_db.server.major) + 1)
    small_pgunlock("release", "--all", "--yes").expect(0)
    assert login.all_get_in()
