"""Fixtures of the end-to-end tests. Each test that asks for `server` or `db` runs once for every server major of --majors,
and on one of those of --one-of; those marked `smoke` also on --smoke-majors."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import zlib

import pytest

from rig import crowd, pid_namespace, stuck_lock_manager
from rig.database import Database, make_template
from rig.pgbouncer import PgBouncer
from rig.program import Program
from rig.proxy import Proxy
from rig.replication import PRIMARY_SETTINGS, Standby, StandbyDatabase
from rig.server import Server
from rig.stuck_lock_manager import StuckDatabase

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORACLE_PIECE = 25
_DEFAULT_PROGRAMS = (ROOT / "build-check/src/pgunlock", ROOT / "build/src/pgunlock")


def pytest_addoption(parser):
    group = parser.getgroup("pgunlock")
    group.addoption("--pgunlock", metavar="PATH", help="the program; by default build-check/src/pgunlock or"
                    " build/src/pgunlock; none: stage the situations and check them with the server's own view alone")
    group.addoption("--majors", default="13,18", metavar="LIST", help="server majors for everything (default 13,18)")
    group.addoption("--smoke-majors", default="", metavar="LIST", help="server majors for the tests marked smoke")
    group.addoption("--one-of", default="", metavar="LIST", help="share the tests out among these server majors, besides:"
                    " each runs on one of them, always the same; a major that stands here twice gets twice as many")
    group.addoption("--oracle-situations", type=int, default=50, metavar="N",
                    help="random lock situations a major (default 50)")
    group.addoption("--oracle-seed", type=int, default=1, metavar="N",
                    help="seed of the first of them, the next has the next (default 1)")
    group.addoption("--stress-seconds", type=int, default=5, metavar="N",
                    help="how long clients lock at random while trees are taken (default 5)")
    group.addoption("--servers", metavar="DIR", help="folder with MAJOR/bin; by default where tools/test-servers has them")


def _majors(text):
    return [int(word) for word in text.split(",") if word]


# Marks of whole files, by the beginnings of their names.
MARKS = {
    # each test starts one that goes on for long
    "program": ("test_guard_", "test_history_", "test_top_"),
    # every combination of something, or much waiting until something is given up
    "thorough": ("test_bench", "test_connection_options", "test_logical_replication", "test_network_silence",
                 "test_other_databases", "test_pooler", "test_privilege_matrix", "test_random_release", "test_row_trust",
                 "test_stress", "test_stuck_lock_manager", "test_watch_locked_catalogs"),
}


def pytest_generate_tests(metafunc):
    if "major" in metafunc.fixturenames:
        # with those of --one-of, of which _shared_out leaves one
        metafunc.parametrize("major", sorted({*_majors_of_all(metafunc.config, metafunc.definition),
                                              *_majors(metafunc.config.getoption("--one-of"))}))

    if "oracle_seeds" in metafunc.fixturenames:
        first = metafunc.config.getoption("--oracle-seed")
        last = first + metafunc.config.getoption("--oracle-situations")
        # in pieces, so that several processes share them
        pieces = [range(start, min(start + ORACLE_PIECE, last)) for start in range(first, last, ORACLE_PIECE)]
        metafunc.parametrize("oracle_seeds", pieces, ids=[f"seeds {piece[0]}-{piece[-1]}" for piece in pieces])


def _majors_of_all(config, definition):
    """Those on which each case of a test runs."""
    majors = _majors(config.getoption("--majors"))
    if definition.get_closest_marker("smoke"):
        majors += _majors(config.getoption("--smoke-majors"))
    return majors


def _is_wanted(config, item, one_of):
    """Whether a test runs on its major. Which of one_of it gets depends on its name alone, not on what else is there."""
    major = item.callspec.params["major"]
    if major in _majors_of_all(config, item):
        return True
    words = item.callspec.id.split("-")
    words.remove(str(major))
    name = "-".join([item.nodeid.partition("[")[0], *words])
    return one_of[zlib.crc32(name.encode()) % len(one_of)] == major


@pytest.hookimpl(tryfirst=True) # before -m is applied
def pytest_collection_modifyitems(config, items):
    for item in items:
        for mark, files in MARKS.items():
            if item.module.__name__.rpartition(".")[2].startswith(files):
                item.add_marker(mark)
    one_of = _majors(config.getoption("--one-of"))
    if one_of:
        left_out = [item for item in items if hasattr(item, "callspec") and "major" in item.callspec.params
                    and not _is_wanted(config, item, one_of)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    # the servers of one major after those of another, so that few are at work at a time
    items.sort(key=lambda item: item.callspec.params.get("major", 0) if hasattr(item, "callspec") else 0)


def pytest_terminal_summary(terminalreporter):
    """Why a test of --reruns was tried again, which would otherwise be lost once it passes."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"the first try of {report.nodeid}", sep="_")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(autouse=True)
