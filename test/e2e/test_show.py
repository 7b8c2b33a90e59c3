"""All about one session: who it is, what it holds, what stands in its way, and what could be done to it."""

import pytest

from rig.incidents import DdlQueue, Login
from rig.session import Session

GID = "order-4711"


@pytest.mark.smoke
def test_holder(pgunlock, db):
    login = Login(db)
    document = pgunlock.json("show", login.holder.pid)
    session = document["session"]
    assert session["id"] == login.holder.id
    assert session["session_id"] == db.server.log_id(login.holder.pid)
    assert (session["user"], session["database"], session["application_name"]) == ("app_rw", db.name, "login-service")
    assert session["state"] == "idle in transaction" and session["has_written"]
    assert session["blocked_total"] == 3 and session["is_root"]
    assert session["blocks"] == [login.waiters[0].id]
    assert {lock["target"]["relation"] for lock in document["locks"] if lock["target"]["type"] == "relation"} \
        == {"login_sessions", "login_sessions_pkey"}
    assert document["locks"][0]["target"]["type"] == "transactionid", "what others wait for comes first"
    assert [(edge["waiter"], edge["blocker"]) for edge in document["edges"]] == [(login.waiters[0].id, login.holder.id)]
    cancel, terminate = document["cancel"], document["terminate"]
    assert not cancel["allowed"] and cancel["refused_code"] == "cancel_idle" and cancel["frees"] == 0
    assert cancel["effect"].startswith("Nothing")
    assert terminate["allowed"] and terminate["recommended"] and terminate["frees"] == 3 and terminate["grant"] is None
    out = pgunlock("show", login.holder.pid).expect(0).out
    assert session["session_id"] in out and "login_sessions" in out and str(login.waiters[0].pid) in out
    assert f"pgunlock terminate" in out
    assert login.nothing_moved()


def test_waiter(pgunlock, db):
    queue = DdlQueue(db)
    document = pgunlock.json("show", queue.ddl.pid)
    assert document["session"]["wait"]["mode"] == "AccessExclusiveLock"
    assert document["session"]["waits_for"] == [queue.reader.id]
    assert document["session"]["blocked_total"] == 3
    assert document["locks"][0]["granted"] is False and document["locks"][0]["waits_for"] == [queue.reader.id]
    assert document["cancel"]["allowed"] and document["cancel"]["recommended"]
    assert document["terminate"]["allowed"] and not document["terminate"]["recommended"]
    out = pgunlock("show", queue.ddl.pid).expect(0).out
    assert "AccessExclusiveLock on table orders" in out and str(queue.reader.pid) in out


def test_what_is_said_is_what_happens(pgunlock, db):
    login = Login(db)
    shown = pgunlock.json("show", login.holder.pid)
    pgunlock("cancel", login.holder.pid, "--yes").expect(5 if not shown["cancel"]["allowed"] else 0)
    pgunlock("terminate", login.holder.pid, "--yes").expect(5 if not shown["terminate"]["allowed"] else 0)
    assert login.all_get_in()


@pytest.mark.parametrize("form", ["pid", "json id", "log id"])
def test_names(pgunlock, db, form):
    session = db.transaction("SELECT 1")
    name = {"pid": session.pid, "json id": session.id, "log id": db.server.log_id(session.pid)}[form]
    assert pgunlock.json("show", name)["session"]["id"] == session.id


def test_nobody_waits(pgunlock, db):
    session = db.session()
    document = pgunlock.json("show", session.pid)
    assert document["locks"] == [] and document["edges"] == [] and document["session"]["wait"] is None
    out = pgunlock("show", session.pid).expect(0).out
    assert "nobody" in out


@pytest.mark.smoke
def test_prepared(pgunlock, db):
    session = Session(db.server, dbname=db.name, user="app_rw")
    for sql in ("BEGIN", "UPDATE stock SET amount = 0 WHERE id = 7", f"PREPARE TRANSACTION '{GID}'"):
        session.run(sql)
    session.close()
    waiter = db.waiter("UPDATE stock SET amount = 1 WHERE id = 7")
    document = pgunlock.json("show", f"gid:{GID}")
    assert document["session"]["gid"] == GID and document["session"]["blocks"] == [waiter.id]
    assert not document["cancel"]["allowed"] and not document["terminate"]["allowed"]
    assert not document["rollback_prepared"]["allowed"] and "app_rw" in document["rollback_prepared"]["reason"]
    owner = pgunlock.at(user="app_rw").json("show", f"gid:{GID}")
    assert owner["rollback_prepared"]["allowed"] and owner["rollback_prepared"]["frees"] == 1
    assert owner["commit_prepared"]["allowed"]
    out = pgunlock.at(user="app_rw")("show", f"gid:{GID}").expect(0).out
    assert f"gid:{GID} --rollback" in out and f"gid:{GID} --commit" in out


