"""--row: cancel, terminate and release by a row."""

import re

import pytest

from rig import documents
from rig.incidents import UPDATE_LOGIN, Login
from rig.waiting import wait_until

ROW_42 = "login_sessions WHERE user_id = 42"


@pytest.mark.smoke
@pytest.mark.parametrize("command", ["terminate", "release"])
def test_ends_the_holder(pgunlock, db, command):
    login = Login(db)
    other = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 43", application="innocent")
    other_waiter = db.waiter("UPDATE login_sessions SET token = '' WHERE user_id = 43", by=[other])
    document = pgunlock.json(command, "--row", ROW_42, "--yes")
    assert documents.acts(document) == {login.holder.id: "terminate"}
    assert documents.results(document) == {login.holder.id: "freed"}
    assert documents.waiters(document)[0] == 3
    assert login.all_get_in()
    assert db.all_alive(other) and db.server.waits(other_waiter.pid)


def test_rows_of_several_holders(pgunlock, db):
    holders = [db.transaction(f"UPDATE login_sessions SET token = '' WHERE user_id = {n}") for n in (41, 42, 43)]
    waiters = [db.waiter(f"DELETE FROM login_sessions WHERE user_id = {n}", by=[holder])
               for n, holder in zip((41, 42, 43), holders)]
    document = pgunlock.json("release", "--row", "login_sessions WHERE user_id > 41", "--yes")
    assert documents.results(document) == {holder.id: "freed" for holder in holders[1:]}
    assert all(waiter.error() is None for waiter in waiters[1:])
    assert db.all_alive(holders[0]) and db.server.waits(waiters[0].pid)


