"""A prepared transaction holds its locks without a process: no session to end, no restart that helps."""

import re
import shlex

import pytest

from rig import documents
from rig.database import Database
from rig.session import Session
from rig.waiting import wait_until

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


@pytest.mark.smoke
def test_every_view_tells_whose_it_is_and_how_old(pgunlock, db, waiter):
    elsewhere = pgunlock.at(dbname="postgres")
    wait_until(lambda: db.server.value("SELECT now() - prepared > '1.1s' FROM pg_prepared_xacts"), "it is a second old")
    for arguments in (["status"], ["tree"], ["locks", "--all-databases"], ["show", f"gid:{GID}"]):
        out = " ".join(elsewhere(*arguments).expect(0).out.split())
        assert re.search(rf"gid:{GID} .*\bprepared \d+(\.\d+)?s ago", out), out
        assert "app_rw" in out and db.name in out
    for command in ("status", "tree"):
        entry = documents.session(elsewhere.json(command), f"gid:{GID}")
        assert (entry["gid"], entry["user"], entry["database"]) == (GID, "app_rw", db.name)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["prepared_at"])
    lock = elsewhere.json("locks", "--all-databases", "--session", f"gid:{GID}")["locks"][0]
    assert (lock["session"], lock["pid"], lock["user"]) == (f"gid:{GID}", None, "app_rw")


