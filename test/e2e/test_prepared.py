"""A prepared transaction holds its locks without a process: no session to end, no restart that helps."""

import pytest

from rig import documents
from rig.session import Session

GID = "order-4711"


def prepare(db, gid=GID, sql="UPDATE stock SET amount = 0 WHERE id = 7", user="app_rw"):
    """A transaction manager prepared it, and never came back."""
    session = Session(db.server, dbname=db.name, user=user)
    session.run("BEGIN")
    session.run(sql)
    session.run("PREPARE TRANSACTION '%s'" % gid.replace("'", "''"))
    session.close()


def is_prepared(db, gid=GID):
    return db.server.value("SELECT count(*) FROM pg_prepared_xacts WHERE gid = %s", gid) == 1


def wait_behind(db, row=7):
    waiter = db.waiter(f"UPDATE stock SET amount = 1 WHERE id = {row}")
    assert db.server.blocking_pids(waiter.pid) == {0}, "a prepared transaction, as the server writes it"
    return waiter


@pytest.fixture
def waiter(db):
    prepare(db)
    return wait_behind(db)


@pytest.fixture
def as_superuser(pgunlock):
    return pgunlock.at(user="postgres")


def amount(db, row=7):
    with db.server.connect(db.name) as connection:
        return connection.execute("SELECT amount FROM stock WHERE id = %s", (row,)).fetchone()[0]


@pytest.mark.smoke
def test_root_of_the_tree(pgunlock, db, waiter):
    document = pgunlock.json("tree")
    assert document["roots"] == [f"gid:{GID}"]
    entry = documents.session(document, f"gid:{GID}")
    assert (entry["gid"], entry["pid"], entry["user"], entry["database"]) == (GID, None, "app_rw", db.name)
    assert entry["blocked_total"] == entry["freed_alone"] == 1
    assert documents.session(document, waiter)["waits_for"] == [f"gid:{GID}"]
    out = pgunlock("status").expect(0).out
    assert GID in out and "restart" in out
    assert GID in pgunlock("tree").expect(0).out


@pytest.mark.smoke
@pytest.mark.parametrize("arguments", [["--table", "stock"], ["--all"], ["--waiter"], [f"gid:{GID}"]])
def test_release_refuses_it_and_says_what_to_do(as_superuser, db, waiter, arguments):
    if arguments == ["--waiter"]:
        arguments = ["--waiter", waiter.pid]
    finished = as_superuser("release", *arguments, "--yes").expect(5)
    assert "--rollback-prepared" in finished.text or f"gid:{GID} --rollback" in finished.text
    assert is_prepared(db)
    assert db.server.waits(waiter.pid)


@pytest.mark.parametrize("command", ["cancel", "terminate"])
def test_no_signal_ends_it(as_superuser, db, waiter, command):
    finished = as_superuser(command, f"gid:{GID}", "--yes").expect(5)
    assert "prepared" in finished.text and "release" in finished.text
    assert is_prepared(db)


@pytest.mark.smoke
def test_rollback_by_its_name_frees(as_superuser, db, waiter):
    document = as_superuser.json("release", f"gid:{GID}", "--rollback", "--yes")
    assert documents.acts(document) == {f"gid:{GID}": "rollback_prepared"}
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert not is_prepared(db)
    assert waiter.error() is None
    assert amount(db) == 1


def test_commit_by_its_name(as_superuser, db):
    prepare(db)
    waiter = db.waiter("DELETE FROM stock WHERE id = 7 AND amount <> 0")
    document = as_superuser.json("release", f"gid:{GID}", "--commit", "--yes")
    assert documents.acts(document) == {f"gid:{GID}": "commit_prepared"}
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None
    assert amount(db) == 0, "it was committed"


