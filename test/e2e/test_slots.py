"""Connection slots are few: one-shot commands hold one, and never open another when that would be the last."""

import os
import signal

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


@pytest.fixture
def reserved(small_db):
    """A role that may use what reserved_connections keeps."""
    if small_db.server.major < 16:
        pytest.skip("reserved_connections: 16 on")
    small_db.server.observer.execute("DROP ROLE IF EXISTS reserved; CREATE ROLE reserved LOGIN"
                                     " IN ROLE pg_monitor, pg_signal_backend, pg_use_reserved_connections")
    return "reserved"


@pytest.fixture(params=["pgunlock", "postgres", "oncall", "reserved"])
def user(request, small_db):
    """oncall may not look into other sessions."""
    if request.param == "reserved":
        request.getfixturevalue("reserved")
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
    # one more than needed: that for the names may still be leaving
    crowd.leave(small_db, 4)
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


def refused(finished, *words):
    """Exit 6, and the way in."""
    finished.expect(6)
    assert finished.out == "" and "53300" in finished.err and "\nhint: " in finished.err
    for word in words:
        assert word in finished.err, (word, finished.err)


MAKE_ROOM = ("ps -ef | grep 'idle in transaction'", "`kill PID` ends one as terminate would", "never kill -9")


@pytest.mark.parametrize("user", ["app_ro", "pgunlock"])
@pytest.mark.parametrize("database", [True, None])
def test_the_slots_left_are_kept(small_pgunlock, small_db, user, database):
    login = Login(small_db)
    program = small_pgunlock.at(user=user) if database else small_pgunlock.at(user=user, dbname=None)
    crowd.leave(small_db, kept_from("pgunlock", small_db.server.major))
    way_in = "pg_use_reserved_connections" if small_db.server.major >= 16 else "superusers"
    refused(program("status"), *MAKE_ROOM, way_in, "sudo -u postgres pgunlock")
    small_pgunlock.at(user="postgres")("release", "--all", "--yes").expect(0)
    assert login.all_get_in()


def test_those_for_members_are_taken_too(small_pgunlock, small_db, reserved):
    login = Login(small_db)
    crowd.leave(small_db, crowd.FOR_SUPERUSERS + 1)
    program = small_pgunlock.at(user=reserved)
    refused(small_pgunlock("status"), *MAKE_ROOM, "pg_use_reserved_connections")
    program("status").expect(0)
    crowd.leave(small_db, crowd.FOR_SUPERUSERS)
    for user in ("pgunlock", reserved):
        refused(small_pgunlock.at(user=user)("status"), *MAKE_ROOM, "superusers still get in", "sudo -u postgres pgunlock")
    small_pgunlock.at(user="postgres")("release", "--all", "--yes").expect(0)
    assert login.all_get_in()


def test_those_for_superusers_are_taken_too(small_pgunlock, small_db):
    """What the hint says helps: it ends the session as terminate would, and somebody gets in."""
    login = Login(small_db)
    crowd.leave(small_db, 0)
    for user in ("app_ro", "pgunlock", "postgres"):
        finished = small_pgunlock.at(user=user)("status")
        refused(finished, *MAKE_ROOM, "even the slots for superusers are taken")
    os.kill(login.holder.pid, signal.SIGTERM)
    assert login.all_get_in()
    wait_until(lambda: not login.holder.is_open, "the holder has ended")
    wait_until(lambda: small_pgunlock.at(user="postgres")("status").exit == 0, "its slot is free")


def test_limits_of_a_role_and_of_a_database(small_pgunlock, small_db):
    small_db.server.observer.execute("ALTER ROLE pgunlock CONNECTION LIMIT 0")
    try:
        refused(small_pgunlock("status"), "another role (-U)")
    finally:
        small_db.server.observer.execute("ALTER ROLE pgunlock CONNECTION LIMIT -1")
    small_db.server.observer.execute(f'ALTER DATABASE "{small_db.name}" CONNECTION LIMIT 0')
    try:
        refused(small_pgunlock("status"), "-d OTHERDATABASE")
        small_pgunlock.at(dbname="postgres")("status").expect(0)
    finally:
        small_db.server.observer.execute(f'ALTER DATABASE "{small_db.name}" CONNECTION LIMIT -1')
