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
