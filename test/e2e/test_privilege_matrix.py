"""Who may see and end what: every kind of role that asks, against every kind of session that blocks. What is refused is
refused before any signal, and the GRANT that is named is all that it takes."""

import dataclasses

import pytest

from rig import documents
from rig.session import Session

GID = "order-4711"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


@dataclasses.dataclass
class Asking:
    """A role that runs pgunlock."""
    name: str
    # as SQL that can be read on a terminal
    sql: str
    kind: str

    def grant(self, roles, major):
        """The one that is exact."""
        if self.kind != "noinherit":
            return f"GRANT {roles} TO {self.sql};"
        if major < 16:
            return f"GRANT {roles} TO {self.sql}; ALTER ROLE {self.sql} INHERIT;"
        return f"GRANT {roles} TO {self.sql} WITH INHERIT TRUE;"


# what it is made of; BLOCKER stands for the role of the session that blocks
ASKING = {
    "plain": [],
    "monitor": ["pg_monitor"],
    "signaller": ["pg_signal_backend"],
    "member": ["BLOCKER"],
    "recommended": ["pg_monitor", "pg_signal_backend"],
    "noinherit": ["pg_monitor", "pg_signal_backend"],
    "superuser": [],
}
BLOCKERS = ["plain", "superuser", "set role", "session authorization"]
# whose login counts as a superuser's
OF_SUPERUSERS = ("superuser", "session authorization")


def sees(asking, blocker, major):
    if asking in ("superuser", "monitor", "recommended"):
        return True
    if asking == "noinherit":
        # to see it was enough to be a member, whether or not the role inherits
        return major < 15
    return asking == "member" and blocker not in OF_SUPERUSERS


def may_signal(asking, blocker):
    if asking == "superuser":
        return True
    if blocker in OF_SUPERUSERS:
        return False
    return asking in ("signaller", "recommended", "member")


def missing_roles(asking, blocker, major):
    """What would have to be granted so that a session can be ended; None: nothing would help."""
    if blocker in OF_SUPERUSERS and asking != "superuser":
        return None
    missing = []
    if not sees(asking, blocker, major):
        missing.append("pg_read_all_stats")
    if not may_signal(asking, blocker):
        missing.append("pg_signal_backend")
    return ", ".join(missing)


def end_sessions_of(server, role):
    server.observer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,))


@pytest.fixture
def blocker_role(db):
    """An application's role, with a superuser that it may become."""
    name = f'we"ird App of {db.name} 🔓'
    observer = db.server.observer
    observer.execute(f"CREATE ROLE {quoted(name)} LOGIN; CREATE ROLE super_of_{db.name} SUPERUSER ROLE {quoted(name)}")
    yield name
    end_sessions_of(db.server, name)
    for gid, in observer.execute("SELECT gid FROM pg_prepared_xacts WHERE owner = %s", (name,)).fetchall():
        with db.server.connect(db.name) as connection:
            connection.execute(f"ROLLBACK PREPARED '{gid}'")
    observer.execute(f"DROP ROLE {quoted(name)}, super_of_{db.name}")


@pytest.fixture
def asking(request, db, blocker_role):
    kind = request.param
    role = Asking(f'we"ird  Role of {db.name} \x1b🔒', f'U&"we""ird \\0020Role of {db.name} \\001B🔒"', kind)
    attributes = {"noinherit": "NOINHERIT", "superuser": "SUPERUSER"}.get(kind, "")
    db.server.observer.execute(f"CREATE ROLE {role.sql} LOGIN {attributes}")
    for member in ASKING[kind]:
        member = quoted(blocker_role) if member == "BLOCKER" else member
        db.server.observer.execute(f"GRANT {member} TO {role.sql}")
    yield role
    end_sessions_of(db.server, role.name)
    db.server.observer.execute(f"DROP ROLE {role.sql}")


