"""1,500 sessions wait, and pgunlock top stays what it is."""

import statistics
import time

import pytest

from rig.database import Database
from rig.screen import Screen
from rig.storm import Storm, settings

WAITERS = 1500


@pytest.fixture
def stormy_db(major, start_server):
    server = start_server(major, settings(WAITERS))
    database = Database.fresh(server)
    yield database
    server.stop()


@pytest.fixture
def storm(stormy_db):
    storm = Storm(stormy_db.server, stormy_db.name, WAITERS)
    yield storm
    storm.end()


@pytest.mark.slow(300)
@pytest.mark.usefixtures("storm")
def test_a_storm(program, stormy_db):
    db = stormy_db
    pgunlock = program.at(host="127.0.0.1", port=db.server.port, dbname=db.name, user="pgunlock")
    screen = Screen(pgunlock, "--interval", "1s", "--budget", "100", columns=140, rows=50)
    screen.wait_for(f"{WAITERS} sessions wait for 1.").wait_for("more like these")
    screen.child.delaybeforesend = None
    taken = []
    for _ in range(20):
        for key, sign in (("?", "this help"), ("x", "BLOCKS")):
            pressed = time.monotonic()
            screen.press(key).wait_for(sign)
            taken.append(time.monotonic() - pressed)
    assert statistics.median(taken) < 0.5
    screen.press("z", "G").wait_for(lambda s: s.selected and "waits" in s.selected)
    screen.press("f", "nobody is called so").wait_for("Nothing matches").press("escape")
    screen.press("g", "K").wait_for(f"free {WAITERS} waiters?").agree()
    screen.wait_for("moved on", timeout=60)
