"""Random situations of row locks, held against what the clients themselves know of who has locked which row how: every
certain holder is one, and nobody who holds a row is missing."""

import itertools
import random

import pytest

from rig.session import SqlError

# of the seeds that the oracle of the wait graph takes: each takes a second here
EVERY = 5
SESSIONS = 6
STEPS = 40
ROWS = range(1, 7)
GIDS = itertools.count()

MODES = {"FOR KEY SHARE": "SELECT 1 FROM stock WHERE id = {row} FOR KEY SHARE NOWAIT",
         "FOR SHARE": "SELECT 1 FROM stock WHERE id = {row} FOR SHARE NOWAIT",
         "FOR NO KEY UPDATE": "SELECT 1 FROM stock WHERE id = {row} FOR NO KEY UPDATE NOWAIT",
         "FOR UPDATE": "SELECT 1 FROM stock WHERE id = {row} FOR UPDATE NOWAIT",
         "NO KEY UPDATE": "UPDATE stock SET amount = amount + 1 WHERE id = {row}"}


class Client:
    """One that keeps account of its locks: row -> modes, a layer for each subtransaction that is open."""

    def __init__(self, db):
        self.db = db
        self.session = db.session(application="oracle")
        self.id = self.session.id
        # who would wait gives up at once, and has no lock then
        self.session.run("SET lock_timeout = '1ms'")
        self.layers = []

    def holds(self):
        found = {}
        for layer in self.layers:
            for row, modes in layer.items():
                found.setdefault(row, set()).update(modes)
        return found

    def begin(self):
        if not self.layers:
            self.session.run("BEGIN")
            self.layers = [{}]

    def savepoint(self):
        self.begin()
        self.session.run(f"SAVEPOINT s{len(self.layers)}")
        self.layers.append({})

    def release(self):
        if len(self.layers) > 1:
            self.session.run(f"RELEASE SAVEPOINT s{len(self.layers) - 1}")
            for row, modes in self.layers.pop().items():
                self.layers[-1].setdefault(row, set()).update(modes)

    def roll_back(self):
        if len(self.layers) > 1:
            self.session.run(f"ROLLBACK TO SAVEPOINT s{len(self.layers) - 1}")
            self.layers[-1] = {}

    def lock(self, mode, row):
        """In a subtransaction of its own, which a refusal undoes."""
        self.savepoint()
        try:
            self.session.run(MODES[mode].format(row=row))
        except SqlError as error:
            assert error.sqlstate == "55P03", error
            self.roll_back()
        else:
            self.layers[-1].setdefault(row, set()).add(mode)

    def end(self, statement):
        if self.layers:
            self.session.run(statement)
            self.layers = []


class Prepared:
    """What is left of a client that prepared its transaction."""

    def __init__(self, client):
        name = f"oracle-{next(GIDS)}"
        self.id = f"gid:{name}"
        self._held = client.holds()
        client.end(f"PREPARE TRANSACTION '{name}'")

    def holds(self):
        return self._held


def play(db, generator):
    clients, prepared = [Client(db) for _ in range(SESSIONS)], []
    for _ in range(STEPS):
        client = generator.choice(clients)
        step = generator.random()
        if step < 0.6:
            client.lock(generator.choice(list(MODES)), generator.choice(ROWS))
        elif step < 0.75:
            client.release()
        elif step < 0.85:
            client.roll_back()
        elif step < 0.9:
            client.savepoint()
        elif step < 0.95:
            client.end(generator.choice(("COMMIT", "ROLLBACK")))
        elif client.layers:
            prepared.append(Prepared(client))
    return clients + prepared


def truth(parties):
    """row -> id -> modes"""
    rows = {row: {} for row in ROWS}
    for party in parties:
        for row, modes in party.holds().items():
            rows[row][party.id] = modes
    return rows


def compare(document, rows, where):
    assert len(document["rows"]) == len(rows), where
    for entry in document["rows"]:
        true = rows[int(entry["key"]["id"])]
        said = {holder["session"]: holder for holder in entry["holders"]}
        context = f"{where}, row {entry['key']}: {entry['holders']} in place of {true}"
        assert {who for who, holder in said.items() if holder["certain"]} <= set(true), context
        assert set(true) <= set(said), context
        assert (entry["state"] == "free") == (not true), context
        assert (entry["state"] == "one_of") == any(not holder["certain"] for holder in said.values()), context
        for who, modes in true.items():
            assert not said[who]["certain"] or said[who]["mode"] in {None} | modes, context


@pytest.fixture
def with_pageinspect(db):
    with db.server.connect(db.name) as connection:
        connection.execute("CREATE SCHEMA inspection; CREATE EXTENSION pageinspect SCHEMA inspection")
    yield
    db.server.end_everybody()
    with db.server.connect(db.name) as connection:
        connection.execute("DROP SCHEMA inspection CASCADE")


@pytest.mark.slow(300)
def test_holders_are_those_who_locked(pgunlock, db, with_pageinspect, oracle_seeds):
    for seed in oracle_seeds[::EVERY]:
        rows = truth(play(db, random.Random(seed)))
        arguments = ("row", "stock", f"id <= {max(ROWS)}")
        compare(pgunlock.json(*arguments), rows, f"seed {seed}")
        # a superuser's program looks into the pages
        compare(pgunlock.at(user="postgres").json(*arguments), rows, f"seed {seed}, with pageinspect")
        db.server.end_everybody()
