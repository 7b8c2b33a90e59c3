"""A hundred clients lock at random while looks are taken: a look is no single moment, and what is gone by its end must
neither break it nor make anybody guilty who never blocked anybody."""

import datetime
import json
import random
import signal
import time

import pytest

from rig import schemas
from rig.traffic import Traffic

CLIENTS = 100


@pytest.fixture
def seconds(request):
    return request.config.getoption("--stress-seconds")


@pytest.fixture
def traffic(db, major):
    traffic = Traffic(db, CLIENTS, seed=major)
    yield traffic
    traffic.stop()


def time_of(document):
    """When it was taken, by the server's clock, which is ours."""
    return datetime.datetime.fromisoformat(document["taken_at"].replace("Z", "+00:00")).timestamp()


def blocks_of_roots(document):
    """(root, waiter) for each that waits directly for a root."""
    roots = set(document["roots"])
    return [(edge["blocker"], edge["waiter"]) for edge in document["edges"] if edge["blocker"] in roots]


class Judge:
    """Holds roots against what the clients did meanwhile."""

    def __init__(self, traffic):
        self._traffic = traffic
        self._generator = random.Random(1)
        self.n = self.n_chance = 0

    def check(self, document, start, end):
        pairs = blocks_of_roots(document)
        assert {root for root, _ in pairs} == set(document["roots"]), "a root that blocks nobody"
        for root, waiter in pairs:
            assert self._traffic.may_have_blocked(root, waiter, start, end), \
                f"{root} had nothing that {waiter} wanted, {end - start:.3f} s long: {document}"
            self.n += 1
            # what anybody would be guilty of proves nothing
            other = self._generator.choice(self._traffic.ids())
            self.n_chance += self._traffic.may_have_blocked(other, waiter, start, end)


@pytest.mark.slow(180)
def test_no_root_that_never_blocked(pgunlock, traffic, seconds):
    judge = Judge(traffic)
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--budget", "100", "--format", "json",
                             "--all-edges")
    start = time_of(json.loads(process.stdout.readline()))
    looks = []
    over = time.time() + seconds
    while time.time() < over:
        looks.append((process.stdout.readline(), time.time()))
    process.send_signal(signal.SIGINT)
    pgunlock.finish(process, ("tree", "--watch")).expect(130)
    traffic.stop()
    for line, end in looks:
        document = json.loads(line)
        schemas.validate(document)
        assert document["schema"] == "pgunlock.tree/1", document
        # each begins after the one before it
        judge.check(document, start, end)
        start = time_of(document)
    assert traffic.n_statements() > 1000 and len(looks) > 2 * seconds
    assert judge.n > 20 * seconds
    assert judge.n_chance < judge.n / 2, "the check is too weak"


@pytest.mark.slow(180)
def test_every_command(pgunlock, traffic, seconds):
    """Each as one look: with all that belongs to it."""
    over = time.time() + seconds
    while time.time() < over:
        for command in (("status",), ("tree",), ("tree", "--full"), ("locks",), ("check",)):
            pgunlock(*command).expect(0) if command != ("check",) else pgunlock(*command)
        for command in ("status", "tree", "locks"):
            pgunlock.json(command)
    traffic.stop()
