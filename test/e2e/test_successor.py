"""After a release the next in the queue has the lock, and may be just as stuck."""

import pytest

from rig import documents
from rig.incidents import Login


@pytest.fixture
def chain(db):
    """Each waiter is in a transaction, and will hold the row as soon as it gets it."""
    return Login(db, in_transaction=True)


def test_successor_that_still_blocks_is_4(pgunlock, db, chain):
    document = pgunlock.json("release", "--table", "login_sessions", "--yes", "--wait", "1s", exit_code=4)
    first = chain.waiters[0]
    assert documents.results(document) == {chain.holder.id: "freed"}
    assert documents.waiters(document) == (1, 0, 2)
    assert document["successors"] == [first.id]
    assert document["exit"] == 4
    assert db.all_alive(*chain.waiters)


def test_successor_is_named_in_words(pgunlock, db, chain):
    finished = pgunlock("release", "--table", "login_sessions", "--yes", "--wait", "1s").expect(4)
    assert str(chain.waiters[0].pid) in finished.out
    assert db.server.log_id(chain.waiters[0].pid) in finished.out.splitlines()[-1], "the command that goes on"


def test_rounds_go_on_to_the_next(pgunlock, db, chain):
    first, second, third = chain.waiters
    document = pgunlock.json("release", "--table", "login_sessions", "--rounds", "3", "--yes", "--wait", "1s")
    assert documents.results(document) == {one.id: "freed" for one in (chain.holder, first, second)}
    assert document["exit"] == 0
    assert third.error() is None
    assert db.all_alive(third)


def test_rounds_end_where_nobody_waits(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("release", "--table", "login_sessions", "--rounds", "10", "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


def test_each_round_is_asked_for(pgunlock, db, chain):
    first, second, third = chain.waiters
    terminal = pgunlock.terminal("release", "--table", "login_sessions", "--rounds", "3", "--wait", "1s")
    assert str(chain.holder.pid) in terminal.expect_question()
    terminal.type("y\r")
    terminal.expect(str(first.pid))
    terminal.expect_question()
    terminal.type("n\r")
    code = terminal.end()
    assert code in (4, 5), terminal.seen
    assert db.all_alive(first, second, third)
    assert db.server.waits(second.pid)


def test_waiter_that_gives_up_is_counted_as_such(pgunlock, db, proxy):
    login = Login(db, waiters=2)
    first, second = login.waiters
    hold = proxy.hold_sql("pg_terminate_backend", mentioning=login.holder.pid)
    arguments = ("release", "--table", "login_sessions", "--yes", "--format", "json")
    process = pgunlock.at(port=proxy.port).start(*arguments)
    hold.wait()
    db.server.value("SELECT pg_cancel_backend(%s)", second.pid)
    assert second.error() == "57014"
    hold.release()
    document = pgunlock.finish(process, arguments).expect(0).json
    assert documents.results(document) == {login.holder.id: "freed"}
    granted, gave_up, still_waiting = documents.waiters(document)
    # from outside a statement that was cancelled and one that went on look alike: neither waits any more
    assert granted + gave_up == 2 and still_waiting == 0
    assert first.error() is None
