"""Whoever reads its output may go away before the end; that is no error to shout about."""

import os
import subprocess

import pytest

from rig.incidents import Login


def run_into(pgunlock, consumer, *arguments):
    """pgunlock ARGUMENTS | consumer, in a shell; (exit of pgunlock, standard error, what the consumer printed)."""
    script = '"$@" | { ' + consumer + '; }; echo "exit ${PIPESTATUS[0]}" >&2'
    done = subprocess.run(["bash", "-c", script, "bash", *pgunlock.command(*arguments)], env=pgunlock.environment(),
                          capture_output=True, text=True, timeout=60)
    *err, last = done.stderr.splitlines()
    return int(last.split()[1]), err, done.stdout


@pytest.mark.smoke
@pytest.mark.parametrize("command", [["tree"], ["status"], ["locks"], ["tree", "--format", "json"],
                                     ["locks", "--format", "csv"], ["--help"], ["tree", "--format", "dot"],
                                     ["tree", "--format", "svg"]])
def test_closed_pipe_is_a_quiet_end(pgunlock, db, command):
    Login(db)
    # exec: nobody has the other end open, whenever it comes to write
    code, err, _ = run_into(pgunlock, "exec 0<&-; wait", *command)
    assert err == []
    assert code in (0, 141)


def test_head(pgunlock, db):
    Login(db)
    code, err, out = run_into(pgunlock, "head -1", "tree")
    assert err == [] and code in (0, 141)
    assert len(out.splitlines()) == 1


def test_watch_ends_when_nobody_reads(pgunlock, db):
    process = pgunlock.start("tree", "--watch", "--interval", "100ms", "--format", "json")
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) in (0, -13, 141)
    assert process.stderr.read() == b""
    process.stderr.close()


def test_full_disk_is_an_error(pgunlock, db):
    with open("/dev/full", "wb") as full:
        process = pgunlock.start("tree", stdout=full)
        finished = pgunlock.finish(process, ("tree",)).expect(1)
    assert finished.err.startswith("pgunlock: error: ")


@pytest.mark.parametrize("command", [["tree"], ["--help"], ["--version"], ["locks", "--format", "json"]])
def test_closed_output_is_one_error(pgunlock, db, command):
    done = subprocess.run(["bash", "-c", '"$@" >&-', "bash", *pgunlock.command(*command)], env=pgunlock.environment(),
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "pgunlock: error: cannot write to standard output: it is closed\n")


def test_acting_is_finished_although_nobody_reads(pgunlock, db):
    """Once it has begun to act it carries that through."""
    login = Login(db)
    reading, writing = os.pipe()
    os.close(reading)
    process = pgunlock.start("release", "--table", "login_sessions", "--yes", stdout=writing)
    os.close(writing)
    finished = pgunlock.finish(process, ("release",))
    assert finished.exit in (0, 141)
    assert login.all_get_in()
    assert pgunlock.audit_lines()
