"""On a hot standby the startup process replays the primary's locks: it waits for readers, readers wait for it, and
nobody can signal it."""

import pytest

from rig import documents
from rig.database import wait_gone
from rig.replication import Worker, flush_wal
from rig.waiting import wait_until

DELAY = "max_standby_streaming_delay"


@pytest.fixture
def startup(standby):
    return Worker(standby.startup_pid)


def replay_lock(primary_db, standby_db, *tables):
    """A transaction on the primary that has locked the tables and stays open, and has been replayed so far."""
    holder = primary_db.transaction(*(f"LOCK TABLE {table}" for table in tables), user="postgres")
    flush_wal(primary_db.server)
    standby = standby_db.server
    wait_until(lambda: standby.value("SELECT count(*) FROM pg_locks WHERE pid = %s AND mode = 'AccessExclusiveLock'"
                                     " AND granted", standby.startup_pid) == len(tables)
               or standby.waits(standby.startup_pid), "the standby has replayed the lock")
    return holder


@pytest.fixture
def reader(standby_db):
    return standby_db.transaction("SELECT count(*) FROM stock", application="reporting", user="bi")


@pytest.fixture
def replay_behind_reader(primary_db, standby_db, reader, startup):
    """Replay waits for the reader of one table, and another reader for replay, which has locked another table."""
    replay_lock(primary_db, standby_db, "orders", "stock")
    wait_until(lambda: standby_db.server.waits(startup.pid), "replay waits for the reader")
    return standby_db.waiter("SELECT count(*) FROM orders", application="shop")


def test_reader_in_the_way_of_replay(standby_pgunlock, reader, replay_behind_reader, startup):
    behind = replay_behind_reader
    document = standby_pgunlock.json("tree")
    assert document["server"]["in_recovery"] is True
    assert document["server"]["max_standby_streaming_delay_seconds"] == -1
    assert documents.edges(document) == {(startup.id, reader.id), (behind.id, startup.id)}
    assert document["roots"] == [reader.id]
    assert documents.session(document, reader)["freed_alone"] == 2
    assert documents.session(document, startup)["backend_type"] == "startup"
    assert documents.session(document, startup)["wait"]["mode"] == "AccessExclusiveLock"
    tree = standby_pgunlock("tree").expect(0).out
    assert "startup" in tree and "waits 0ms" not in tree
    status = standby_pgunlock("status").expect(0).out
    assert "waits for it: the standby falls behind its primary" in " ".join(status.split())
    assert f"never ends it: {DELAY} is -1 here" in " ".join(status.split())
    show = " ".join(standby_pgunlock("show", reader.pid).expect(0).out.split())
    assert f"{DELAY} is -1 here" in show


def test_the_delay_is_said_as_it_is_there(standby, standby_pgunlock, reader, replay_behind_reader, startup):
    standby.set(DELAY, "90min")
    try:
        assert standby_pgunlock.json("status")["server"]["max_standby_streaming_delay_seconds"] == 5400
        status = " ".join(standby_pgunlock("status").expect(0).out.split())
        assert f"ends it once replay is later than {DELAY}, 1h30m here" in status
        show = " ".join(standby_pgunlock("show", startup.pid).expect(0).out.split())
        assert f"end what it waits for here. The server itself ends it once replay is later than {DELAY}, 1h30m" in show
    finally:
        standby.set(DELAY, "-1")


@pytest.mark.parametrize("selection", ["all", "table", "waiter", "name"])
def test_release_ends_the_reader(standby_pgunlock, standby_db, reader, replay_behind_reader, startup, selection):
    arguments = {"all": ["--all"], "table": ["--table", "stock"], "waiter": ["--waiter", startup.pid],
                 "name": [reader.pid]}[selection]
    # the reader behind replay goes on waiting: for the transaction that is still open on the primary
    document = standby_pgunlock.json("release", *arguments, "--yes", "--wait", "1s", exit_code=4)
    assert documents.acts(document) == {reader.id: "terminate"}
    assert documents.results(document) == {reader.id: "freed"}
    assert documents.waiters(document)[0] == 1
    assert not standby_db.server.waits(startup.pid)
    wait_gone(standby_db.server, reader)
    assert standby_db.all_alive(replay_behind_reader)


def test_a_running_reader_is_cancelled(standby_pgunlock, primary_db, standby_db, startup):
    reader = standby_db.session(user="bi").send("SELECT pg_sleep(600) FROM stock")
    wait_until(lambda: standby_db.locks_on("stock", reader), "it reads")
    replay_lock(primary_db, standby_db, "stock")
    wait_until(lambda: standby_db.server.waits(startup.pid), "replay waits for the reader")
    document = standby_pgunlock.json("release", "--waiter", startup.pid, "--yes")
    assert documents.acts(document) == {reader.id: "cancel"}
    assert documents.results(document) == {reader.id: "freed"}
    assert documents.waiters(document) == (1, 0, 0)
    assert reader.error() == "57014"
    assert standby_db.all_alive(reader)


@pytest.fixture
def behind_replay(primary_db, standby_db, startup):
    """(the transaction on the primary, a reader on the standby that waits for its lock)"""
    holder = replay_lock(primary_db, standby_db, "stock")
    return holder, standby_db.waiter("SELECT count(*) FROM stock", application="shop")


