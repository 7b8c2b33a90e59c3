"""Sessions that use up a server's connection slots."""

import re

from .waiting import wait_until

# Of a server for such tests. From 16 on some are kept for members of pg_use_reserved_connections, too.
SLOTS, FOR_SUPERUSERS, RESERVED = 20, 2, 2


def settings(major):
    reserved = {"reserved_connections": RESERVED} if major >= 16 else {}
    return {"max_connections": SLOTS, "superuser_reserved_connections": FOR_SUPERUSERS, "max_wal_senders": 2, **reserved}


def taken(server):
    """As the server counts them; the rig's own connection is among them."""
    return server.value("SELECT count(*) FROM pg_stat_get_activity(NULL) WHERE backend_type = 'client backend'")


def leave(db, free):
    """Opens sessions until so many slots are free. As superuser: nobody else gets the last ones."""
    wait_until(lambda: not db.server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgunlock'"),
               "those who leave have left")
    while SLOTS - taken(db.server) > free:
        db.session(user="postgres", application="crowd")
    wait_until(lambda: SLOTS - taken(db.server) == free, f"{free} slots are free")


class Log:
    """Who was let in since this was made, by the server's own log."""

    def __init__(self, server):
        self._file = server.log
        self._start = len(self._read())

    def _read(self):
        return self._file.read_text(errors="replace")

    def logins(self):
        """The databases into which pgunlock came, in order."""
        return re.findall(r"connection authorized: .* database=(\S+) application_name=pgunlock", self._read()[self._start:])