def deadline(request):
    """No test hangs: an alarm ends it."""
    marker = request.node.get_closest_marker("slow")
    seconds = marker.args[0] if marker else 120

    def ring(number, frame):
        raise AssertionError(f"the test hung for {seconds} s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def servers_directory(request):
    given = request.config.getoption("--servers")
    if given:
        return pathlib.Path(given)
    return pathlib.Path(subprocess.run([ROOT / "tools/test-servers", "--dir"], check=True, capture_output=True,
                                       text=True).stdout.strip())


@pytest.fixture(scope="session")
def start_server(servers_directory):
    """Starts a server of a major; whoever calls it stops it."""
    def start(major, settings=None, kind=Server):
        bindir = servers_directory / str(major) / "bin"
        assert (bindir / "postgres").exists(), f"no PostgreSQL {major} in {bindir}: run tools/test-servers {major}"
        server = kind(bindir, settings)
        server.major = major
        try:
            make_template(server)
        except BaseException:
            server.stop()
            raise
        return server
    return start


@pytest.fixture(scope="session")
def _running(start_server):
    running = {}
    yield running
    for server in running.values():
        server.begin_to_stop()
    for server in running.values():
        server.stop()


def _running_server(running, start_server, major, purpose, settings=None):
    key = (major, purpose)
    if key not in running:
        running[key] = start_server(major, settings)
    elif not running[key].is_running():
        running[key].start()
    return running[key]


@pytest.fixture
def server(major, _running, start_server):
    """The server of this major which all tests of this process share."""
    return _running_server(_running, start_server, major, "shared")


@pytest.fixture
def own_server(major, _running, start_server):
    """A server for this test alone, which it may shut down; the next such test finds it started again."""
    server = _running_server(_running, start_server, major, "own")
    server.end_everybody()
    return server


@pytest.fixture
def small_db(major, _running, start_server):
    """A database on a server that has few connection slots (rig.crowd)."""
    server = _running_server(_running, start_server, major, "small", crowd.settings(major))
    database = Database.fresh(server)
    yield database
    database.leave()


@pytest.fixture
def primary(major, _running, start_server):
    """A server for physical and logical replication, which the tests of this process share."""
    return _running_server(_running, start_server, major, "primary", PRIMARY_SETTINGS)


@pytest.fixture
def standby(major, primary, _running):
    """Its hot standby."""
    key = (major, "standby")
    if key not in _running:
        _running[key] = Standby(primary)
    return _running[key]


@pytest.fixture
def autovacuum_db(major, _running, start_server):
    """A database on a server where autovacuum is on."""
    server = _running_server(_running, start_server, major, "autovacuum",
                             {"autovacuum": "on", "autovacuum_naptime": "'1s'"})
    database = Database.fresh(server)
    yield database
    database.leave()


@pytest.fixture
def db(server):
    """A database with a few tables as they are in the beginning; all that the test opens in it ends with the test."""
    database = Database.fresh(server)
    yield database
    database.leave()


@pytest.fixture
def role(db):
    """A role of its own for the test, without any privilege."""
    name = f"role_of_{db.name}"
    db.server.observer.execute(f"CREATE ROLE {name} LOGIN")
    yield name
    db.server.observer.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")
    db.server.observer.execute(f"DROP ROLE {name}")


@pytest.fixture
def own_db(own_server):
    """A database on a server for this test alone."""
    database = Database.fresh(own_server)
    yield database
    database.leave()


@pytest.fixture
def stuck_db(major, _running, start_server):
    """A database on a server whose lock manager can be stuck (rig.stuck_lock_manager)."""
    database = StuckDatabase(_running_server(_running, start_server, major, "stuck", stuck_lock_manager.SETTINGS))
    yield database
    database.leave()


@pytest.fixture
def namespace_db(major, start_server):
    """A database on a server where a test can choose which pid the next backend gets."""
    if not pid_namespace.is_possible():
        pytest.skip("needs root and a kernel that lets it choose pids")
    server = start_server(major, kind=pid_namespace.NamespaceServer)
    database = Database(server)
    yield database
    for session in database.sessions:
        session.close()
    server.stop()


@pytest.fixture
def primary_db(primary):
    """A database on the primary."""
    database = Database.fresh(primary)
    yield database
    database.leave()


@pytest.fixture
def standby_db(standby, primary_db):
    """The same database on the standby; the test's sessions there end first."""
    database = StandbyDatabase(standby, primary_db)
    yield database
    database.leave()


@pytest.fixture(scope="session")
def program_path(request):
    given = request.config.getoption("--pgunlock")
    if given == "none":
        return None
    if given:
        return pathlib.Path(given).resolve()
    return next((path for path in _DEFAULT_PROGRAMS if path.exists()), _DEFAULT_PROGRAMS[0])


@pytest.fixture
def program(program_path):
    """The program with no connection options at all, and a home of its own."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="pgu-home-"))
    program = Program(program_path, home)
    yield program
    program.kill_all()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def pgunlock(program, db):
    """The program, connected to db as the role that its documentation recommends."""
    yield program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def own_pgunlock(program, own_db):
    """The same for own_db."""
    yield program.at(host="127.0.0.1", port=own_db.server.port, dbname=own_db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def stuck_pgunlock(program, stuck_db):
    """The same for stuck_db."""
    yield program.at(host="127.0.0.1", port=stuck_db.server.port, dbname=stuck_db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def small_pgunlock(program, small_db):
    """The same for small_db."""
    yield program.at(host="127.0.0.1", port=small_db.server.port, dbname=small_db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def primary_pgunlock(program, primary_db):
    """The same for primary_db."""
    yield program.at(host="127.0.0.1", port=primary_db.server.port, dbname=primary_db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def standby_pgunlock(program, standby_db):
    """The same for standby_db."""
    yield program.at(host="127.0.0.1", port=standby_db.server.port, dbname=standby_db.name, user="pgunlock")
    program.kill_all()


@pytest.fixture
def make_proxy():
    """Makes proxies that end with the test."""
    proxies = []

    def make(server):
        proxies.append(Proxy(server.port))
        return proxies[-1]
    yield make
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def proxy(server, make_proxy):
    return make_proxy(server)


@pytest.fixture
def make_pgbouncer(server):
    """Makes poolers in front of a server (by default the test's) that end with the test."""
    poolers = []

    def make(behind=server, **options):
        if not PgBouncer.find():
            pytest.fail("pgbouncer is not installed", pytrace=False)
        poolers.append(PgBouncer(behind, ["app_rw", "pgunlock", "postgres"], **options))
        return poolers[-1]
    yield make
    for pooler in poolers:
        pooler.stop()


@pytest.fixture
def pgbouncer(make_pgbouncer):
    return make_pgbouncer()