def test_replay_in_the_way_of_a_reader(standby_pgunlock, standby_db, behind_replay, startup):
    holder, reader = behind_replay
    document = standby_pgunlock.json("tree")
    assert documents.edges(document) == {(reader.id, startup.id)}
    assert document["roots"] == [startup.id]
    status = " ".join(standby_pgunlock("status").expect(0).out.split())
    assert "replays WAL and can't be signalled" in status
    assert "transaction on the primary: end that one there" in status
    assert DELAY in status
    assert "To free" not in status and "frees it" not in status
    document = standby_pgunlock.json("show", startup.pid)
    for act in ("cancel", "terminate"):
        assert document[act]["allowed"] is False
        assert document[act]["refused_code"] == "startup"
        assert "on the primary" in document[act]["hint"]
    # once that transaction has ended on the primary
    holder.run("COMMIT")
    flush_wal(holder.server)
    assert reader.error() is None


@pytest.mark.parametrize("command", [["release", "--table", "stock"], ["release", "--all"], ["terminate", "STARTUP"],
                                     ["cancel", "STARTUP"], ["release", "--waiter", "READER"]],
                         ids=lambda command: " ".join(command))
@pytest.mark.parametrize("user", ["pgunlock", "postgres"])
def test_nobody_signals_the_startup_process(standby_pgunlock, standby_db, behind_replay, startup, command, user):
    _, reader = behind_replay
    names = {"STARTUP": startup.pid, "READER": reader.pid}
    every_kind = "walsender,logical-replication,anti-wraparound,background-worker,syncrep"
    finished = standby_pgunlock.at(user=user)(*(names.get(word, word) for word in command), "--yes",
                                              "--include-protected", every_kind).expect(5)
    assert "replays WAL and can't be signalled" in finished.text
    assert standby_db.server.startup_pid == startup.pid
    assert standby_db.server.waits(reader.pid)


def test_what_is_left_in_the_way_is_no_release(standby_pgunlock, reader, replay_behind_reader, startup):
    """The reader is ended, and the startup process is next: no command would help."""
    finished = standby_pgunlock("release", "--all", "--yes", "--wait", "500ms").expect(4)
    text = " ".join(finished.text.split())
    assert "In the way now:" in text and "on the primary" in text
    assert "To go on" not in text


def test_paused_replay(standby, standby_pgunlock, standby_db, behind_replay):
    _, reader = behind_replay
    standby.value("SELECT pg_wal_replay_pause()")
    try:
        flush_wal(standby.primary)
        wait_until(lambda: standby.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s",
                                         standby.startup_pid) == "RecoveryPause", "replay is paused")
        status = " ".join(standby_pgunlock("status").expect(0).out.split())
        assert "SELECT pg_wal_replay_resume();" in status
    finally:
        standby.value("SELECT pg_wal_replay_resume()")
    assert standby_db.server.waits(reader.pid)


def test_delayed_replay(standby, standby_pgunlock, behind_replay):
    holder, _ = behind_replay
    standby.set("recovery_min_apply_delay", "1h")
    try:
        # only commits are delayed
        holder.run("COMMIT")
        flush_wal(standby.primary)
        wait_until(lambda: standby.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s",
                                         standby.startup_pid) == "RecoveryApplyDelay", "replay is delayed")
        assert "recovery_min_apply_delay" in standby_pgunlock("status").expect(0).out
    finally:
        standby.set("recovery_min_apply_delay", "0")


def test_replay_behind_an_old_snapshot(standby, standby_pgunlock, standby_db, primary_db, startup):
    """No lock: what replay waits for here isn't in pg_locks, but what it holds is."""
    old = standby_db.session(user="bi")
    old.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    old.run("SELECT count(*) FROM login_sessions")
    with primary_db.server.connect(primary_db.name) as connection:
        connection.execute("DELETE FROM orders")
        replay_lock(primary_db, standby_db, "stock")
        reader = standby_db.waiter("SELECT count(*) FROM stock")
        connection.execute("VACUUM orders")
    flush_wal(primary_db.server)
    wait_until(lambda: standby.value("SELECT wait_event FROM pg_stat_activity WHERE pid = %s", startup.pid)
               == "RecoveryConflictSnapshot", "replay waits for the old snapshot")
    document = standby_pgunlock.json("tree")
    assert document["roots"] == [startup.id]
    status = " ".join(standby_pgunlock("status").expect(0).out.split())
    assert "backend_xmin" in status and f"{DELAY} is -1 here" in status
    assert standby.waits(reader.pid)
    old.run("COMMIT")


def test_rows_of_a_standby(standby_pgunlock, standby_db, reader, replay_behind_reader, startup):
    document = standby_pgunlock.json("locks", "--table", "stock")
    modes = {(lock["session"], lock["mode"], lock["granted"]) for lock in document["locks"]}
    assert {(reader.id, "AccessShareLock", True), (startup.id, "AccessExclusiveLock", False)} <= modes


@pytest.mark.parametrize("arguments", [["row", "login_sessions", "user_id = 42"],
                                       ["release", "--row", "login_sessions WHERE user_id = 42", "--yes"]])
def test_row_is_refused(standby_pgunlock, standby_db, arguments):
    """The transactions in its rows are the primary's."""
    finished = standby_pgunlock(*arguments).expect(5)
    assert "standby" in finished.err and "hint: connect to the primary" in finished.err and finished.out == ""
