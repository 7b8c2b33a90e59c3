"""Sessions that wait for each other in a circle: the server resolves that after deadlock_timeout, which is long here."""

import json
import signal

from rig import documents, schemas
from rig.waiting import wait_until


def circle(db, size):
    sessions = [db.transaction(f"UPDATE stock SET amount = 0 WHERE id = {number}") for number in range(1, size + 1)]
    for number, session in enumerate(sessions):
        following = sessions[(number + 1) % size]
        session.block(f"UPDATE stock SET amount = 0 WHERE id = {(number + 1) % size + 1}", by=[following])
    return sessions


def test_circle_of_two(pgunlock, db):
    sessions = circle(db, 2)
    document = pgunlock.json("tree")
    assert [set(cycle) for cycle in document["cycles"]] == [documents.ids(*sessions)]
    assert document["roots"] == []
    assert document["summary"]["blocked"] == 2
    for command in ("tree", "status"):
        out = pgunlock(command).expect(0).out
        assert all(str(session.pid) in out for session in sessions), f"{command} must show who is in the circle: {out}"


def test_it_may_be_in_passing(pgunlock, db):
    """Waits that have just begun may end as soon; after 3 s they don't, though the server leaves them alone for an hour."""
    sessions = circle(db, 2)
    document = pgunlock.json("status")
    assert len(document["cycles"]) == 1
    if not document["deadlocks"]:
        out = pgunlock("status").expect(0).out
        assert "deadlock" in out and "(1h here)" in out
    document = wait_until(lambda: (seen := pgunlock.json("tree"))["deadlocks"] and seen, "they have waited long enough")
    assert [set(cycle) for cycle in document["deadlocks"]] == [documents.ids(*sessions)] == [set(document["cycles"][0])]
    out = pgunlock("tree").expect(0).out
    assert any(f"deadlock with {session.pid}" in out for session in sessions), "whichever is shown first"
    out = pgunlock("status").expect(0).out
    assert "A deadlock: 2 sessions" in out and "because of a deadlock" in out and "To end it:" in out


def test_seen_twice(pgunlock, db):
    """A watch has seen it before."""
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")

    def documents_of(process):
        for line in process.stdout:
            document = json.loads(line)
            schemas.validate(document)
            yield document
    stream = documents_of(process)
    assert next(stream)["cycles"] == []
    sessions = circle(db, 3)
    first = next(document for document in stream if document["cycles"])
    second = next(stream)
    assert first["deadlocks"] == []
    assert [set(cycle) for cycle in second["deadlocks"]] == [documents.ids(*sessions)]
    assert second["summary"]["longest_wait_seconds"] < 3, "it was too slow to tell"
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)


def test_circle_with_somebody_behind_it(pgunlock, db):
    sessions = circle(db, 3)
    behind = db.waiter("UPDATE stock SET amount = 1 WHERE id = 1")
    document = pgunlock.json("tree", "--all-edges")
    assert [set(cycle) for cycle in document["cycles"]] == [documents.ids(*sessions)]
    assert document["summary"]["blocked"] == 4
    expected = {(session.id, f"pid:{pid}") for session in (*sessions, behind)
                for pid in db.server.blocking_pids(session.pid)}
    assert documents.edges(document) == expected
    assert str(behind.pid) in pgunlock("tree").expect(0).out


def test_release_leaves_the_choice_to_the_person(pgunlock, db):
    sessions = circle(db, 2)
    finished = pgunlock("release", "--waiter", sessions[0].pid, "--yes").expect(5)
    assert "circle" in finished.err and "cancel" in finished.err
    assert db.all_alive(*sessions)
    document = pgunlock.json("cancel", sessions[1].pid, "--yes")
    assert documents.results(document) == {sessions[1].id: "freed"}
    assert sessions[0].error() is None
    assert sessions[1].error() == "57014"
    assert db.all_alive(*sessions)


def test_terminate_of_one_breaks_the_circle(pgunlock, db):
    sessions = circle(db, 3)
    document = pgunlock.json("terminate", sessions[2].pid, "--yes", "--wait", "1s", exit_code=None)
    assert documents.results(document) == {sessions[2].id: "freed"}
    assert sessions[1].error() is None
    assert db.all_alive(sessions[0], sessions[1])


def test_server_resolves_it_itself(pgunlock, db):
    """With the server's usual timeout it is gone in the next look."""
    first = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1", user="postgres")
    second = db.transaction("UPDATE stock SET amount = 0 WHERE id = 2", user="postgres")
    first.run("SET deadlock_timeout = '10ms'")
    second.block("UPDATE stock SET amount = 0 WHERE id = 1", by=[first])
    first.send("UPDATE stock SET amount = 0 WHERE id = 2")
    assert first.error() == "40P01"
    assert second.error() is None
    document = pgunlock.json("tree")
    assert document["cycles"] == [] and document["roots"] == []
