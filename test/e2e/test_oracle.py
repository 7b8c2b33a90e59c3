"""The wait graph against the server itself: in random frozen situations the edges must be those of pg_blocking_pids(),
for every waiter, and all else that follows from the edges must be so."""

import pytest

from rig.situations import Stage, reachable


@pytest.fixture
def stage(db):
    stage = Stage(db)
    yield stage
    stage.clear()
    stage.close()


def pid_of(session_id):
    """As the server writes it: prepared transactions are all 0."""
    kind, name = session_id.split(":", 1)
    return int(name) if kind == "pid" else 0


def edges_of(document):
    found = {}
    for edge in document["edges"]:
        found.setdefault(pid_of(edge["waiter"]), set()).add(pid_of(edge["blocker"]))
    return found


def differences(document, truth):
    """What the document has wrong, as text; empty when it is right."""
    wrong = []

    def compare(what, found, expected):
        if found != expected:
            wrong.append(f"{what}: {found}, but by the server {expected}")

    found = edges_of(document)
    for pid in sorted(truth.keys() | found.keys()):
        compare(f"blockers of {pid}", found.get(pid, set()), truth.get(pid, set()))
    compare("blocked", document["summary"]["blocked"], len(truth))

    blockers = set().union(*truth.values()) if truth else set()
    compare("roots", {pid_of(root) for root in document["roots"]}, blockers - truth.keys())

    behind = {pid: {waiter for waiter in truth if pid in reachable(truth, waiter)} for pid in truth.keys() | blockers}
    circles = {frozenset(reachable(truth, pid) & behind[pid]) for pid in truth if pid in behind[pid]}
    compare("cycles", {frozenset(map(pid_of, cycle)) for cycle in document["cycles"]}, circles)
    for entry in document["sessions"]:
        pid = pid_of(entry["id"])
        # several prepared transactions are one to the server
        if pid != 0:
            compare(f"blocked_total of {pid}", entry["blocked_total"], len(behind.get(pid, set()) - {pid}))
            compare(f"blockers_total of {pid}", entry["blockers_total"], len(truth.get(pid, set())) if 0 not in truth.get(
                pid, set()) else entry["blockers_total"])
            compare(f"is_root of {pid}", entry["is_root"], pid in blockers and pid not in truth)
    return "\n".join(wrong)


@pytest.mark.smoke
@pytest.mark.slow(300)
def test_edges_are_pg_blocking_pids(pgunlock, stage, oracle_seeds):
    for seed in oracle_seeds:
        stage.stage(seed)
        truth = stage.truth()
        if pgunlock.path is not None:
            document = pgunlock.json("tree", "--all-edges")
            assert stage.truth() == truth, f"seed {seed}: the situation was not frozen"
            wrong = differences(document, truth)
            assert not wrong, f"seed {seed} (--oracle-seed={seed} --oracle-situations=1):\n{wrong}\n\n{stage.describe()}"
        stage.clear()


def test_situations_are_worth_it(stage):
    """The random situations have in them what is hard: long queues, circles, prepared transactions, and waiters that are
    ahead of others who came earlier."""
    waiters = circles = prepared = overtaken = 0
    for seed in range(1, 26):
        truth = stage.stage(seed).truth()
        waiters += len(truth)
        circles += any(pid in reachable(truth, pid) for pid in truth)
        prepared += any(0 in blockers for blockers in truth.values())
        if stage.db.server.major >= 14:
            overtaken += stage.admin.execute(
                "WITH waits AS (SELECT * FROM pg_locks WHERE NOT granted)"
                " SELECT count(*) FROM waits a JOIN waits b ON a.relation = b.relation AND a.locktype = b.locktype"
                " WHERE a.waitstart < b.waitstart AND b.pid = ANY(pg_blocking_pids(a.pid))"
                " AND a.locktype = 'relation'").fetchone()[0] > 0
        stage.clear()
    assert waiters > 100 and circles > 2 and prepared > 1, (waiters, circles, prepared)
    assert overtaken > 1 or stage.db.server.major < 14
