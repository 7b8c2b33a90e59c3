"""What watching does to the server's other work: pgbench beside a watcher and without one, in turns."""

import pathlib
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

from .program import environment

CLIENTS = 8
SCALE = 10
# name in the table, pgbench's option
WORKLOADS = (("update", "-N"), ("read only", "-S"))
# looks per second, and the interval that makes them
WATCHERS = ((1, "1s"), (10, "100ms"))


def find_pgbench():
    """A path; None where there is none: the servers of the tests come without."""
    folders = [path.parent for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench")]
    return shutil.which("pgbench", path=":".join(map(str, sorted(folders, reverse=True)))) or shutil.which("pgbench")


class Load:
    def __init__(self, pgbench, server, dbname, seconds):
        self._command = [pgbench, "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
        self._dbname = dbname
        self._seconds = seconds
        self._run("-i", "-q", "-s", str(SCALE))

    def _run(self, *arguments, folder=None):
        subprocess.run([*self._command, *arguments, self._dbname], env=environment(), cwd=folder, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, option):
        """Transactions per second and the slow ones' latency."""
        with tempfile.TemporaryDirectory(prefix="pgu-bench-") as folder:
            self._run("-n", "-M", "prepared", option, "-c", str(CLIENTS), "-T", str(self._seconds), "-l", folder=folder)
            # a line: client, number, microseconds, ...
            taken = sorted(int(line.split()[2]) for log in pathlib.Path(folder).iterdir()
                           for line in log.read_text().splitlines())
        return {"tps": len(taken) / self._seconds, "p99": taken[len(taken) * 99 // 100] / 1e6,
                "p99.9": taken[len(taken) * 999 // 1000] / 1e6}


class RunningWatch:
    """A watch that runs while the load does, and how often it looked."""

    def __init__(self, program, interval):
        self._process = subprocess.Popen(program.command("tree", "--watch", "--interval", interval, "--format", "json"),
                                         env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._process.stdout.readline()
        self._begun, self._looks = time.perf_counter(), 0
        self._reader = threading.Thread(target=self._count, daemon=True)
        self._reader.start()

    def _count(self):
        for _ in self._process.stdout:
            self._looks += 1

    def end(self):
        """Looks per second."""
        rate = self._looks / (time.perf_counter() - self._begun)
        if self._process.poll() is not None:
            raise RuntimeError("pgunlock tree --watch has ended")
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        return rate


def _round(load, option, program, shift):
    """One run each, none first or last or in between by turns: rate -> what it gave."""
    kinds = [(0, None), *WATCHERS]
    found = {}
    for rate, interval in kinds[shift % len(kinds):] + kinds[:shift % len(kinds)]:
        if interval is None:
            found[rate] = load.run(option)
            continue
        watch = RunningWatch(program, interval)
        try:
            result = load.run(option)
        finally:
            looks = watch.end()
        found[rate] = result | {"looks": looks}
    return found


def measure(db, program, rounds, seconds, say):
    """A row for each workload and rate: ratios to no watcher, run against run of the same round."""
    load = Load(find_pgbench(), db.server, db.name, seconds)
    rows = []
    for name, option in WORKLOADS:
        say(f"  pgbench, {name}")
        load.run(option)
        done = [_round(load, option, program, number) for number in range(rounds)]
        rows.append({"workload": name, "rate": 0, **_medians(done, 0)})
        for rate, _ in WATCHERS:
            ratios = {what: statistics.median(one[rate][what] / one[0][what] for one in done)
                      for what in ("tps", "p99", "p99.9")}
            rows.append({"workload": name, "rate": rate, **_medians(done, rate), "ratios": ratios})
    return rows


def _medians(done, rate):
    return {what: statistics.median(one[rate][what] for one in done) for what in done[0][rate]}
