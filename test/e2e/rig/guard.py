"""Guards under test: a policy file, the program that runs by it, and what it leaves behind."""

import signal
import sqlite3
import urllib.request

from .server import free_port
from .waiting import wait_until

LEASE_KEY = (1885828462, 1819239275)
LEADS = "this guard has the lease"


def conninfo(db, **parts):
    """How a guard connects to a test's database."""
    words = {"host": "127.0.0.1", "port": db.server.port, "dbname": db.name, "user": "pgunlock", **parts}
    return " ".join(f"{key}={value}" for key, value in words.items())


def section(kind, name="", **keys):
    lines = [f"[{kind} {name}]" if name else f"[{kind}]"]
    lines += [f"{key} = {value}" for key, value in keys.items() if value is not None]
    return "\n".join(lines) + "\n"


def rule(name="any", **keys):
    """A rule that acts soon after somebody waits, unless it says otherwise: not before a jam of a few sessions is staged."""
    return section("rule", name, **{"action": "terminate", "blocked_for": "300ms", **keys})


def lease_holders(db):
    """pids of those who have the lease, in any database."""
    return [row[0] for row in db.server.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                                             " AND classid::int8 = %s AND objid::int8 = %s AND objsubid = 2", *LEASE_KEY)]


class Guard:
    """guard_keys: of [guard]. servers: name -> conninfo; rules: texts of sections, in order."""

    def __init__(self, program, folder, servers, rules, notify="", name="guard", **guard_keys):
        self.program = program
        self.folder = folder
        self.file = folder / f"{name}.conf"
        self.log_file = folder / f"{name}.log"
        self.history = folder / f"{name}.db"
        self.audit = folder / f"{name}.audit.jsonl"
        self.servers = servers
        self.notify = notify
        self.metrics_port = free_port()
        self.keys = {"poll": "200ms", "history": self.history, "audit": self.audit,
                     "metrics": f"127.0.0.1:{self.metrics_port}", "dry_run": "false", **guard_keys}
        self.process = None
        self.write(rules)

    def write(self, rules, **guard_keys):
        """The policy file anew."""
        self.keys.update(guard_keys)
        text = section("guard", **self.keys)
        text += "".join(section("server", name, conninfo=place) for name, place in self.servers.items())
        self.file.write_text(text + self.notify + "".join(rules), encoding="utf-8")

    def start(self, wait_for=LEADS, env=None):
        """Runs it, and waits until its log says that (once for each server)."""
        log = open(self.log_file, "ab")
        self.process = self.program.start("guard", "--config", self.file, env=env, stdout=log, stderr=log)
        log.close()
        if wait_for:
            self.expect(wait_for, len(self.servers))
        return self

    def log(self):
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def expect(self, text, times=1, timeout=20):
        """Until the log has that text so often."""
        def has_it():
            if self.process.poll() is not None and self.log().count(text) < times:
                raise AssertionError(f"the guard ended ({self.process.returncode}): {self.log()}")
            return self.log().count(text) >= times
        try:
            wait_until(has_it, f"the guard says {text!r}", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.log()}") from None

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=30):
        """Tells it to end, and holds what it printed to what must hold always."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout)
        assert "Sanitizer" not in self.log() and "runtime error" not in self.log(), self.log()
        assert "CRITICAL" not in self.log(), self.log()
        assert self.process.returncode == 0, f"exit {self.process.returncode}: {self.log()}"

    def audit_lines(self):
        return self.program.audit_lines(self.audit) if self.audit.exists() else []

    def acts(self):
        """(rule, session, act) of all that was signalled, by the audit log."""
        return [(line["rule"], item["session"], item["act"]) for line in self.audit_lines() if line["stage"] == "planned"
                for item in line["plan"] if not item["refused"]]

    def results(self):
        """session -> results, in order, by the audit log."""
        found = {}
        for line in self.audit_lines():
            for result in line["results"] if line["stage"] == "done" else []:
                found.setdefault(result["session"], []).append(result["result"])
        return found

    def metrics(self):
        """name{labels} -> value"""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}

    def polls_on(self, n=4, server="main"):
        """Until it has looked so often again."""
        name = f'pgunlock_look_duration_seconds_count{{server="{server}"}}'
        before = self.metrics()[name]
        wait_until(lambda: self.metrics()[name] >= before + n, "it polls on")

    def query(self, sql, *parameters):
        """Asks the history, while a guard writes to it, too."""
        connection = sqlite3.connect(f"file:{self.history}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()
