"""demo: the login incident on a server of its own, which leaves nothing behind."""

import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import pytest

from rig.waiting import wait_until

@pytest.fixture
def place():
    """Where the demo has its files: an empty folder that an unprivileged user may enter."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="pgu-demo-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    for pid in processes_in(path):
        subprocess.run(["kill", "-QUIT", str(pid)], check=False)
    wait_until(lambda: not processes_in(path), "its server has ended")
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def demo(program, major, servers_directory, place):
    """Starts it with the server programs of this major."""
    def start(*arguments):
        bindir = servers_directory / str(major) / "bin"
        return program.start("demo", "--bindir", bindir, *arguments, env={"TMPDIR": place})
    return start


def processes_in(path):
    """Of the pids whose command line names the folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if str(path).encode() in words and b"postgres" in words:
            found.append(int(entry.parent.name))
    return found


def leaves_nothing(place):
    return not list(place.iterdir()) and not processes_in(place)


@pytest.mark.smoke
def test_everybody_is_logged_in_in_the_end(program, demo, place):
    finished = program.finish(demo(), ("demo",)).expect(0)
    assert "idle in transaction" in finished.out and "freed" in finished.out
    said = re.findall(r"client (\d+) is logged in", finished.out)
    assert sorted(said) == ["1", "2", "3", "4", "5"]
    assert leaves_nothing(place)


@pytest.mark.parametrize("moment", ["throw-away server", "clients try to log in", "To free them"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_cleans_up(program, demo, place, moment, number):
    process = demo()
    seen = ""
    while moment not in seen:
        line = process.stdout.readline().decode()
        assert line, f"it ended before {moment!r}: {seen}"
        seen += line
    process.send_signal(number)
    finished = program.finish(process, ("demo",), timeout=30)
    assert finished.exit in (130, 143), repr(finished)
    assert leaves_nothing(place)


def test_keep_leaves_it_up_as_it_says(program, demo, place):
    finished = program.finish(demo("--keep"), ("demo",)).expect(0)
    lines = dict(re.findall(r"^  (connect|look|stop): +(.*)$", finished.out, flags=re.M))
    assert str(place) in lines["connect"]
    count = lines["connect"] + " -XAtc 'SELECT count(*) FROM login_sessions'"
    done = subprocess.run(["sh", "-c", count], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and int(done.stdout) > 0, done
    look = lines["look"].split()
    assert look[0] == "pgunlock"
    assert "obody waits" in program(*look[1:]).expect(0).out
    done = subprocess.run(["sh", "-c", lines["stop"]], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: leaves_nothing(place), "it is gone as the line says")


def test_no_server_programs(program, tmp_path):
    finished = program("demo", "--bindir", tmp_path)
    assert finished.exit in (2, 3, 6, 1), repr(finished)
    assert finished.err.startswith("pgunlock: error: ") and str(tmp_path) in finished.err