def test_rollback_among_the_culprits(as_superuser, db, waiter):
    document = as_superuser.json("release", "--table", "stock", "--rollback-prepared", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None
    assert not is_prepared(db)


def test_in_its_own_database(as_superuser, db, waiter):
    elsewhere = as_superuser.at(dbname="postgres")
    document = elsewhere.json("tree")
    assert document["roots"] == [f"gid:{GID}"]
    document = elsewhere.json("release", f"gid:{GID}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None


def test_its_owner_may(pgunlock, db, waiter):
    document = pgunlock.at(user="app_rw").json("release", f"gid:{GID}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None


def test_another_role_may_not(pgunlock, db, waiter):
    finished = pgunlock("release", f"gid:{GID}", "--rollback", "--yes").expect(5)
    assert "app_rw" in finished.text, "it says whose it is"
    assert is_prepared(db)
    assert db.server.waits(waiter.pid)


def test_nobody_of_that_name(as_superuser, db):
    finished = as_superuser("release", "gid:nobody", "--rollback", "--yes").expect(3)
    assert "nobody" in finished.err


def test_rollback_of_a_session_makes_no_sense(as_superuser, db):
    session = db.transaction("LOCK TABLE stock")
    finished = as_superuser("release", session.pid, "--rollback", "--yes")
    assert finished.exit in (2, 5), repr(finished)
    assert db.all_alive(session)


NASTY_GIDS = ["it's", 'with "quotes"', "with blanks in it", "\x1b[31mred", "日本 🔒", "gid:gid:x", "a\nb", "-x"]


@pytest.mark.parametrize("gid", NASTY_GIDS, ids=range(len(NASTY_GIDS)))
def test_names_that_need_care(as_superuser, db, gid):
    prepare(db, gid)
    waiter = wait_behind(db)
    document = as_superuser.json("tree")
    assert documents.session(document, f"gid:{gid}")["gid"] == gid
    as_superuser("status").expect(0)
    as_superuser("tree").expect(0)
    document = as_superuser.json("release", f"gid:{gid}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{gid}": "freed"}
    assert waiter.error() is None


def test_ended_by_somebody_else_before_the_yes(as_superuser, db, waiter):
    terminal = as_superuser.terminal("release", f"gid:{GID}", "--rollback")
    terminal.expect_question()
    with db.server.connect(db.name) as connection:
        connection.execute(f"ROLLBACK PREPARED '{GID}'")
    assert waiter.error() is None
    terminal.type("y\r")
    assert terminal.end() == 0
    assert "gone already" in terminal.seen.lower()


def test_prepared_again_under_the_same_name_before_the_yes(as_superuser, db, waiter):
    # another transaction of the same name: not the one that was shown
    terminal = as_superuser.terminal("release", f"gid:{GID}", "--rollback")
    terminal.expect_question()
    with db.server.connect(db.name) as connection:
        connection.execute(f"ROLLBACK PREPARED '{GID}'")
    assert waiter.error() is None
    prepare(db, sql="UPDATE orders SET note = '' WHERE id = 1")
    terminal.type("y\r")
    assert terminal.end() == 0
    assert is_prepared(db), "the new one must be left alone"


def test_two_of_them(as_superuser, db, waiter):
    prepare(db, "order-4712", "UPDATE stock SET amount = 0 WHERE id = 8")
    second = wait_behind(db, 8)
    document = as_superuser.json("tree")
    assert set(document["roots"]) == {f"gid:{GID}", "gid:order-4712"}
    assert documents.session(document, waiter)["waits_for"] == [f"gid:{GID}"]
    assert documents.session(document, second)["waits_for"] == ["gid:order-4712"]
    document = as_superuser.json("release", "--waiter", second.pid, "--rollback-prepared", "--yes")
    assert documents.results(document) == {"gid:order-4712": "freed"}
    assert is_prepared(db) and db.server.waits(waiter.pid)


def test_subtransactions_of_it(as_superuser, db):
    session = db.transaction("SAVEPOINT a", "UPDATE stock SET amount = 0 WHERE id = 7", "RELEASE a")
    session.run(f"PREPARE TRANSACTION '{GID}'")
    waiter = wait_behind(db)
    assert as_superuser.json("tree")["roots"] == [f"gid:{GID}"]
    document = as_superuser.json("release", "--table", "stock", "--rollback-prepared", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None


def test_after_a_restart_of_the_server(own_pgunlock, own_db, own_server):
    prepare(own_db)
    for session in own_db.sessions:
        session.close()
    own_server.shut_down()
    own_server.start()
    assert is_prepared(own_db)
    waiter = wait_behind(own_db)
    superuser = own_pgunlock.at(user="postgres")
    assert superuser.json("tree")["roots"] == [f"gid:{GID}"]
    document = superuser.json("release", "--all", "--rollback-prepared", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None
