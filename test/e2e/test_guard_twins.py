"""Two [server] sections that name one server: said so, by what they say and by where they lead."""

import pytest

from rig.database import Database
from rig.guard import LEADS, Guard, conninfo, rule
from rig.incidents import Login
from rig.waiting import wait_until

SAME = "it is the same server as [server "


@pytest.fixture
def make_guard(program, db, tmp_path):
    def make(servers, **options):
        return Guard(program, tmp_path, servers, (rule(),), **options)
    return make


def test_where_the_file_tells(program, make_guard, db):
    """The same hosts and ports, whatever the rest of it."""
    servers = {"main": conninfo(db), "again": conninfo(db, dbname="postgres", user="monitor"),
               "other": conninfo(db, port=1), "named": conninfo(db, host="localhost")}
    guard = make_guard(servers)
    warnings = program.json("guard", "--config", guard.file, "--check-config")["warnings"]
    assert [warning[:warning.index(":")] for warning in warnings] == ["[server again]"]
    assert "[server main]" in warnings[0] and f"connects to database {db.name}, this one to postgres" in warnings[0]


@pytest.mark.smoke
def test_where_they_lead(program, make_guard, db, own_db):
    """The names are another host's each: it shows when they are connected."""
    servers = {"main": conninfo(db), "named": conninfo(db, host="localhost"), "else": conninfo(own_db)}
    guard = make_guard(servers, dry_run="true")
    warnings = program.json("guard", "--config", guard.file, "--explain")["warnings"]
    assert len(warnings) == 1 and SAME in warnings[0] and "else" not in warnings[0]
    guard.start(wait_for="connected")
    guard.expect(SAME)
    wait_until(lambda: all(guard.metrics().get(f'pgunlock_server_up{{server="{name}"}}') == 1 for name in servers), "all are up")
    guard.polls_on()
    assert guard.log().count(SAME) == 1
    guard.stop()


def test_only_one_acts(make_guard, db):
    guard = make_guard({"main": conninfo(db), "named": conninfo(db, host="localhost")})
    guard.start(wait_for=None)
    guard.expect(LEADS)
    guard.expect(SAME)
    guard.expect("of this guard, which is the same server, has the lease")
    for number in range(2):
        assert Login(db).all_get_in()
        wait_until(lambda: sum(len(results) for results in guard.results().values()) == number + 1, "the act is verified")
    assert len(guard.acts()) == 2
    guard.stop()


def test_a_section_that_is_renamed_is_no_twin(make_guard, db):
    guard = make_guard({"main": conninfo(db)}).start()
    guard.servers = {"renamed": conninfo(db)}
    guard.write([rule()])
    guard.reload()
    guard.expect("renamed: " + LEADS)
    assert SAME not in guard.log()
    guard.stop()


def test_two_databases_of_one_server(make_guard, db):
    """Only the file's names differ from two servers: neither acts beside the other."""
    other = Database.fresh(db.server)
    guard = make_guard({"main": conninfo(db), "other": conninfo(other)}, dry_run="true").start(wait_for="connected")
    guard.expect(SAME)
    assert f"database {db.name}" in guard.log() or f"database {other.name}" in guard.log()
    guard.write([rule()], dry_run="false")
    guard.reload()
    guard.expect("of this guard, which is the same server, has the lease")
    wait_until(lambda: any(f"connected to another database ({name})" in guard.log() for name in (db.name, other.name)),
               "the other database is named")
    assert ",," not in guard.log() and "oid" not in guard.log()
    guard.stop()
    other.leave()
