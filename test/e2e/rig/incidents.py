"""Lock jams that several tests start from."""

UPDATE_LOGIN = "UPDATE login_sessions SET token = 'new' WHERE user_id = 42"


class Login:
    """An application crashed half-way through a login: its pooled connection stayed open, idle in a transaction which
    holds one row. Everybody who logs in as that user waits."""

    def __init__(self, db, waiters=3, in_transaction=False, **holder):
        self.holder = db.transaction(UPDATE_LOGIN, application="login-service", **holder)
        self.waiters = []
        self.db = db
        self.arrive(waiters, in_transaction)

    def arrive(self, waiters, in_transaction=False):
        """More who log in."""
        for _ in range(waiters):
            # the first in the queue waits for the holder's transaction, the others for the first one's turn
            by = self.waiters or [self.holder]
            self.waiters.append(self.db.waiter(UPDATE_LOGIN, by=by, application="login-service",
                                               in_transaction=in_transaction))

    def all_get_in(self):
        for waiter in self.waiters:
            assert waiter.error() is None
        return True

    def nothing_moved(self):
        """The holder still holds, the waiters still wait."""
        self.db.all_alive(self.holder, *self.waiters)
        assert self.db.server.state(self.holder.pid) == "idle in transaction"
        assert all(self.db.server.waits(waiter.pid) for waiter in self.waiters)
        return True


class DdlQueue:
    """A reader forgot to end its transaction, a migration waits behind it, and everybody else behind the migration."""

    def __init__(self, db, readers=3):
        self.db = db
        self.reader = db.transaction("SELECT count(*) FROM orders", application="reporting", user="bi")
        self.ddl = db.waiter("ALTER TABLE orders ADD COLUMN due date", by=[self.reader], application="migrator",
                             user="deploy")
        self.queue = [db.waiter("SELECT count(*) FROM orders", by=[self.ddl], application="shop")
                      for _ in range(readers)]


class ShareLockers:
    """Several sessions share a lock on a table, another one wants to write: no single one of them can let it go on.
    others: sessions in a transaction that are to share it, too."""

    def __init__(self, db, sharers=3, others=()):
        self.sharers = [db.transaction(application="stocktaking") for _ in range(sharers)] + list(others)
        for sharer in self.sharers:
            sharer.run("LOCK TABLE stock IN SHARE MODE")
        self.writer = db.waiter("UPDATE stock SET amount = 1 WHERE id = 1", by=self.sharers, application="shop")