class Jam:
    """A session of some kind holds a lock and runs a statement meanwhile; another one waits."""

    def __init__(self, db, kind, role):
        self.db = db
        self.holder = db.session(user="postgres" if kind in OF_SUPERUSERS else role)
        if kind == "set role":
            self.holder.run(f"SET ROLE super_of_{db.name}")
        if kind == "session authorization":
            self.holder.run(f"SET SESSION AUTHORIZATION {quoted(role)}")
        self.holder.run("BEGIN")
        self.holder.run("LOCK TABLE stock")
        self.holder.send("SELECT pg_sleep(600)")
        self.waiter = db.waiter("SELECT * FROM stock", by=[self.holder], user="app_ro")

    def nothing_moved(self):
        assert self.db.all_alive(self.holder, self.waiter)
        assert not self.holder.is_done() and self.db.server.waits(self.waiter.pid)
        return True


@pytest.fixture
def jam(request, db, blocker_role):
    return Jam(db, request.param, blocker_role)


def matrix(test):
    return pytest.mark.parametrize("asking, jam", [(asking, blocker) for asking in ASKING for blocker in BLOCKERS],
                                   indirect=True, ids=lambda value: str(value).replace(" ", "-"))(test)


@pytest.fixture
def kinds(request):
    """The words of the two indirect parameters."""
    return request.node.callspec.params["asking"], request.node.callspec.params["jam"]


def entry_is_right(entry, is_seen):
    """What the server hides from a role is null, all else is there."""
    assert entry["hidden"] is not is_seen
    for fact in ("state", "backend_start", "session_id", "query_start", "backend_type"):
        assert (entry[fact] is not None) == is_seen, fact


@matrix
def test_looking(pgunlock, db, asking, jam, kinds, major, blocker_role):
    kind, blocker = kinds
    is_seen = sees(kind, blocker, major)
    roles = missing_roles(kind, blocker, major)
    role = "postgres" if blocker in OF_SUPERUSERS else blocker_role
    asks = pgunlock.at(user=asking.name)
    # the waiter, too
    sees_all = is_seen and kind != "member"

    for command in ("status", "tree"):
        document = asks.json(command)
        assert document["roots"] == [jam.holder.id] and document["summary"]["blocked"] == 1
        entry = documents.session(document, jam.holder)
        entry_is_right(entry, is_seen)
        assert (entry["user"], entry["blocked_total"]) == (role, 1)
        # 13 has no time of the wait itself, only that of the statement
        assert (document["summary"]["longest_wait_seconds"] is None) == (major == 13 and not sees_all)
        said = [warning for warning in document["warnings"] if "shown without" in warning]
        assert len(said) == (0 if sees_all else 1)
        if not sees_all:
            assert asking.grant("pg_read_all_stats", major) in said[0]

    document = asks.json("show", jam.holder.pid)
    entry_is_right(document["session"], is_seen)
    for act in ("cancel", "terminate"):
        assert document[act]["allowed"] == (roles == "")
        assert document[act]["grant"] == (asking.grant(roles, major) if roles else None)
        if roles is None:
            assert "connect as a superuser" in document[act]["hint"]

    for arguments in (["status"], ["show", jam.holder.pid], ["release", "--all", "--dry-run"]):
        out = asks(*arguments, "--color", "never").expect(5 if roles != "" and "release" in arguments else 0).out
        if roles:
            assert asking.grant(roles, major) in out
            # once for the session, and what it says covers the rest
            n_acts = 2 if "show" in arguments else 1
            assert out.count("GRANT") == n_acts, out
        assert out.count("shown without") == (0 if sees_all or (roles and "pg_read_all_stats" in roles) else 1), out
        assert ("an unknown time" in out) == (major == 13 and not sees_all and "release" not in arguments)

    lock, = (lock for lock in asks.json("locks", "--table", "stock")["locks"] if lock["session"] == jam.holder.id)
    assert (lock["mode"], lock["granted"], lock["user"]) == ("AccessExclusiveLock", True, role)
    line = asks("check", "--warning-blocked", "5").out
    # every hidden session may be an idle one, the waiter, too
    assert line.startswith("PGUNLOCK OK" if sees_all else "PGUNLOCK UNKNOWN"), line
    if not sees_all:
        assert asking.grant("pg_read_all_stats", major) in line
    assert jam.nothing_moved()