def test_several_by_name(as_superuser, db, waiter):
    prepare(db, "order-4712", "UPDATE stock SET amount = 0 WHERE id = 8")
    prepare(db, "order-4713", "UPDATE stock SET amount = 0 WHERE id = 9")
    second = wait_behind(db, 8)
    document = as_superuser.json("release", f"gid:{GID}", "gid:order-4712", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed", "gid:order-4712": "freed"}
    assert documents.waiters(document) == (2, 0, 0)
    assert waiter.error() is None and second.error() is None
    assert is_prepared(db, "order-4713"), "nobody named it"
    # one that isn't there: nothing is done to the others
    as_superuser("release", "gid:nobody", "gid:order-4713", "--rollback", "--yes").expect(3)
    assert is_prepared(db, "order-4713")


def lock_in_share_mode(db, gid):
    prepare(db, gid, "LOCK TABLE stock IN SHARE MODE")


def test_several_before_one_waiter(as_superuser, db):
    """Ending one of them only reveals the next."""
    lock_in_share_mode(db, "a")
    lock_in_share_mode(db, "b")
    waiter = wait_behind(db)
    document = as_superuser.json("tree", "--all-edges")
    assert documents.edges(document) == {(waiter.id, "gid:a"), (waiter.id, "gid:b")}
    document = as_superuser.json("release", "gid:a", "--rollback", "--yes", "--wait", "500ms", exit_code=4)
    assert documents.results(document) == {"gid:a": "freed"}
    assert document["successors"] == ["gid:b"] and documents.waiters(document) == (0, 0, 1)
    document = as_superuser.json("release", "--waiter", waiter.pid, "--rollback-prepared", "--yes")
    assert documents.results(document) == {"gid:b": "freed"}
    assert waiter.error() is None


@pytest.mark.smoke
def test_two_of_them_and_a_session_hold_it_together(as_superuser, db):
    lock_in_share_mode(db, "a")
    lock_in_share_mode(db, "b")
    session = db.transaction("LOCK TABLE stock IN SHARE MODE", application="stocktaking")
    waiter = wait_behind_all(db, {0, session.pid})
    all_three = {"gid:a", "gid:b", session.id}
    document = as_superuser.json("tree", "--all-edges")
    assert documents.edges(document) == {(waiter.id, who) for who in all_three}
    assert set(document["roots"]) == all_three
    assert all(documents.session(document, who)["freed_alone"] == 0 for who in all_three)
    # all of them or none: what holds the session back is said, too
    document = as_superuser.json("release", "--table", "stock", "--yes", exit_code=5)
    assert set(documents.refusals(document)) == all_three
    assert db.all_alive(session) and is_prepared(db, "a") and is_prepared(db, "b")
    assert db.server.waits(waiter.pid)
    # by name only what was named is done
    document = as_superuser.json("release", "gid:a", "--rollback", "--yes", "--wait", "500ms", exit_code=4)
    assert documents.results(document) == {"gid:a": "freed"}
    assert set(document["successors"]) == all_three - {"gid:a"}
    document = as_superuser.json("release", "--table", "stock", "--rollback-prepared", "--yes")
    assert documents.acts(document) == {"gid:b": "rollback_prepared", session.id: "terminate"}
    assert set(documents.results(document).values()) == {"freed"}
    assert waiter.error() is None


def wait_behind_all(db, pids):
    waiter = db.waiter("UPDATE stock SET amount = 1 WHERE id = 7")
    wait_until(lambda: db.server.blocking_pids(waiter.pid) == pids, f"it waits for {pids}")
    return waiter


def test_one_release_in_several_databases(as_superuser, db, waiter):
    others = [Database(db.server) for _ in range(2)]
    waiters = [waiter]
    for number, other in enumerate(others):
        prepare(other, f"elsewhere-{number}")
        waiters.append(wait_behind(other))
    gids = {f"gid:{GID}", "gid:elsewhere-0", "gid:elsewhere-1"}
    third = as_superuser.at(dbname="postgres")
    assert set(third.json("tree")["roots"]) == gids
    sql = third("release", "--all", "--rollback-prepared", "--sql").expect(0).out
    for name in (db.name, *(other.name for other in others)):
        assert f"-- in database {name}:\nROLLBACK PREPARED" in sql
    document = third.json("release", "--all", "--rollback-prepared", "--yes")
    assert documents.results(document) == {gid: "freed" for gid in gids}
    assert documents.waiters(document) == (3, 0, 0)
    for other in waiters:
        assert other.error() is None
    for other in others:
        other.drop()


def test_owner_is_gone(pgunlock, db):
    """DROP ROLE doesn't ask about prepared transactions."""
    role = f"leaver_of_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {role} LOGIN")
    oid = db.server.value("SELECT oid::int8 FROM pg_roles WHERE rolname = %s", role)
    prepare(db, user=role)
    db.server.observer.execute(f"DROP ROLE {role}")
    waiter = wait_behind(db)
    document = pgunlock.json("tree")
    entry = documents.session(document, f"gid:{GID}")
    assert entry["user"] is None and entry["database"] == db.name
    assert f"by role {oid}" in " ".join(pgunlock("status").expect(0).out.split())
    finished = pgunlock("release", f"gid:{GID}", "--rollback", "--yes").expect(5)
    assert "connect as a superuser" in finished.out and "connect as leaver" not in finished.out
    document = pgunlock.at(user="postgres").json("release", f"gid:{GID}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None


def test_by_its_transaction_id(as_superuser, db, waiter):
    xid = db.server.value("SELECT transaction::text FROM pg_prepared_xacts WHERE gid = %s", GID)
    assert as_superuser.json("show", f"xid:{xid}")["session"]["gid"] == GID
    as_superuser("release", "xid:1", "--rollback", "--yes").expect(3)
    document = as_superuser.json("release", f"xid:{xid}", "--commit", "--yes")
    assert documents.results(document) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None
    assert amount(db) == 1


def test_longest_name(as_superuser, db):
    gid = "x" * 199
    prepare(db, gid)
    waiter = wait_behind(db)
    assert as_superuser.json("tree")["roots"] == [f"gid:{gid}"]
    assert gid in "".join(as_superuser("status").expect(0).out.split())
    # of what would be too long for the server there is none
    as_superuser("release", f"gid:{gid}x", "--rollback", "--yes").expect(3)
    document = as_superuser.json("release", f"gid:{gid}", "--rollback", "--yes")
    assert documents.results(document) == {f"gid:{gid}": "freed"}
    assert waiter.error() is None


class AnyBytes:
    """Two names that are no UTF-8, in a database that takes any bytes."""

    def __init__(self, db):
        self.server = db.server
        self.name = f"bytes_of_{db.name}"
        db.server.observer.execute(f"CREATE DATABASE {self.name} ENCODING 'SQL_ASCII' TEMPLATE template0")
        with db.server.connect(self.name) as connection:
            connection.execute("CREATE TABLE stock (id int); GRANT ALL ON stock TO PUBLIC;"
                               "GRANT ALL ON SCHEMA public TO PUBLIC")

    def prepare(self, gid):
        session = Session(self.server, dbname=self.name, user="app_rw")
        session.run("BEGIN")
        session.run("LOCK TABLE stock IN SHARE MODE")
        session.send(b"PREPARE TRANSACTION '" + gid + b"'").result()
        session.close()

    def left(self):
        with self.server.connect(self.name) as connection:
            connection.execute("SET client_encoding = 'SQL_ASCII'")
            rows = connection.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
            return {bytes(gid) for gid, in rows.fetchall()}

    def drop(self):
        with self.server.connect(self.name) as connection:
            for gid in self.left():
                text = "".join(f"\\x{byte:02x}" for byte in gid)
                connection.execute(f"ROLLBACK PREPARED E'{text}'")
        self.server.observer.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


@pytest.fixture
def any_bytes(db):
    database = AnyBytes(db)
    yield database
    database.drop()


@pytest.mark.smoke
@pytest.mark.parametrize("named", ["bytes", "id", "selected", "as it suggests", "sql"])
def test_name_that_is_no_utf8(as_superuser, db, any_bytes, named):
    any_bytes.prepare(b"caf\xe9-1")
    # shown as the other one is
    any_bytes.prepare(rb"caf\xE9-1")
    waiter = Session(db.server, dbname=any_bytes.name, user="app_ro")
    waiter.block("DELETE FROM stock")
    superuser = as_superuser.at(dbname="postgres")
    document = superuser.json("tree")
    gid = "caf\\xE9-1"
    assert [entry["gid"] for entry in document["sessions"] if entry["gid"]] == [gid, gid]
    odd, = (root for root in document["roots"] if root != f"gid:{gid}")
    assert re.fullmatch(r"xid:\d+", odd)
    assert set(documents.session(document, waiter)["waits_for"]) == {odd, f"gid:{gid}"}
    out = superuser("status").expect(0).out
    assert f"gid:{gid}" in out and f"{odd} --rollback" in out
    if named == "bytes":
        document = superuser.json("release", b"gid:caf\xe9-1", "--rollback", "--yes", "--wait", "100ms", exit_code=4)
    elif named == "id":
        document = superuser.json("release", odd, "--rollback", "--yes", "--wait", "100ms", exit_code=4)
    elif named == "as it suggests":
        command, = (line for line in out.splitlines() if f"{odd} --rollback" in line)
        arguments = shlex.split(command.split("pgunlock ", 1)[1])
        document = superuser.at(host=None, port=None, dbname=None, user=None).json(
            *arguments, "--yes", "--wait", "100ms", exit_code=4)
    elif named == "sql":
        sql = superuser("release", odd, "--rollback", "--sql").expect(0).out
        with db.server.connect(any_bytes.name) as connection:
            connection.execute(sql)
        assert any_bytes.left() == {rb"caf\xE9-1"}
        return
    else:
        document = superuser.json("release", "--all", "--rollback-prepared", "--yes")
        assert documents.results(document) == {odd: "freed", f"gid:{gid}": "freed"}
        assert waiter.error() is None and any_bytes.left() == set()
        return
    assert documents.results(document) == {odd: "freed"}
    assert any_bytes.left() == {rb"caf\xE9-1"}
    assert db.server.waits(waiter.pid)
