"""A TCP proxy before a server: it can fall silent, and it can stop a client just before a certain statement reaches the
server, so that a test can change the world in between."""

import socket
import threading

from .protocol import FrontendStream
from .waiting import PATIENCE


class Hold:
    """Stops the first statement for which matches(statement) is true."""

    def __init__(self, matches, description):
        self._matches = matches
        self._description = description
        self._arrived = threading.Event()
        self._released = threading.Event()
        self.statement = None

    def wait(self, timeout=PATIENCE):
        """Until the client has sent that statement; the server has not seen it."""
        if not self._arrived.wait(timeout):
            raise AssertionError(f"the client did not come to {self._description} in {timeout:g} s")
        return self.statement

    def has_arrived(self):
        return self._arrived.is_set()

    def release(self):
        self._released.set()

    def consider(self, statement):
        if self._arrived.is_set() or not self._matches(statement):
            return
        self.statement = statement
        self._arrived.set()
        self._released.wait()


def after_signal(pid):
    """Matches the first look of a client that has had the answer to its pg_terminate_backend of this pid."""
    signalled = []

    def matches(statement):
        if "pg_terminate_backend" in statement.sql and statement.mentions(pid):
            signalled.append(pid)
            return False
        return bool(signalled) and "pg_lock_status" in statement.sql
    return matches


class Proxy:
    def __init__(self, server_port):
        self._server_port = server_port
        self._holds = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets = []
        self._lost = set()
        self._lock = threading.Lock()
        self._closed = False
        self.statements = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self, matches, description="the statement to hold"):
        hold = Hold(matches, description)
        self._holds.append(hold)
        return hold

    def hold_sql(self, text, mentioning=None):
        """Holds the first statement that has this text in it, and, if given, this pid in its text or parameters."""
        return self.hold(lambda statement: text.lower() in statement.sql.lower()
                         and (mentioning is None or statement.mentions(mentioning)), f"a statement with {text!r}")

    def lead_to(self, server_port):
        """New connections go there, as a balancer's do."""
        self._server_port = server_port

    def fall_silent(self):
        """Forwards nothing more, in no direction; connections stay open, and new ones are taken and left alone."""
        self._flowing.clear()

    def speak(self):
        self._flowing.set()

    def lose(self):
        """The connections that are open by now are lost on the way: neither end hears anything more of the other, not even
        that it is gone. New ones are served."""
        with self._lock:
            self._lost.update(self._sockets)

    def close(self):
        with self._lock:
            self._closed = True
            sockets, self._sockets = self._sockets, []
        for hold in self._holds:
            hold.release()
        self._flowing.set()
        self._listener.close()
        for one in sockets:
            _shut(one)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        self._flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            client.close()
            return
        with self._lock:
            if self._closed:
                client.close()
                server.close()
                return
            self._sockets += [client, server]
        answers = threading.Thread(target=self._pump, args=(server, client, lambda data: [(data, None)]), daemon=True)
        answers.start()
        self._pump(client, server, FrontendStream().feed)
        if client in self._lost:
            return
        answers.join()
        _shut(client)
        _shut(server)

    def _pump(self, source, target, cut):
        """Forwards until source says no more; that is forwarded, too. What target doesn't take any more is dropped: to
        close a connection with unread data in it would destroy the last words of the other side."""
        try:
            while (data := source.recv(65536)) or source in self._lost:
                if source in self._lost:
                    if not data:
                        return
                    continue
                for piece, statement in cut(data):
                    if statement is not None:
                        self.statements.append(statement)
                        for hold in self._holds:
                            hold.consider(statement)
                    self._flowing.wait()
                    _send(target, piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            if source not in self._lost:
                _shut(target)


def _send(target, data):
    try:
        target.sendall(data)
    except OSError:
        pass


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
