"""One backend keeps the lock manager for itself: whoever asks about locks or logs in hangs. That is said in a second, with
the backend that runs, and nothing is made worse by asking again."""

import json
import re
import signal
import time

import pytest

from rig import schemas
from rig.stuck_lock_manager import STATEMENT
from rig.waiting import wait_until

OWN = "SELECT count(*) FROM pg_stat_get_activity(NULL) WHERE application_name = 'pgunlock'"


def check_words(db, message, hint, n_waiting, knows_names):
    assert message.startswith(f"the lock manager of 127.0.0.1:")
    assert " is stuck: no word about locks for " in message
    words = re.search(r"(\d+) other sessions? waits? for it \(LWLock LockManager\)", message)
    # a process of the server itself may come to need a lock, too
    assert words and int(words[1]) >= n_waiting, message
    assert f"running, not waiting: pid {db.culprit.pid} (user " in message
    assert ("user app_rw," in message) == knows_names
    assert "application knot, for " in message and STATEMENT in message
    for word in ("wait: ", "cancel and terminate are noticed only when it comes out", "never kill -9"):
        assert word in hint, hint


def victims(db, n):
    """Sessions that want some lock, any lock."""
    sessions = [db.session(application="victim") for _ in range(n)]

    def act():
        for number, session in enumerate(sessions):
            session.send(f"SELECT pg_advisory_lock({number})")
        wait_until(lambda: {session.pid for session in sessions} <= db.waits_for_it(), "they wait for the lock manager")
    return act


@pytest.fixture
def after_login(stuck_pgunlock, stuck_db, make_proxy):
    """Runs a command, and lets the lock manager get stuck when it has just logged in; takes how long that took it."""
    def run(*arguments, user="postgres", n_victims=2):
        get_stuck = victims(stuck_db, n_victims)
        proxy = make_proxy(stuck_db.server)
        before_the_look = proxy.hold_sql("LockManager")
        program = stuck_pgunlock.at(port=proxy.port, user=user)
        process = program.start(*arguments)
        before_the_look.wait()
        stuck_db.stick()
        get_stuck()
        started = time.monotonic()
        before_the_look.release()
        finished = program.finish(process, arguments)
        finished.took = time.monotonic() - started
        stuck_db.release()
        return finished
    return run


@pytest.mark.parametrize("command", ["status", "tree", "locks"])
def test_one_look(after_login, stuck_db, command):
    finished = after_login(command, "--format", "json").expect(1)
    assert 1 <= finished.took < 2
    schemas.validate(finished.json)
    check_words(stuck_db, finished.json["message"], finished.json["hint"], 2, False)
    assert f"hint: {finished.json['hint']}" in finished.err


def test_check_is_unknown(after_login):
    finished = after_login("check").expect(3)
    assert finished.took < 2
    assert "UNKNOWN" in finished.out and "is stuck" in finished.out


@pytest.mark.parametrize("user, n_victims", [("pgunlock", 2), ("postgres", 0)])
def test_cannot_know(after_login, user, n_victims):
    """What this role may see is in a catalog that wasn't read before; or nobody else has run into it so far."""
    finished = after_login("status", "--timeout", "2s", user=user, n_victims=n_victims).expect(1)
    assert finished.took < 3
    assert "no answer" in finished.err and "its lock manager is stuck" in finished.err


def test_who_logs_in(stuck_pgunlock, stuck_db):
    """Nobody gets in, so that nobody can be asked."""
    stuck_db.stick()
    finished = stuck_pgunlock("status", env={"PGCONNECT_TIMEOUT": "2"}).expect(6)
    assert "its lock manager is stuck" in finished.err and "never kill -9" in finished.err
    stuck_db.release()


def own_sessions(db):
    return db.server.value(OWN)


def logins(db):
    return db.server.log.read_text(errors="replace").count("connection received")


