"""tree --watch looks again and again on one connection."""

import json
import signal

import pytest

from rig import documents, schemas
from rig.incidents import Login
from rig.waiting import wait_until


def documents_of(process):
    for line in process.stdout:
        document = json.loads(line)
        schemas.validate(document)
        yield document


def test_one_document_a_line(pgunlock, db):
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)
    assert next(stream)["summary"]["blocked"] == 0
    login = Login(db)
    seen = next(document for document in stream if document["summary"]["blocked"] == 3)
    assert seen["roots"] == [login.holder.id]
    login.holder.run("COMMIT")
    assert login.all_get_in()
    quiet = next(document for document in stream if document["summary"]["blocked"] == 0)
    assert quiet["taken_at"] > seen["taken_at"]
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_connections(pgunlock, db):
    """One to look, and one for when that hangs (test_stuck_lock_manager.py)."""
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)
    own = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgunlock'"
    while len(first := db.server.rows(own)) < 2:
        next(stream)
    for _ in range(3):
        next(stream)
    assert db.server.rows(own) == first
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_text(pgunlock, db):
    login = Login(db)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms")
    seen = ""
    while seen.count(str(login.holder.pid)) < 3:
        line = process.stdout.readline().decode()
        assert line, "it ended"
        seen += line
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_answers_when_nobody_can_log_in_any_more(pgunlock, db, request):
    """With pg_authid locked every new login waits; a connection that is open already still sees for whom."""
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)
    while db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'") < 2:
        next(stream)
    holder = db.lock_catalog("pg_authid")
    # before 18 the watch may miss who is logging in for ten seconds
    late = pgunlock.start("status", "--timeout", "30s", env={"PGCONNECT_TIMEOUT": "30"})
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_lock_status() WHERE NOT granted"), "the login waits")
    seen = next(document for document in stream if document["roots"])
    assert seen["roots"] == [holder.id]
    assert documents.session(seen, holder)["blocked_total"] == 1
    holder.run("ROLLBACK")
    pgunlock.finish(late, ("status",)).expect(0)
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_names_fall_back_to_numbers(pgunlock, db):
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)
    next(stream)
    oid = db.oid("stock")
    table = db.transaction("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[table])
    holder = db.lock_catalog("pg_class")
    seen = next(document for document in stream if document["warnings"])
    assert seen["roots"] == [table.id]
    target = documents.session(seen, waiter)["wait"]["target"]
    assert target["relation"] in (None, "stock")
    assert target["relation"] or str(oid) in target["text"]
    holder.run("ROLLBACK")
    seen = next(document for document in stream if not document["warnings"])
    assert documents.session(seen, waiter)["wait"]["target"]["relation"] == "stock"
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_the_last_look_stands(pgunlock, db):
    """With a budget for less than one look in the time of the test, it asks who waits, and shows the look again as long
    as the same sessions do. Who comes or goes is seen."""
    login = Login(db)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)

    def next_that_stands():
        before = next(stream)
        for document in stream:
            if document == before:
                return document
            before = document
    seen = next_that_stands()
    assert seen["summary"]["blocked"] == 3 and seen["roots"] == [login.holder.id]
    other = db.waiter("SELECT pg_advisory_lock(7)", by=[db.transaction("SELECT pg_advisory_lock(7)")])
    seen = next(document for document in stream if document["summary"]["blocked"] == 4)
    assert documents.session(seen, other)["wait"]
    login.holder.run("COMMIT")
    assert login.all_get_in()
    seen = next(document for document in stream if document["summary"]["blocked"] == 1)
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_looks_each_time_with_the_whole_budget(pgunlock, db):
    Login(db)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json", "--budget", "100")
    stream = documents_of(process)
    times = [next(stream)["taken_at"] for _ in range(8)]
    assert sorted(set(times)) == times
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_text_says_how_old_it_is(pgunlock, db):
    Login(db)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms")
    seen = b""
    while b"the same sessions still wait" not in seen:
        piece = process.stdout.readline()
        assert piece, "it ended"
        seen += piece
    assert b"--budget" in seen
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_many_locks(pgunlock, db):
    """Where there are very many locks it asks first whether anybody waits, then lets the server choose the locks."""
    bystander = db.transaction("SELECT count(pg_advisory_xact_lock(i)) FROM generate_series(1, 10500) i")
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    stream = documents_of(process)
    assert next(stream)["summary"]["blocked"] == 0

    def asks_for_the_heartbeat():
        return db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'"
                               " AND query LIKE '%% AS waiting,%%'") > 0

    quiet = next(document for document in stream if document["summary"]["blocked"] == 0 and asks_for_the_heartbeat())
    assert next(stream)["taken_at"] > quiet["taken_at"]
    login = Login(db)
    for _ in range(3):
        seen = next(document for document in stream if document["summary"]["blocked"] == 3)
        assert seen["roots"] == [login.holder.id]
    login.holder.run("COMMIT")
    assert login.all_get_in()
    next(document for document in stream if document["summary"]["blocked"] == 0)
    bystander.run("COMMIT")
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)
