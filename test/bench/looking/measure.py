"""Measures one situation: everything in turns, round by round, so that a mood of the machine meets all alike."""

import statistics
import sys

from . import profile
from .program import Watcher
from .queries import BARE, PEERS, Client

# seconds: what takes longer is measured in LEAST rounds only
SLOW = 1.5
LEAST = 3


def say(text):
    print(text, file=sys.stderr, flush=True)


def median(values):
    """Of lists place by place; of those places that all of them have."""
    if isinstance(values[0], list):
        return [statistics.median(place) for place in zip(*values)]
    return statistics.median(values)


class Measure:
    """What one thing took, round by round; over: it took longer than the limit, which is then all that is known."""

    def __init__(self, function):
        self._function = function
        self.samples = []
        self.over = False

    def is_wanted(self):
        if self.over:
            return False
        return len(self.samples) < LEAST or statistics.median(s["seconds"] for s in self.samples) < SLOW

    def take(self):
        sample = self._function()
        if sample is None:
            self.over = True
        else:
            self.samples.append(sample)

    def warm_up(self):
        """The first time fills caches, and doesn't count."""
        self.take()
        self.samples.clear()

    def result(self):
        """The medians of all that was measured."""
        if self.over:
            return {"over": True}
        names = self.samples[0].keys()
        return {name: median([sample[name] for sample in self.samples]) for name in names} | {
            "rounds": len(self.samples), "samples": [sample["seconds"] for sample in self.samples]}


def ratio(ours, *theirs):
    """Median of the ratios, round by round, of one to the sum of others; None where one of them is over the limit."""
    if any(measure.over for measure in (ours, *theirs)):
        return None
    rounds = zip(ours.samples, *(measure.samples for measure in theirs))
    return statistics.median(first["seconds"] / sum(s["seconds"] for s in others) for first, *others in rounds)


def check_answer(program, waiters):
    """What is measured has to be right, too."""
    seen = program.document()["summary"]["blocked"]
    if seen != waiters:
        raise RuntimeError(f"pgunlock saw {seen} sessions wait, not {waiters}")


def measure(db, program, waiters, rounds, limit, with_profile):
    """The results by name, the ratios of the look to what it is compared with, and the profile, if wanted."""
    check_answer(program, waiters)
    # Each statement has a connection of its own, as the look has: what another one leaves behind in a server process, for
    # example memory that is kept for the next time, helps a bare fetch a lot.
    clients = {name: Client(db.server, db.name, limit) for name in BARE | PEERS}
    watcher = Watcher(program, db.server, waiters)
    try:
        measures = {"look": Measure(watcher.measure)}
        for name, sql in (BARE | PEERS).items():
            measures[name] = Measure(lambda client=clients[name], sql=sql: client.measure(sql))
        measures["tree"] = Measure(lambda: program.measure("tree", "--format", "json"))
        measures["status"] = Measure(lambda: program.measure("status"))
        # by its exit code it tells how bad things are
        measures["check"] = Measure(lambda: program.measure_questions("check", exit_codes=(0, 1, 2)))
        for one in measures.values():
            one.warm_up()
        for _ in range(rounds):
            for one in measures.values():
                if one.is_wanted():
                    one.take()
        results = {name: one.result() for name, one in measures.items()}
        results["look"]["memory"] = watcher.peak()
        where = profile.take(db.server, watcher) if with_profile else []
    finally:
        watcher.close()
        for client in clients.values():
            client.close()
    look = measures["look"]
    ratios = {"bare": ratio(look, measures["bare locks"], measures["bare activity"])}
    for name in ("bare locks", "heartbeat", *PEERS):
        ratios[name] = ratio(look, measures[name])
    return {"results": results, "ratios": ratios, "profile": where}
