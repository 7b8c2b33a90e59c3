"""Receivers of what a guard tells: webhooks over HTTP, and what systemd hears."""

import http.server
import json
import socket
import threading

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


class ServiceManager:
    """The socket on which systemd hears from a service (sd_notify(3))."""

    def __init__(self, folder):
        self.path = folder / "notify.socket"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)
        self.heard = []  # lines, in the order in which they came

    def environment(self, watchdog_us):
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(watchdog_us)}

    def count(self, line):
        """How often it has heard that."""
        try:
            while True:
                self.heard += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.heard.count(line)

    def close(self):
        self.socket.close()
