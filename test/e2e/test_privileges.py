"""What a role may not do it is told before anything is signalled, with the GRANT that would change it; and that GRANT
does change it."""

import re

import pytest

from rig import documents
from rig.incidents import Login


def grants_in(text):
    return re.findall(r"GRANT [^;\n]+? TO [^;\s]+", text)


def test_says_which_grant_is_missing(pgunlock, db, role):
    db.server.observer.execute(f"GRANT pg_monitor TO {role}")
    login = Login(db)
    asking = pgunlock.at(user=role)
    finished = asking("terminate", login.holder.pid, "--yes").expect(5)
    assert f"GRANT pg_signal_backend TO {role}" in finished.text
    assert login.nothing_moved()
    document = asking.json("release", "--table", "login_sessions", "--yes", exit_code=5)
    assert documents.results(document) == {login.holder.id: "refused"}
    assert login.nothing_moved()


def test_grants_that_it_names_are_enough(pgunlock, db, role):
    login = Login(db)
    asking = pgunlock.at(user=role)
    for _ in range(3):
        finished = asking("release", "--table", "login_sessions", "--yes")
        if finished.exit == 0:
            break
        assert login.nothing_moved()
        finished.expect(5)
        grants = grants_in(finished.text)
        assert grants, f"it says no GRANT: {finished!r}"
        for grant in grants:
            db.server.observer.execute(grant)
    assert finished.exit == 0
    assert login.all_get_in()


def test_tree_without_any_privilege(pgunlock, db, role):
    login = Login(db)
    document = pgunlock.at(user=role).json("tree", "--all-edges")
    first, second, third = login.waiters
    assert document["roots"] == [login.holder.id]
    assert document["summary"]["blocked"] == 3
    assert documents.edges(document) == {(first.id, login.holder.id), (second.id, first.id), (third.id, first.id),
                                         (third.id, second.id)}
    holder = documents.session(document, login.holder)
    assert holder["state"] is None and holder["backend_start"] is None and holder["session_id"] is None
    assert (holder["user"], holder["application_name"]) == ("app_rw", "login-service")
    assert any("pg_read_all_stats" in warning or "pg_monitor" in warning for warning in document["warnings"])
    out = pgunlock.at(user=role)("status").expect(0)
    assert str(login.holder.pid) in out.out
    assert "pg_read_all_stats" in out.text or "pg_monitor" in out.text


def test_own_sessions_need_no_privilege(pgunlock, db):
    login = Login(db)
    document = pgunlock.at(user="app_rw").json("release", "--table", "login_sessions", "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


@pytest.mark.parametrize("how", ["login", "session authorization"])
def test_session_of_a_superuser(pgunlock, db, how):
    holder = db.session(user="postgres")
    if how == "session authorization":
        # the role that logged in counts
        holder.run("SET SESSION AUTHORIZATION app_rw")
    holder.run("BEGIN")
    holder.run("LOCK TABLE stock")
    waiter = db.waiter("SELECT * FROM stock", by=[holder])
    finished = pgunlock("terminate", holder.pid, "--yes").expect(5)
    assert "superuser" in finished.text
    assert db.all_alive(holder)
    assert db.server.waits(waiter.pid)
    document = pgunlock.at(user="postgres").json("terminate", holder.pid, "--yes")
    assert documents.results(document) == {holder.id: "freed"}
    assert waiter.error() is None


def test_set_role_to_a_superuser_does_not_protect(pgunlock, db, role):
    db.server.observer.execute(f"CREATE ROLE {role}_super SUPERUSER ROLE {role}")
    try:
        holder = db.transaction("LOCK TABLE stock", user=role)
        holder.run(f"SET ROLE {role}_super")
        waiter = db.waiter("SELECT * FROM stock", by=[holder])
        document = pgunlock.json("terminate", holder.pid, "--yes")
        assert documents.results(document) == {holder.id: "freed"}
        assert waiter.error() is None
    finally:
        db.server.observer.execute(f"DROP ROLE {role}_super")


def test_member_of_the_sessions_role(pgunlock, db, role):
    db.server.observer.execute(f"GRANT pg_monitor, app_rw TO {role}")
    login = Login(db)
    document = pgunlock.at(user=role).json("terminate", login.holder.pid, "--yes")
    assert documents.results(document) == {login.holder.id: "freed"}
    assert login.all_get_in()


def test_revoked_between_plan_and_yes(pgunlock, db, role):
    db.server.observer.execute(f"GRANT pg_monitor, pg_signal_backend TO {role}")
    login = Login(db)
    terminal = pgunlock.at(user=role).terminal("release", "--table", "login_sessions")
    terminal.expect_question()
    db.server.observer.execute(f"REVOKE pg_signal_backend FROM {role}")
    terminal.type("y\r")
    assert terminal.end() == 5
    assert login.nothing_moved()


def test_hidden_between_plan_and_yes(pgunlock, db, role):
    """Whether it is still the same session can't be seen any more: that is no reason to call it gone."""
    db.server.observer.execute(f"GRANT pg_monitor, pg_signal_backend TO {role}")
    login = Login(db)
    terminal = pgunlock.at(user=role).terminal("release", "--table", "login_sessions")
    terminal.expect_question()
    db.server.observer.execute(f"REVOKE pg_monitor FROM {role}")
    terminal.type("y\r")
    assert terminal.end() == 5, terminal.seen
    assert "gone already" not in terminal.seen.lower()
    assert f"GRANT pg_read_all_stats TO {role}" in terminal.seen
    assert login.nothing_moved()


@pytest.mark.parametrize("command", ["terminate", "release"])
def test_hidden_just_before_the_signal(pgunlock, db, role, proxy, command):
    db.server.observer.execute(f"GRANT pg_monitor, pg_signal_backend TO {role}")
    login = Login(db)
    # before its transaction begins, from when on the server keeps the privileges that it has read
    hold = proxy.hold_sql("pg_terminate_backend")
    arguments = (command, login.holder.pid, "--yes")
    process = pgunlock.at(user=role, port=proxy.port).start(*arguments)
    hold.wait()
    db.server.observer.execute(f"REVOKE pg_monitor FROM {role}")
    hold.release()
    finished = pgunlock.finish(process, arguments).expect(5)
    assert f"GRANT pg_read_all_stats TO {role}" in finished.text
    assert login.nothing_moved()
