"""Selections narrow one another; a plan of too many sessions is refused."""

import pytest

from rig import documents
from rig.incidents import Login
from rig.waiting import wait_until


class Mixed:
    """Three holders that each block somebody: different users, applications and states."""

    def __init__(self, db):
        self.idle = db.transaction("UPDATE stock SET amount = 0 WHERE id = 1", user="app_rw", application="shop-1")
        self.running = db.transaction("UPDATE stock SET amount = 0 WHERE id = 2", user="app_rw", application="shop-2")
        self.other = db.transaction("UPDATE stock SET amount = 0 WHERE id = 3", user="deploy", application="stocktaking")
        self.holders = [self.idle, self.running, self.other]
        # blocks nobody, though it fits
        self.innocent = db.transaction("UPDATE stock SET amount = 0 WHERE id = 4", user="app_rw", application="shop-3")
        self.waiters = [db.waiter(f"UPDATE stock SET amount = 1 WHERE id = {number}", by=[holder], user="app_rw",
                                  application="shop-waiter") for number, holder in enumerate(self.holders, 1)]
        self.running.send("SELECT pg_sleep(600)")
        wait_until(lambda: db.server.state(self.running.pid) == "active", "it runs")


@pytest.fixture
def mixed(db):
    return Mixed(db)


def selected(pgunlock, *arguments, command="terminate"):
    return set(documents.acts(pgunlock.json(command, *arguments, "--dry-run")))


def test_by_user(pgunlock, mixed):
    assert selected(pgunlock, "--user", "app_rw") == documents.ids(mixed.idle, mixed.running)
    assert selected(pgunlock, "--user", "deploy") == documents.ids(mixed.other)
    pgunlock("terminate", "--user", "bi", "--dry-run").expect(3)


def test_by_application(pgunlock, mixed):
    assert selected(pgunlock, "--application", "shop-*") == documents.ids(mixed.idle, mixed.running)
    assert selected(pgunlock, "--application", "stocktaking") == documents.ids(mixed.other)


def test_by_state(pgunlock, mixed):
    assert selected(pgunlock, "--idle-in-transaction-for", "0s") == documents.ids(mixed.idle, mixed.other)
    pgunlock("terminate", "--idle-in-transaction-for", "1h", "--dry-run").expect(3)


def test_all_narrow_one_another(pgunlock, mixed, db):
    arguments = ("--table", "stock", "--user", "app_rw", "--application", "shop*", "--idle-in-transaction-for", "0s")
    document = pgunlock.json("terminate", *arguments, "--yes")
    assert documents.results(document) == {mixed.idle.id: "freed"}
    assert mixed.waiters[0].error() is None
    assert db.all_alive(mixed.running, mixed.other, mixed.innocent, *mixed.waiters)


def test_all_holders_widens(pgunlock, mixed):
    assert selected(pgunlock, "--user", "app_rw", "--table", "stock", "--all-holders") == documents.ids(
        mixed.idle, mixed.running, mixed.innocent)


def test_cancel_of_a_selection_refuses_what_cancel_cannot_do(pgunlock, mixed, db):
    document = pgunlock.json("cancel", "--table", "stock", "--yes", exit_code=5)
    assert documents.results(document)[mixed.running.id] == "freed"
    assert documents.results(document)[mixed.idle.id] == documents.results(document)[mixed.other.id] == "refused"
    assert mixed.running.error() == "57014"
    assert db.all_alive(*mixed.holders)


@pytest.mark.parametrize("command", ["terminate", "release"])
def test_more_than_max_are_refused(pgunlock, mixed, db, command):
    finished = pgunlock(command, "--table", "stock", "--max", "2", "--yes").expect(5)
    assert "3" in finished.err and "--max" in finished.err
    assert db.all_alive(*mixed.holders)
    assert all(db.server.waits(waiter.pid) for waiter in mixed.waiters)
    document = pgunlock.json(command, "--table", "stock", "--max", "3", "--yes")
    assert len(documents.results(document)) == 3


def test_ten_at_most_by_default(pgunlock, db):
    holders = [db.transaction("LOCK TABLE stock IN SHARE MODE") for _ in range(11)]
    writer = db.waiter("UPDATE stock SET amount = 0", by=holders)
    pgunlock("release", "--table", "stock", "--yes").expect(5)
    assert db.all_alive(*holders)
    document = pgunlock.json("release", "--table", "stock", "--max", "11", "--yes")
    assert len(documents.results(document)) == 11
    assert writer.error() is None


def test_release_of_all_frees_several_jams(pgunlock, mixed, db):
    login = Login(db, waiters=1)
    document = pgunlock.json("release", "--all", "--yes")
    assert documents.results(document) == {session.id: "freed" for session in (*mixed.holders, login.holder)}
    assert documents.acts(document)[mixed.running.id] == "cancel"
    for waiter in (*mixed.waiters, *login.waiters):
        assert waiter.error() is None
    assert db.all_alive(mixed.innocent, mixed.running)


def test_protected_by_their_kind(pgunlock, db):
    walsender = db.transaction("LOCK TABLE stock", user="replicator", replication="database")
    waiter = db.waiter("SELECT * FROM stock", by=[walsender])
    for command, arguments in (("terminate", [walsender.pid]), ("release", [walsender.pid]), ("release", ["--all"]),
                               ("terminate", ["--table", "stock"])):
        finished = pgunlock(command, *arguments, "--yes").expect(5)
        assert "walsender" in finished.text
        assert "--include-protected walsender" in finished.text
    assert db.all_alive(walsender)
    assert db.server.waits(waiter.pid)
    document = pgunlock.json("terminate", walsender.pid, "--include-protected", "walsender", "--yes")
    assert documents.results(document) == {walsender.id: "freed"}
    assert waiter.error() is None


def test_processes_of_the_server_are_refused(pgunlock, db):
    kinds = ["checkpointer", "background writer", "logical replication launcher"]
    for pid, kind in db.server.rows("SELECT pid, backend_type FROM pg_stat_activity WHERE backend_type = ANY(%s)", kinds):
        finished = pgunlock("terminate", pid, "--yes")
        finished.expect(5)
        assert db.server.is_there(pid), kind