def test_sharers_of_a_row_end_together(pgunlock, db):
    sharers = [db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR SHARE") for _ in range(2)]
    keyed = db.transaction("SELECT 1 FROM login_sessions WHERE user_id = 42 FOR KEY SHARE", application="innocent")
    waiter = db.waiter(UPDATE_LOGIN)
    blocked_by = db.server.blocking_pids(waiter.pid)
    document = pgunlock.json("release", "--row", ROW_42, "--yes", "--rounds", "3", "--wait", "1s", exit_code=None)
    assert waiter.error() is None, document
    assert blocked_by <= {sharer.pid for sharer in sharers}
    assert db.all_alive(keyed), "a foreign-key check is in nobody's way"


def test_first_waiter_is_no_culprit(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("terminate", "--row", ROW_42, "--yes")
    assert set(documents.results(document)) == {login.holder.id}
    assert login.all_get_in()


@pytest.mark.parametrize("command", ["cancel", "terminate"])
def test_nobody_waits(pgunlock, db, command):
    holder = db.transaction(UPDATE_LOGIN)
    finished = pgunlock(command, "--row", ROW_42, "--yes").expect(3)
    assert "--all-holders" in finished.err
    assert pgunlock.json("release", "--row", ROW_42, "--yes")["plan"] == []
    assert db.all_alive(holder)


def test_all_holders(pgunlock, db):
    holder = db.transaction(UPDATE_LOGIN)
    other = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 43")
    document = pgunlock.json("terminate", "--row", ROW_42, "--all-holders", "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert db.all_alive(other)


@pytest.mark.parametrize("statements", [
    ["SAVEPOINT a", UPDATE_LOGIN, "RELEASE SAVEPOINT a"],
    ["SAVEPOINT a", UPDATE_LOGIN],
    [f"DO $$ BEGIN BEGIN {UPDATE_LOGIN}; EXCEPTION WHEN others THEN NULL; END; END $$"],
], ids=["released", "open", "exception block"])
def test_all_holders_by_a_subtransaction(pgunlock, db, statements):
    holder = db.transaction(*statements)
    db.transaction("UPDATE stock SET amount = 1 WHERE id = 1")
    document = pgunlock.json("terminate", "--row", ROW_42, "--all-holders", "--yes")
    assert documents.results(document) == {holder.id: "freed"}


def test_ambiguous_holder_is_not_acted_on(pgunlock, db):
    other = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 41")
    holder = db.transaction("UPDATE orders SET note = '' WHERE id = 1", "SAVEPOINT a", UPDATE_LOGIN,
                            "RELEASE SAVEPOINT a")
    pgunlock("terminate", "--row", ROW_42, "--all-holders", "--yes").expect(3)
    assert db.all_alive(holder, other)
    waiter = db.waiter(UPDATE_LOGIN, by=[holder])
    document = pgunlock.json("terminate", "--row", ROW_42, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None and db.all_alive(other)


def test_goes_on_to_the_successor(pgunlock, db):
    """The row moved to another place meanwhile: who follows it there waits for it, mostly without its tuple lock."""
    login = Login(db, waiters=2, in_transaction=True)
    login.holder.run("COMMIT")
    wait_until(lambda: any(waiter.is_done() for waiter in login.waiters), "one of the two gets in")
    first, second = sorted(login.waiters, key=lambda waiter: not waiter.is_done())
    wait_until(lambda: db.server.blocking_pids(second.pid) == {first.pid}, "the other one has followed the row")
    document = pgunlock.json("row", *ROW_42.split(" WHERE "))
    assert document["rows"][0]["waiters"] == [second.id]
    document = pgunlock.json("release", "--row", ROW_42, "--yes")
    assert documents.results(document) == {first.id: "freed"}
    assert second.error() is None


def test_rounds(pgunlock, db):
    login = Login(db, waiters=3, in_transaction=True)
    document = pgunlock.json("release", "--row", ROW_42, "--rounds", "3", "--wait", "1s", "--yes",
                             exit_code=None)
    results = documents.results(document)
    assert list(results.values()) == ["freed"] * 3
    assert login.holder.id in results
    assert sum(waiter.id in results for waiter in login.waiters) == 2


@pytest.mark.parametrize("row, exit_code, said", [
    ("login_sessions WHERE user_id = 4242", 3, "no row"),
    ("orders o", 2, "does not exist"),
    ("login_sessions", 2, "condition"),
    ("no_such_table WHERE true", 3, "no_such_table"),
    ("login_sessions WHERE user_id = ", 2, "syntax"),
])
def test_wrong_usage(pgunlock, db, row, exit_code, said):
    login = Login(db)
    finished = pgunlock("release", "--row", row, "--yes").expect(exit_code)
    assert said in finished.err and "hint: " in finished.err
    assert login.nothing_moved()


def test_too_many_rows(pgunlock, db):
    with db.server.connect(db.name) as connection:
        connection.execute("INSERT INTO login_sessions SELECT n FROM generate_series(101, 200) n")
    login = Login(db)
    finished = pgunlock("release", "--row", "login_sessions WHERE true", "--yes").expect(5)
    assert "more than 100 rows" in finished.err
    assert login.nothing_moved()


def test_narrows_with_other_selectors(pgunlock, db):
    login = Login(db)
    pgunlock("terminate", "--row", ROW_42, "--user", "bi", "--yes").expect(3)
    pgunlock("terminate", "--row", ROW_42, "--table", "orders", "--yes").expect(3)
    pgunlock("release", "--row", ROW_42, "--advisory", "1", "--yes").expect(2)
    pgunlock("release", "--row", ROW_42, login.holder.pid, "--yes").expect(2)
    assert login.nothing_moved()
    document = pgunlock.json("terminate", "--row", ROW_42, "--table", "login_sessions", "--application", "login-*", "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}


def test_let_go_before_the_yes(pgunlock, db):
    login = Login(db)
    terminal = pgunlock.terminal("release", "--row", ROW_42)
    terminal.expect_question()
    login.holder.run("COMMIT")
    assert login.all_get_in()
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "left alone" in terminal.seen
    assert db.all_alive(login.holder)


def test_holder_that_ends_between_the_two_reads(pgunlock, db, proxy):
    """The row is read again, and then names who has come."""
    first = db.transaction(UPDATE_LOGIN)
    hold = proxy.hold_sql("pg_lock_status")
    arguments = ("terminate", "--row", ROW_42, "--all-holders", "--yes", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    first.run("COMMIT")
    second = db.transaction(UPDATE_LOGIN)
    hold.release()
    document = pgunlock.finish(process, arguments).expect(0).json
    assert documents.results(document) == {second.id: "freed"}
    assert db.all_alive(first)


def test_taken_again_before_the_yes(pgunlock, db):
    login = Login(db, waiters=1)
    terminal = pgunlock.terminal("release", "--row", ROW_42)
    terminal.expect_question()
    login.holder.run("COMMIT")
    assert login.all_get_in()
    login.holder.run("BEGIN")
    login.holder.run(UPDATE_LOGIN)
    later = db.waiter(UPDATE_LOGIN, by=[login.holder])
    terminal.type("y\r")
    assert terminal.end() == 4
    words = " ".join(terminal.seen.split())
    assert f"Nothing was done: {login.holder.pid} is still there, with other work, and 1 session waits for it." in words
    assert "1 of 1 waiter moved on" in words and "To look again:" in words and "To go on:" not in words
    assert db.all_alive(login.holder, later)


def test_holder_that_waits_itself(pgunlock, db):
    """It isn't selected; that is said, with what frees the row, and the hint does."""
    first = db.transaction("UPDATE login_sessions SET token = '' WHERE user_id = 41")
    holder = db.transaction(UPDATE_LOGIN)
    holder.block("UPDATE login_sessions SET token = '' WHERE user_id = 41", by=[first])
    waiter = db.waiter(UPDATE_LOGIN, by=[holder])
    db.waiter(UPDATE_LOGIN)
    for command in ("terminate", "cancel"):
        finished = pgunlock(command, "--row", ROW_42, "--yes").expect(3)
        assert f"{holder.id} holds it, but waits itself behind {first.id}" in finished.err
        assert re.search(rf'"pgunlock terminate .*{db.server.log_id(holder.pid)}"', finished.err)
        assert "--all-holders" not in finished.err
    # the first waiter holds but the place in the line
    assert str(waiter.pid) not in finished.err
    pgunlock("terminate", db.server.log_id(holder.pid), "--yes").expect(0)
    assert waiter.error() is None and db.all_alive(first)
