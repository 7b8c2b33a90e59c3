"""A connection that is open already goes on to name the culprit while catalogs are locked, and says what it can't read."""

import json
import re
import signal
import time

import pytest

from rig import documents, schemas
from rig.incidents import Login
from rig.waiting import wait_until

CATALOGS = ["pg_authid", "pg_database", "pg_class", "pg_namespace", "pg_proc", "pg_auth_members", "pg_db_role_setting",
            "pg_index", "pg_inherits"]

# Which names can't be read without this catalog. Those of roles are in the server's cache.
MISSING = {"pg_database": "databases", "pg_class": "relations", "pg_namespace": "relations", "pg_index": "relations"}


class Watch:
    """tree --watch as documents, with the time that each took to come."""

    def __init__(self, program):
        self._program = program
        self._process = program.start("tree", "--watch", "--interval", "100ms", "--format", "json")
        self.longest = 0

    def next(self):
        started = time.monotonic()
        line = self._process.stdout.readline()
        self.longest = max(self.longest, time.monotonic() - started)
        document = json.loads(line)
        schemas.validate(document)
        assert document["schema"] == "pgunlock.tree/1", f"it could not look: {document}"
        return document

    def until(self, condition):
        return wait_until(lambda: next(filter(condition, [self.next()]), None), "the watch shows it")

    def end(self):
        self._process.send_signal(signal.SIGINT)
        return self._program.finish(self._process, ("tree", "--watch")).expect(130)


def lock_timeouts(server):
    """How often a statement of anybody's ran into its lock_timeout."""
    return len(re.findall("canceling statement due to lock timeout", server.log.read_text(errors="replace")))


@pytest.mark.parametrize("catalog", CATALOGS)
def test_names_the_culprit(pgunlock, db, catalog):
    login = Login(db)
    reader = db.transaction(user="postgres", application="reader")
    watch = Watch(pgunlock)
    watch.until(lambda document: document["summary"]["blocked"] == 3)
    maintenance = db.lock_catalog(catalog)
    reader.send(f"LOCK TABLE pg_catalog.{catalog} IN ACCESS SHARE MODE")

    seen = watch.until(lambda document: document["summary"]["blocked"] == 4)
    watch.longest = 0
    before = lock_timeouts(db.server)
    for _ in range(5):
        seen = watch.next()
    assert watch.longest < 2
    assert set(seen["roots"]) == {login.holder.id, maintenance.id}
    assert documents.session(seen, login.holder)["blocked_total"] == 3
    assert documents.session(seen, reader)["waits_for"] == [maintenance.id]
    assert documents.session(seen, reader)["wait"]["target"]["relation"] == catalog, "that name is the same everywhere"
    assert documents.session(seen, login.holder)["application_name"] == "login-service"
    if catalog in MISSING:
        warning, = seen["warnings"]
        assert catalog in warning and f"{MISSING[catalog]} are shown by their oids" in warning
    assert lock_timeouts(db.server) == before, "what can't be read isn't tried"

    maintenance.run("ROLLBACK")
    watch.until(lambda document: document["summary"]["blocked"] == 3)
    seen = watch.next()
    assert seen["warnings"] == []
    assert documents.session(seen, login.waiters[1])["wait"]["target"]["relation"] == "login_sessions"
    assert documents.session(seen, login.holder)["user"] == "app_rw"
    assert documents.session(seen, login.holder)["database"] == db.name
    watch.end()


@pytest.mark.parametrize("catalog", CATALOGS)
def test_nobody_waited_before(pgunlock, db, catalog):
    """What names take was never asked before, so that less is in the server's caches."""
    reader = db.transaction(user="postgres", application="reader")
    watch = Watch(pgunlock)
    watch.next()
    maintenance = db.lock_catalog(catalog)
    reader.send(f"LOCK TABLE pg_catalog.{catalog} IN ACCESS SHARE MODE")
    seen = watch.until(lambda document: document["summary"]["blocked"] == 1)
    watch.longest = 0
    for _ in range(3):
        seen = watch.next()
    assert watch.longest < 2
    assert seen["roots"] == [maintenance.id]
    assert documents.session(seen, reader)["wait"]["target"]["relation"] == catalog
    maintenance.run("ROLLBACK")
    watch.until(lambda document: document["summary"]["blocked"] == 0)
    assert watch.next()["warnings"] == []
    watch.end()


def test_many_catalogs_at_once(pgunlock, db):
    """Nothing is waited for in vain one after the other."""
    login = Login(db)
    watch = Watch(pgunlock)
    watch.until(lambda document: document["summary"]["blocked"] == 3)
    maintenance = db.lock_catalog(", ".join(CATALOGS))
    seen = watch.until(lambda document: document["warnings"])
    watch.longest = 0
    for _ in range(5):
        seen = watch.next()
    assert watch.longest < 2
    assert seen["roots"] == [login.holder.id]
    assert documents.session(seen, login.holder)["user"] == "app_rw", "from the cache"
    assert documents.session(seen, login.holder)["database"] == db.name, "our own we know"
    maintenance.run("ROLLBACK")
    watch.until(lambda document: not document["warnings"])
    watch.end()


def test_roles_are_shown_by_their_oids(pgunlock, db):
    """Those that aren't in the cache: ALTER ROLE takes one out."""
    login = Login(db)
    watch = Watch(pgunlock)
    watch.until(lambda document: document["summary"]["blocked"] == 3)
    maintenance = db.session(user="postgres", application="maintenance")
    db.catalog_lockers.append(maintenance)
    maintenance.run("BEGIN")
    maintenance.run("LOCK TABLE pg_authid; ALTER ROLE app_rw CONNECTION LIMIT -1; COMMIT; BEGIN; LOCK TABLE pg_authid")
    seen = watch.until(lambda document: any("roles are shown by their oids" in text for text in document["warnings"]))
    watch.longest = 0
    seen = watch.next()
    assert watch.longest < 2
    assert seen["roots"] == [login.holder.id]
    assert documents.session(seen, login.holder)["user"] is None
    maintenance.run("ROLLBACK")
    seen = watch.until(lambda document: not document["warnings"])
    assert documents.session(seen, login.holder)["user"] == "app_rw"
    watch.end()


def test_nobody_waits_behind_it(pgunlock, db):
    """Our own session is never in the queue for a catalog."""
    Login(db)
    watch = Watch(pgunlock)
    watch.until(lambda document: document["summary"]["blocked"] == 3)
    own = db.server.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'pgunlock'")
    maintenance = db.lock_catalog("pg_class")
    watch.until(lambda document: document["warnings"])
    for _ in range(5):
        watch.next()
        assert not db.server.waits(own)
    maintenance.run("ROLLBACK")
    watch.end()
