"""Every act leaves a line in the audit log: when, who, where, what was planned, what came of it."""

import getpass
import json
import os
import stat
import subprocess

import pytest

from rig.incidents import Login


def text_of(lines):
    return json.dumps(lines)


def test_line_of_a_release(pgunlock, db):
    login = Login(db)
    pgunlock("release", "--table", "login_sessions", "--yes").expect(0)
    lines = pgunlock.audit_lines()
    assert (pgunlock.audit_file_directory / "audit.jsonl").exists()
    last = lines[-1]
    text = text_of(last)
    for fact in (getpass.getuser(), "pgunlock", login.holder.id, "terminate", "freed", str(db.server.port), db.name):
        assert fact in text, f"{fact} is missing in {text}"
    # what is about to be done is written before it is done
    assert len(lines) >= 2 and login.holder.id in text_of(lines[0])


def test_refusals_and_dry_runs(pgunlock, db):
    login = Login(db)
    pgunlock("release", "--table", "login_sessions", "--dry-run").expect(0)
    pgunlock("tree").expect(0)
    assert pgunlock.audit_lines() == []
    pgunlock("cancel", login.holder.pid, "--yes").expect(5)
    assert "freed" not in text_of(pgunlock.audit_lines())
    assert login.nothing_moved()


def test_file_of_ones_own(pgunlock, db, tmp_path):
    login = Login(db)
    path = tmp_path / "log of acts.jsonl"
    path.write_text('{"an": "earlier line"}\n')
    pgunlock("release", "--all", "--yes", "--audit", path).expect(0)
    lines = pgunlock.audit_lines(path)
    assert lines[0] == {"an": "earlier line"}, "it is only ever appended to"
    assert login.holder.id in text_of(lines[1:])
    assert pgunlock.audit_lines() == []


def test_folders_of_ones_own_are_not_made(pgunlock, db, tmp_path):
    login = Login(db)
    path = tmp_path / "mistyped" / "log.jsonl"
    finished = pgunlock("release", "--all", "--yes", "--audit", path).expect(0)
    assert "warning: " in finished.err and str(path) in finished.err and "hint: " in finished.err
    assert not path.parent.exists()
    assert login.all_get_in()


def test_home_that_is_not_there_is_not_made(pgunlock, db, tmp_path):
    login = Login(db)
    home = tmp_path / "nonexistent"
    finished = pgunlock("release", "--all", "--yes", env={"XDG_STATE_HOME": None, "HOME": home}).expect(0)
    assert "warning: " in finished.err and str(home) in finished.err and "--audit" in finished.err
    assert not home.exists()
    assert login.all_get_in()


def test_private_to_its_user(pgunlock, db):
    Login(db)
    pgunlock("release", "--all", "--yes").expect(0)
    assert stat.S_IMODE(os.stat(pgunlock.audit_file_directory).st_mode) == 0o700
    mode = os.stat(pgunlock.audit_file_directory / "audit.jsonl").st_mode
    assert stat.S_IMODE(mode) & 0o022 == 0, "statements and names are in it"


def test_home_by_default(pgunlock, db):
    Login(db)
    pgunlock("release", "--all", "--yes", env={"XDG_STATE_HOME": None}).expect(0)
    assert pgunlock.audit_lines(pgunlock.home / ".local/state/pgunlock/audit.jsonl")


@pytest.mark.parametrize("path", ["/dev/full", "/dev/null/at/all.jsonl", "/"])
def test_log_that_cannot_be_written_does_not_keep_the_jam(pgunlock, db, path):
    login = Login(db)
    finished = pgunlock("release", "--all", "--yes", "--audit", path).expect(0)
    assert "audit" in finished.err and path in finished.err
    assert login.all_get_in()


def test_several_at_once_write_whole_lines(pgunlock, db):
    holders = [db.transaction(f"UPDATE stock SET amount = 0 WHERE id = {number}") for number in range(1, 7)]
    processes = [pgunlock.start("terminate", holder.pid, "--yes") for holder in holders]
    for process in processes:
        pgunlock.finish(process, ("terminate",)).expect(0)
    lines = pgunlock.audit_lines()
    assert len(lines) >= 6
    for holder in holders:
        assert holder.id in text_of(lines)


def test_hostile_text_stays_on_its_line(pgunlock, db):
    holder = db.transaction("LOCK TABLE stock", application="a\nb")
    holder.run("SELECT 'x\n{\"forged\": true}\n\x1b[31m'")
    db.waiter("SELECT * FROM stock", by=[holder])
    pgunlock("release", "--all", "--yes").expect(0)
    raw = (pgunlock.audit_file_directory / "audit.jsonl").read_bytes()
    assert b"\x1b" not in raw and b'\n{"forged"' not in raw
    assert pgunlock.audit_lines()


def test_sudo_user(pgunlock, db):
    """Who really typed it, where that is known."""
    Login(db)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    pgunlock("release", "--all", "--yes", env={"USER": "somebody else"}).expect(0)
    assert user in text_of(pgunlock.audit_lines())
