-- Whether processes that had locks a moment ago still have them, in the same transaction. Without any, as it is
-- asked to fill our caches (pg/rehearsal.h), the lock table isn't copied.
SELECT l.pid, l.virtualtransaction
FROM pg_catalog.pg_lock_status() l
WHERE pg_catalog.cardinality($1::pg_catalog.int4[]) > 0
	AND l.pid = ANY ($1::pg_catalog.int4[])
