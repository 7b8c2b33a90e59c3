"""Receivers of what a guard tells: webhooks over HTTP, what systemd hears, and its journal."""

import http.server
import json
import os
import socket
import subprocess
import threading

from .program import Program

SECRET_PATH = "/services/T0pS3cret"


class Receiver:
    """answers: the HTTP statuses of the first requests; all others get 200."""

    def __init__(self, *answers):
        receiver = self
        self.answers = list(answers)
        self.requests = []  # (path, document), in the order in which they came

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.requests.append((self.path, json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}{SECRET_PATH}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def notices(self):
        """Of all requests what is for programs."""
        return [document["pgunlock"] for _, document in self.requests]

    def kinds(self):
        return [notice["kind"] for notice in self.notices()]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Socket:
    """One that takes messages."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.heard = []  # messages, in the order in which they came

    def listen(self):
        try:
            while True:
                self.heard.append(self.socket.recv(1 << 20).decode())
        except BlockingIOError:
            return self.heard

    def close(self):
        self.socket.close()


class ServiceManager(Socket):
    """What systemd hears from a service (sd_notify(3))."""

    def __init__(self, folder):
        super().__init__(folder / "notify.socket")

    def environment(self, watchdog_us):
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(watchdog_us)}

    def count(self, line):
        """How often it has heard that."""
        return "\n".join(self.listen()).splitlines().count(line)


class JournalSocket(Socket):
    """The journal's own, for programs that run where this one is mounted in place of the machine's. Of the protocol
    (https://systemd.io/JOURNAL_NATIVE_PROTOCOL) only what values without a newline need."""

    MOUNT = 'mount -t tmpfs none /run/systemd && mkdir /run/systemd/journal && mount --bind "$0" /run/systemd/journal'

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        super().__init__(folder / "socket")

    def wrap(self, command):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{self.MOUNT} && exec "$@"',
                str(self.folder), *command]

    def is_possible(self):
        """Only root may mount, and not in every container."""
        return os.geteuid() == 0 and subprocess.run(self.wrap(["true"]), stderr=subprocess.DEVNULL).returncode == 0

    def entries(self):
        """A dict for each entry: field to value."""
        return [dict(line.split("=", 1) for line in message.splitlines()) for message in self.listen()]


class LoggingProgram(Program):
    """One whose journal is this one."""

    def __init__(self, program, journal):
        super().__init__(program.path, program.home)
        self.journal = journal
        self._running = program._running

    def command(self, *arguments):
        return self.journal.wrap(super().command(*arguments))
