"""Reads what a client says in PostgreSQL's frontend protocol (documentation, "Message Formats"), so that a test can stop
it at a certain statement."""

import re
import struct

_SSL, _GSSENC, _CANCEL = 80877103, 80877104, 80877102


class Statement:
    """A statement about to be executed: its text and its parameters as raw bytes; or the startup packet, with the text
    "startup"."""

    def __init__(self, sql, parameters=()):
        self.sql = sql
        self.parameters = list(parameters)

    def mentions(self, number):
        """Whether a number (a pid) is in its text or in a parameter, in text or binary, arrays included."""
        word = re.compile(rb"(?<![0-9])%d(?![0-9])" % number)
        if word.search(self.sql.encode()):
            return True
        return any(word.search(value) or struct.pack("!i", number) in value for value in self.parameters if value)


class FrontendStream:
    """Cuts a client's bytes into messages."""

    def __init__(self):
        self._buffer = b""
        self._in_startup = True
        self._statements = {}

    def feed(self, data):
        """Yields (bytes of one message, the Statement that it executes or None)."""
        self._buffer += data
        while True:
            header = 0 if self._in_startup else 1
            if len(self._buffer) < header + 4:
                return
            length = header + struct.unpack_from("!i", self._buffer, header)[0]
            if len(self._buffer) < length:
                return
            message, self._buffer = self._buffer[:length], self._buffer[length:]
            yield message, self._read(message)

    def _read(self, message):
        if self._in_startup:
            code = struct.unpack_from("!i", message, 4)[0]
            if code in (_SSL, _GSSENC, _CANCEL):
                return None
            self._in_startup = False
            return Statement("startup", [message[8:]])
        kind, body = message[:1], message[5:]
        if kind == b"Q":
            return Statement(body.rstrip(b"\0").decode(errors="replace"))
        if kind == b"P":
            name, sql, _ = body.split(b"\0", 2)
            self._statements[name] = sql.decode(errors="replace")
        if kind == b"B":
            return self._read_bind(body)
        return None

    def _read_bind(self, body):
        _, name, rest = body.split(b"\0", 2)
        position = 2 + 2 * struct.unpack_from("!h", rest)[0]
        count = struct.unpack_from("!h", rest, position)[0]
        position += 2
        parameters = []
        for _ in range(count):
            length = struct.unpack_from("!i", rest, position)[0]
            position += 4
            parameters.append(None if length < 0 else rest[position:position + length])
            position += max(length, 0)
        return Statement(self._statements.get(name, ""), parameters)
