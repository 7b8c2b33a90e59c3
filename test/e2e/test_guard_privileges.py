"""What the guard's role lacks on a server it says when it connects, with the GRANT that helps."""

import re
import sqlite3

import pytest

from rig.guard import LEADS, Guard, conninfo, rule
from rig.incidents import Login
from rig.waiting import wait_until

SEES = "doesn't see what sessions of other roles do"
ENDS = "may end no session of another role"


@pytest.fixture
def make_guard(program, db, role, tmp_path):
    def make(*rules, **options):
        servers = {"main": conninfo(db, user=role)}
        return Guard(program, tmp_path, servers, rules or (rule("leaked"),), **options)
    return make


@pytest.mark.smoke
@pytest.mark.parametrize("dry_run, waits_for", [("false", LEADS), ("true", "connected")])
def test_it_is_told_before_the_first_act(make_guard, db, role, dry_run, waits_for):
    """Once, and not at each poll; what it says is enough."""
    guard = make_guard(dry_run=dry_run).start(wait_for=waits_for)
    guard.expect(SEES)
    guard.polls_on()
    assert guard.log().count(SEES) == guard.log().count(ENDS) == 1 and "for rule leaked" in guard.log()
    db.server.observer.execute(re.search(r"GRANT [^;]+;", guard.log()).group())
    login = Login(db)
    guard.expect("lacks nothing any more")
    if dry_run == "true":
        guard.expect("would terminate")
        assert login.nothing_moved()
    else:
        assert login.all_get_in()
    # a connection anew says nothing new
    guard.write([rule("leaked")], poll="300ms")
    guard.reload()
    guard.expect(waits_for, times=2)
    guard.polls_on()
    assert guard.log().count(SEES) == 1 and guard.log().count("lacks nothing") == 1
    guard.stop()


def test_it_is_told_again_when_it_begins_to_matter(program, make_guard, db, role):
    """What would be refused in a dry run is told as such; when the rules are carried out the GRANT is said again."""
    db.server.observer.execute(f"GRANT pg_monitor TO {role}")
    guard = make_guard(dry_run="true").start(wait_for="connected")
    guard.expect(ENDS)
    login = Login(db)
    guard.expect("dry run: rule leaked would be refused to terminate")
    assert "could not terminate" not in guard.log()
    wait_until(lambda: guard.query("SELECT result, dry_run FROM act") == [("refused", 1)], "it is recorded")
    assert guard.metrics()['pgunlock_acts_total{server="main",rule="leaked",result="dry_run_refused"}'] == 1
    guard.write([rule("leaked")], dry_run="false")
    guard.reload()
    guard.expect(LEADS + ": it acts where its role may")
    guard.expect(ENDS, times=2)
    guard.expect("rule leaked could not terminate")
    assert login.nothing_moved()
    guard.stop()
    assert guard.log().splitlines()[-1].endswith("ended")
    guard.start(wait_for="going on with 1 incident of the history")
    guard.stop()
    # minutes later it is told as of when it was seen
    with sqlite3.connect(guard.history) as history:
        history.execute("UPDATE incident SET started_at = started_at - 600000000, last_seen = last_seen - 600000000")
    listed = " ".join(program("history", "--history", guard.history).expect(0).out.split())
    assert "1 of them not over when last seen" in listed and "nobody has looked since" in listed and "so far" not in listed
    shown = " ".join(program("history", "show", 1, "--history", guard.history).expect(0).out.split())
    assert "until last seen" in shown and "but that would be refused: role" in shown


def test_only_what_its_rules_take(make_guard, db, role):
    db.server.observer.execute(f"GRANT pg_monitor TO {role}")
    guard = make_guard(rule("spared", action="none")).start()
    guard.polls_on()
    assert "GRANT" not in guard.log()
    guard.write([rule("spared", action="none"), rule("leaked"), rule("prepared", action="rollback_prepared")])
    guard.reload()
    guard.expect(f"GRANT pg_signal_backend TO {role};")
    guard.expect("rule prepared is about others")
    guard.reload()
    guard.expect("read again", times=2)
    assert guard.log().count("GRANT") == 1 and SEES not in guard.log()
    # one that is taken away shows when somebody waits
    db.server.observer.execute(f"REVOKE pg_monitor FROM {role}")
    login = Login(db)
    guard.expect(SEES)
    assert login.nothing_moved()
    guard.stop()


def test_explain(program, make_guard, db, role):
    guard = make_guard()
    seen = program("guard", "--config", guard.file, "--explain").expect(0)
    assert SEES in seen.out and f"\n  GRANT pg_read_all_stats, pg_signal_backend TO {role};" in seen.out
    db.server.observer.execute(f"GRANT pg_monitor, pg_signal_backend TO {role}")
    assert program.json("guard", "--config", guard.file, "--explain")["warnings"] == []
