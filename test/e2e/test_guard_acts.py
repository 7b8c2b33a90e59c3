"""The guard carries its rules out: the right act, on the right session, and on no other."""

import pytest

from rig.database import wait_gone
from rig.guard import Guard, conninfo, rule
from rig.incidents import UPDATE_LOGIN, DdlQueue, Login, ShareLockers
from rig.waiting import wait_until


@pytest.fixture
def make_guard(program, db, tmp_path):
    """Makes guards of the test's database, which end with the test; by default one that leads."""
    def make(*rules, start=True, **options):
        guard = Guard(program, tmp_path, {"main": conninfo(db)}, rules, **options)
        return guard.start() if start else guard
    return make


def test_terminates_the_leaked_login(make_guard, db):
    login = Login(db)
    guard = make_guard(rule("leaked-login", state="idle in transaction", table="login_sessions"))
    assert login.all_get_in()
    wait_gone(db.server, login.holder)
    wait_until(lambda: guard.results() == {login.holder.id: ["freed"]}, "the act is verified")
    assert guard.acts() == [("leaked-login", login.holder.id, "terminate")]
    guard.stop()