def end(program, process):
    process.send_signal(signal.SIGINT)
    return program.finish(process, ("tree", "--watch")).expect(130)


def test_watch_that_only_asks_whether_anybody_waits(stuck_pgunlock, stuck_db):
    """With very many locks it hardly looks while nobody waits (test_watch.py), and nobody does who can't get so far."""
    db = stuck_db
    get_stuck = victims(db, 2)
    bystander = db.transaction("SELECT count(pg_advisory_xact_lock(i)) FROM generate_series(10001, 22000) i")
    process = stuck_pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    heartbeat = ("SELECT count(*) FROM pg_stat_get_activity(NULL) WHERE application_name = 'pgunlock'"
                 " AND query LIKE '% AS waiting,%'")
    while own_sessions(db) < 2 or not db.server.value(heartbeat):
        assert json.loads(process.stdout.readline())["summary"]["blocked"] == 0
    db.stick()
    get_stuck()
    started = time.monotonic()
    while (document := json.loads(process.stdout.readline()))["schema"] != "pgunlock.error/1":
        pass
    took = time.monotonic() - started
    assert took < 3, f"{took} s: {document}"
    check_words(db, document["message"], document["hint"], 2, True)
    db.release()
    end(stuck_pgunlock, process)
    bystander.run("COMMIT")


def test_watch_in_the_middle_of_a_look(stuck_pgunlock, stuck_db, make_proxy):
    """The locks have come; the names of databases are in a catalog that all share, and reading that takes a lock."""
    db = stuck_db
    proxy = make_proxy(db.server)
    program = stuck_pgunlock.at(port=proxy.port)
    process = program.start("tree", "--watch", "--interval", "200ms", "--format", "json")
    assert json.loads(process.stdout.readline())["summary"]["blocked"] == 0
    names = proxy.hold_sql("FROM pg_catalog.pg_database d")
    waiter = db.waiter("SELECT pg_advisory_lock(4711)", by=[db.holder])
    names.wait()
    db.stick()
    started = time.monotonic()
    names.release()
    while (document := json.loads(process.stdout.readline()))["schema"] != "pgunlock.error/1":
        pass
    took = time.monotonic() - started
    assert took < 3, f"{took} s: {document}"
    check_words(db, document["message"], document["hint"], 0, True)
    db.release()
    while (document := json.loads(process.stdout.readline()))["schema"] != "pgunlock.tree/1":
        pass
    assert document["roots"] == [db.holder.id] and f"pid:{waiter.pid}" in {one["id"] for one in document["sessions"]}
    assert document["warnings"] == []
    end(program, process)


@pytest.mark.parametrize("n_victims", [0, 3])
def test_watch(stuck_pgunlock, stuck_db, n_victims):
    """Its second connection tells, and the first goes on when it is over. Nobody else has to wait for that to be known."""
    db = stuck_db
    get_stuck = victims(db, n_victims)
    process = stuck_pgunlock.start("tree", "--watch", "--interval", "200ms", "--format", "json")

    def next_document():
        document = json.loads(process.stdout.readline())
        schemas.validate(document)
        return document
    while own_sessions(db) < 2 or not next_document()["sessions"] == []:
        pass
    next_document()
    db.stick()
    get_stuck()
    before = logins(db)
    while (document := next_document())["schema"] != "pgunlock.error/1":
        started = time.monotonic()
    took = time.monotonic() - started
    assert took < 2.5, f"{took} s: {document}"
    check_words(db, document["message"], document["hint"], n_victims, True)
    for _ in range(4):
        document = next_document()
        assert document["schema"] == "pgunlock.error/1" and "is stuck" in document["message"]
    assert logins(db) == before, "it doesn't connect anew"
    assert own_sessions(db) == 2
    db.release()
    while next_document()["schema"] != "pgunlock.tree/1":
        pass
    assert own_sessions(db) == 2 and logins(db) == before
    assert end(stuck_pgunlock, process).err.count("hint: ") == 1
