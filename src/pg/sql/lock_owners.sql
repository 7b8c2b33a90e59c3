-- Whether processes that had locks a moment ago still have them, in the same transaction.
SELECT l.pid, l.virtualtransaction
FROM pg_catalog.pg_lock_status() l
WHERE l.pid = ANY ($1::pg_catalog.int4[])
