"""The situations that are looked at, staged with real sessions."""

import collections

from rig.waiting import wait_until

# name: as in --scenario. family: what all its sizes are. title: with {size} in it. unit: what is counted. sizes,
# quick_sizes: how large it is staged. settings(size): what the server needs for it. stage(db, size): returns how many
# sessions wait then.
Scenario = collections.namedtuple("Scenario", "name family title unit sizes quick_sizes settings stage")

# seconds; 1,500 backends take their time to come and to go on two cores
PATIENCE = 180
BESIDE = 100
HOLDERS = 10


def _settings(connections, locks_per_connection=64):
    return {"max_connections": connections, "max_prepared_transactions": 0, "shared_buffers": "'64MB'",
            "max_locks_per_transaction": locks_per_connection, "log_connections": "off"}


def many_sessions(_size):
    return _settings(1600)


def many_locks(size):
    connections = HOLDERS + BESIDE + 50
    return _settings(connections, max(64, 3 * size // (2 * connections)))


def _wait_for_waiters(db, count):
    wait_until(lambda: db.server.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == count,
               f"{count} sessions wait", PATIENCE)
    return count


def storm(db, size):
    """One holds a row, the others want it."""
    db.transaction("UPDATE login_sessions SET token = 'x' WHERE user_id = 42", application="login-service")
    for _ in range(size):
        db.session(application="login-service").send("UPDATE login_sessions SET token = 'y' WHERE user_id = 42")
    return _wait_for_waiters(db, size)


def ddl_queue(db, size):
    """A reader that stays, DDL that waits for it, and readers who wait for that."""
    db.transaction("SELECT FROM orders", application="report")
    db.waiter("ALTER TABLE orders ADD COLUMN extra int", user="deploy", application="migration")
    for _ in range(size - 1):
        db.session(application="shop").send("SELECT * FROM orders WHERE id = 1")
    return _wait_for_waiters(db, size)


def chain(db, size):
    """Each waits for the one before."""
    with db.server.connect(db.name) as admin:
        admin.execute("CREATE TABLE chain AS SELECT n AS id, 0 AS value FROM generate_series(0, %s) AS n" % size)
        admin.execute("ALTER TABLE chain ADD PRIMARY KEY (id); GRANT ALL ON chain TO PUBLIC")
    links = [db.session(application="worker") for _ in range(size + 1)]
    for number, session in enumerate(links):
        session.send(f"BEGIN; UPDATE chain SET value = 1 WHERE id = {number}")
    for session in links:
        session.result()
    for number, session in enumerate(links[1:]):
        session.send(f"UPDATE chain SET value = 2 WHERE id = {number}")
    return _wait_for_waiters(db, size)


def hold_locks(db, count):
    """Takes locks that nobody waits for."""
    share = count // HOLDERS
    holders = [db.session(application="batch") for _ in range(HOLDERS)]
    for number, session in enumerate(holders):
        first = 1_000_000 * (1 + number)
        session.send(f"SELECT count(pg_advisory_lock(n)) FROM generate_series({first}, {first + share - 1}) AS n")
    for session in holders:
        session.result(PATIENCE)


def locks(db, size):
    waiters = storm(db, BESIDE)
    hold_locks(db, size)
    return waiters


def quiet(db, size):
    for _ in range(size):
        db.session(application="pool")
    return 0


WAITERS = (10, 100, 500, 1500)
SCENARIOS = (
    Scenario("row-storm", "all want one row", "one row, {size} waiters", "waiters", WAITERS, (5, 20), many_sessions, storm),
    Scenario("ddl-queue", "queue behind DDL", "DDL waits, {size} waiters with it", "waiters", WAITERS, (10,), many_sessions,
             ddl_queue),
    Scenario("chain", "chain", "chain of {size}", "waiters", (500,), (10,), many_sessions, chain),
    Scenario("locks", f"{BESIDE} waiters beside locks", f"{BESIDE} waiters beside {{size}} locks", "locks",
             (10_000, 100_000, 500_000), (10_000,), many_locks, locks),
    Scenario("quiet", "nobody waits", "nobody waits, {size} connections", "connections", (1500,), (50,), many_sessions, quiet),
)