@matrix
def test_acting(pgunlock, db, asking, jam, kinds, major):
    kind, blocker = kinds
    roles = missing_roles(kind, blocker, major)
    grant = asking.grant(roles, major) if roles else None
    asks = pgunlock.at(user=asking.name)
    commands = ["cancel", "terminate", "release"]
    for command in commands if roles != "" else []:
        document = asks.json(command, jam.holder.pid, "--yes", exit_code=5)
        item = documents.plan_item(document, jam.holder)
        assert item["refused"] and documents.results(document) == {jam.holder.id: "refused"}
        assert item["grant"] == grant
        out = asks(command, jam.holder.pid, "--yes").expect(5).out
        assert (grant or "superuser") in out
        assert jam.nothing_moved()
    if roles != "":
        db.server.observer.execute(grant or f"ALTER ROLE {asking.sql} SUPERUSER")
    # the same is left to do for each; by turns, so that each is done somewhere
    command = commands[(list(ASKING).index(kind) + BLOCKERS.index(blocker)) % len(commands)]
    document = asks.json(command, jam.holder.pid, "--yes")
    assert documents.results(document) == {jam.holder.id: "freed"}
    assert jam.waiter.error() is None


@pytest.mark.parametrize("asking", ASKING, indirect=True)
def test_prepared_transaction_of_another_role(pgunlock, db, asking, request, blocker_role):
    """Its owner ends it, or a superuser: no GRANT does."""
    is_superuser = request.node.callspec.params["asking"] == "superuser"
    session = Session(db.server, dbname=db.name, user=blocker_role)
    for sql in ("BEGIN", "LOCK TABLE stock", f"PREPARE TRANSACTION '{GID}'"):
        session.run(sql)
    session.close()
    waiter = db.waiter("SELECT * FROM stock", user="app_ro")
    asks = pgunlock.at(user=asking.name)
    for command in ("status", "tree"):
        entry = documents.session(asks.json(command), f"gid:{GID}")
        assert (entry["user"], entry["database"], entry["hidden"]) == (blocker_role, db.name, False)
        assert entry["is_root"]
        assert GID in asks(command).expect(0).out
    shown = asks.json("show", f"gid:{GID}")
    for act in ("rollback_prepared", "commit_prepared"):
        assert shown[act]["allowed"] is is_superuser and shown[act]["grant"] is None
        if not is_superuser:
            assert shown[act]["hint"] == f"connect as {quoted(blocker_role)}"
    for command in ("cancel", "terminate"):
        document = asks.json(command, f"gid:{GID}", "--yes", exit_code=5)
        assert "prepared transaction" in documents.plan_item(document, f"gid:{GID}")["refused"]
    act = ["release", f"gid:{GID}", "--rollback", "--yes"]
    if not is_superuser:
        finished = asks(*act).expect(5)
        assert f"connect as {quoted(blocker_role)}" in finished.out
        assert db.server.waits(waiter.pid)
        asks = pgunlock.at(user=blocker_role)
    assert documents.results(asks.json(*act)) == {f"gid:{GID}": "freed"}
    assert waiter.error() is None


@pytest.mark.parametrize("asking", ASKING, indirect=True)
def test_doctor_names_what_the_role_lacks(pgunlock, db, asking, request, major):
    kind = request.node.callspec.params["asking"]
    asks = pgunlock.at(user=asking.name)

    def lacking():
        checks = asks.json("doctor")["checks"]
        return {check["name"]: check["sql"] for check in checks
                if check["role"] == asking.name and check["name"].startswith("pg_") and check["status"] != "ok"}
    before = lacking()
    expected = set()
    if not sees(kind, "another", major) and kind != "member":
        expected.add("pg_read_all_stats")
    if not may_signal(kind, "another") or kind == "member":
        expected.add("pg_signal_backend")
    if kind == "member":
        expected.add("pg_read_all_stats")
    if major >= 18 and kind != "superuser":
        expected.add("pg_signal_autovacuum_worker")
    assert set(before) == expected
    out = asks("doctor").expect(0).out
    for name, sql in before.items():
        assert sql == asking.grant(name, major) and sql in out
        db.server.observer.execute(sql)
    assert lacking() == {}
