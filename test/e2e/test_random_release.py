"""In random situations: whoever is ended did block somebody, nobody else is touched, and what the results say is so."""

import pytest

from rig import documents
from rig.situations import Stage, reachable

SEEDS = range(1, 21)
HURRIED = "--yes", "--max", "100", "--grace", "100ms", "--format", "json"


@pytest.fixture
def stage(db):
    stage = Stage(db)
    yield stage
    stage.clear()
    stage.close()


def holds_what_others_want(stage, pid):
    return any(pid in blockers for blockers in stage.truth().values())


def behind_a_circle(truth, pid):
    return any(other in reachable(truth, other) for other in reachable(truth, pid))


def check(stage, document, truth):
    blockers = set().union(*truth.values()) - {0}
    results = {int(name.split(":")[1]): result for name, result in documents.results(document).items()
               if name.startswith("pid:")}
    assert set(results) <= blockers, "only who blocks somebody may be ended"
    gone = {pid for pid, session in stage.by_pid.items() if not stage.db.server.is_there(pid)}
    assert gone <= set(results), "ended, but not among the results"
    for pid, result in results.items():
        if result == "freed":
            assert pid in gone or not holds_what_others_want(stage, pid) or stage.db.server.waits(pid), \
                f"{pid} is said to be freed"
        if result in ("refused", "already_gone"):
            assert pid not in gone
    return True


@pytest.mark.slow(300)
@pytest.mark.parametrize("arguments", [["release", "--all"], ["release", "--all", "--prefer", "holder"],
                                       ["terminate", "--user", "*"],
                                       ["terminate", "--user", "*", "--blocking"]], ids=" ".join)
def test_only_blockers_are_ended(pgunlock, stage, arguments):
    for seed in SEEDS:
        stage.stage(seed)
        truth = stage.truth()
        if truth and pgunlock.path is not None:
            finished = pgunlock(*arguments, *HURRIED, "--wait", "200ms")
            assert finished.exit in (0, 3, 4, 5), f"seed {seed}: {finished!r}"
            stage.settle()
            if "results" in finished.json:
                try:
                    assert check(stage, finished.json, truth)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}: {error}\n{truth}\n{finished.out}\n{stage.describe()}") from None
            else:
                assert all(stage.db.server.is_there(pid) for pid in stage.by_pid), f"seed {seed}: {finished!r}"
        stage.clear()


@pytest.mark.slow(300)
def test_round_after_round_everybody_gets_on(pgunlock, stage):
    """With rounds enough nobody waits in the end, circles excepted: those are the server's to break."""
    for seed in SEEDS:
        stage.stage(seed)
        if pgunlock.path is not None:
            superuser = pgunlock.at(user="postgres")
            finished = superuser("release", "--all", *HURRIED, "--rounds", "40", "--wait", "100ms", "--rollback-prepared")
            stage.settle()
            truth = stage.truth()
            if finished.exit == 0:
                left = {pid for pid in truth if not behind_a_circle(truth, pid)}
                assert not left, f"seed {seed}: exit 0, but {left} wait: {truth}\n{finished.out}"
            else:
                assert finished.exit in (4, 5), f"seed {seed}: {finished!r}"
                assert truth, f"seed {seed}: exit {finished.exit}, but nobody waits: {finished!r}"
        stage.clear()
