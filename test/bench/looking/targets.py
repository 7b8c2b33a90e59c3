"""What is wanted of the figures, and what came of it."""

import collections

# what: with the number of it. find(run): the measured value, None where it was not measured. most: the value may be at
# most this; or least. unit: written behind both.
Target = collections.namedtuple("Target", "what find most least unit", defaults=(None, None, ""))


def _scenario(run, name, size):
    return next((one for one in run["scenarios"] if (one["name"], one["size"]) == (name, size)), None)


def _ratio(name, size, other):
    def find(run):
        one = _scenario(run, name, size)
        return one and one["ratios"][other]
    return find


def _times_faster(name, size, other):
    """At least so much, where the other was cut off."""
    def find(run):
        one = _scenario(run, name, size)
        if not one:
            return None
        ratio = one["ratios"][other]
        return run["limit"] / one["results"]["look"]["seconds"] if ratio is None else 1 / ratio
    return find


def _result(name, size, result, value, factor):
    def find(run):
        one = _scenario(run, name, size)
        return one and factor * one["results"][result][value]
    return find


def _memory(name, size):
    """The largest process."""
    def find(run):
        one = _scenario(run, name, size)
        return one and max(one["results"][result]["memory"] for result in ("look", "tree", "status")) / 1e6
    return find


def _totals(size):
    def find(run):
        one = run["totals"]
        return 1000 * one["seconds"] if one and one["size"] == size else None
    return find


def _intrusion(what, choose):
    def find(run):
        rows = [row["ratios"][what] for row in run["intrusion"] if row["rate"] == 10]
        return choose(rows) if rows else None
    return find


TARGETS = (
    Target("whole tree, 1,500 waiters for a row: look / (bare locks + bare activity)", _ratio("row-storm", 1500, "bare"), 1.2),
    Target("the same: times faster than the self-join", _times_faster("row-storm", 1500, "self-join"), least=300),
    Target("whole tree, 100 waiters beside 500,000 locks: look / bare locks", _ratio("locks", 500_000, "bare locks"), 0.85),
    Target("the same: memory of the largest process", _memory("locks", 500_000), 15, unit=" MB"),
    Target("roots and totals only (`check`), 100 waiters beside 500,000 locks: questions and answers after login",
           _totals(500_000), 5, unit=" ms"),
    Target("nobody waits, 1,500 connections: look / heartbeat", _ratio("quiet", 1500, "heartbeat"), 1.2),
    Target("text tree of 1,500 waiters for a row", _result("row-storm", 1500, "look", "lines", 1), 60, unit=" lines"),
    Target("watched 10 times a second, 100,000 locks, 100 waiters: throughput / without (the worse workload)",
           _intrusion("tps", min), least=0.97),
    Target("the same: p99.9 / without", _intrusion("p99.9", max), 1.2),
)


def judge(run):
    """A row for each target: what, wanted, measured (None: not in this run), unit, met, missed_by (a factor, or None)."""
    rows = []
    for target in TARGETS:
        value = target.find(run)
        row = {"what": target.what, "wanted": ("at most", target.most) if target.least is None else ("at least", target.least),
               "measured": value, "unit": target.unit, "met": None, "missed_by": None}
        if value is not None:
            factor = value / target.most if target.least is None else target.least / value
            row["met"] = factor <= 1
            row["missed_by"] = None if row["met"] else factor
        rows.append(row)
    return rows