def test_in_another_database(pgunlock, db):
    session = db.transaction("LOCK TABLE stock")
    document = pgunlock.at(dbname="postgres").json("show", session.pid)
    assert document["session"]["database"] == db.name
    assert any(lock["mode"] == "AccessExclusiveLock" for lock in document["locks"])


def test_without_privileges(pgunlock, db):
    login = Login(db)
    document = pgunlock.at(user="oncall").json("show", login.holder.pid)
    assert document["session"]["state"] is None and document["session"]["hidden"]
    assert document["session"]["blocked_total"] == 3
    assert document["terminate"]["allowed"] is False
    assert document["terminate"]["grant"] == "GRANT pg_read_all_stats, pg_signal_backend TO oncall;"
    assert document["privileges"]["pg_signal_backend"] is False
    monitor = pgunlock.at(user="monitor").json("show", login.holder.pid)
    assert monitor["terminate"]["grant"] == "GRANT pg_signal_backend TO monitor;"
    assert "GRANT pg_signal_backend TO monitor" in pgunlock.at(user="monitor")("show", login.holder.pid).expect(0).out


def test_session_of_a_superuser(pgunlock, db):
    session = db.transaction("LOCK TABLE stock", user="postgres")
    document = pgunlock.json("show", session.pid)
    assert document["terminate"]["refused_code"] == "needs_superuser"
    assert document["privileges"]["its_role_is_superuser"] is True


@pytest.mark.parametrize("name", ["1", "gid:nobody", "6743a1b2.1267"])
def test_unknown(pgunlock, db, name):
    finished = pgunlock("show", name).expect(3)
    assert name.removeprefix("gid:") in finished.err and "hint:" in finished.err
    assert pgunlock("show", name, "--format", "json").expect(3).json["schema"] == "pgunlock.error/1"


@pytest.mark.parametrize("arguments", [[], ["1", "2"], ["bogus"]])
def test_usage(pgunlock, db, arguments):
    pgunlock("show", *arguments).expect(2)


def test_pid_of_another_time(pgunlock, db):
    """The exact form means one session: not the one that has its pid now."""
    session = db.transaction("LOCK TABLE stock")
    start, pid = db.server.log_id(session.pid).split(".")
    finished = pgunlock("show", f"{int(start, 16) - 60:x}.{pid}").expect(3)
    assert "there is no session" in finished.err
    # a role that may not see when it began can't tell; nothing is done to it, so it is shown
    document = pgunlock.at(user="oncall").json("show", f"{start}.{pid}")
    assert document["session"]["id"] == session.id and document["session"]["hidden"]


def test_waiter_that_is_root_of_nobody(pgunlock, db):
    login = Login(db)
    last = login.waiters[-1]
    document = pgunlock.json("show", last.pid)
    session = document["session"]
    assert not session["is_root"] and session["blocked_total"] == 0 and session["waits_for"]
    assert session["wait"]["seconds"] is not None
    assert document["cancel"]["allowed"] and document["cancel"]["frees"] == 0
    out = pgunlock("show", last.pid).expect(0).out
    assert "stands in its way" in out or "stand in its way" in out
    assert "nobody" in out


@pytest.mark.smoke
@pytest.mark.parametrize("user", ["pgunlock", "oncall", "postgres"])
def test_every_process_of_the_server(pgunlock, db, user):
    """Whatever there is, it is shown; what is no session of a client is not for us to end."""
    db.transaction("LOCK TABLE stock")
    asks = pgunlock.at(user=user)
    for pid, kind in db.server.rows("SELECT pid, backend_type FROM pg_stat_activity WHERE pid <> pg_backend_pid()"):
        document = asks.json("show", pid)
        assert document["session"]["pid"] == pid
        assert document["session"]["backend_type"] in (kind, None)
        asks("show", pid).expect(0)
        if kind in ("checkpointer", "walwriter", "background writer"):
            assert not document["terminate"]["allowed"] and not document["cancel"]["allowed"]
            assert asks("terminate", pid, "--yes").exit == 5
            assert db.server.is_there(pid)


def test_own_backend(program, namespace_db):
    """Its pid is known beforehand only where the kernel is told which comes next."""
    db = namespace_db
    pgunlock = program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="pgunlock")
    seen = db.session().pid
    for attempt in range(20):
        wanted = seen + 100 + attempt
        db.server.next_pid(wanted)
        finished = pgunlock("show", wanted, "--format", "json")
        if finished.exit == 0:
            break
    document = finished.expect(0).json
    assert document["session"]["application_name"] == "pgunlock"
    for act in ("cancel", "terminate"):
        assert document[act]["refused_code"] == "self" and not document[act]["allowed"]
        assert "pgunlock itself" in document[act]["reason"]
