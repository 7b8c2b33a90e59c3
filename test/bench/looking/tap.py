"""A TCP relay before the server that notes when how many bytes went which way. The bytes themselves stay in the kernel
(splice), so that it costs little beside what is measured; and everything that is compared goes through one."""

import os
import select
import socket
import threading
import time

PIECE = 1 << 20


class Passage:
    """So many bytes went to the server, or came from it; when by time.perf_counter(). connection: which of the tap's."""

    def __init__(self, to_server, size, connection=0):
        self.when = time.perf_counter()
        self.to_server = to_server
        self.size = size
        self.connection = connection


class Exchange:
    """The client says something and the server answers: one round trip, in seconds and bytes."""

    def __init__(self, begun):
        self.begun = begun
        self.ended = begun
        self.bytes = 0

    @property
    def seconds(self):
        return self.ended - self.begun


def exchanges(passages):
    """What passed, as round trips: a new one begins where the client speaks after the server did. Only of the connection on
    which the client spoke first: another one may ask at the same time."""
    found = []
    client_spoke_last = False
    first = next((passage.connection for passage in passages if passage.to_server), None)
    for passage in passages:
        if passage.connection != first:
            continue
        if passage.to_server:
            if not client_spoke_last:
                found.append(Exchange(passage.when))
        elif found:
            found[-1].ended = passage.when
            found[-1].bytes += passage.size
        client_spoke_last = passage.to_server
    return found


class Tap:
    def __init__(self, server_port):
        self._server_port = server_port
        self._passages = []
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self):
        self._passages = []

    def exchanges(self):
        """Since the last reset()."""
        return exchanges(list(self._passages))

    def is_asked_since(self, when):
        """Whether the client has said something after that moment."""
        return any(passage.to_server and passage.when > when for passage in list(self._passages))

    def close(self):
        for one in [self._listener, *self._sockets]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            threading.Thread(target=self._relay, args=(client, server), daemon=True).start()

    def _relay(self, client, server):
        end, begin = os.pipe()
        poll = select.poll()
        for one in (client, server):
            poll.register(one, select.POLLIN)
        try:
            while True:
                for fd, _ in poll.poll():
                    to_server = fd == client.fileno()
                    source, target = (client, server) if to_server else (server, client)
                    size = left = os.splice(source.fileno(), begin, PIECE)
                    if size == 0:
                        return
                    # noted before it is handed on: whoever has an answer finds it here
                    passage = Passage(to_server, size, client.fileno())
                    self._passages.append(passage)
                    while left > 0:
                        left -= os.splice(end, target.fileno(), left)
                    # a question has come when it arrives here, an answer when it is handed on
                    if not to_server:
                        passage.when = time.perf_counter()
        except OSError:
            pass
        finally:
            os.close(end)
            os.close(begin)
            for one in (client, server):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
