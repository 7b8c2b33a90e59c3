-- Who has the lease, in whichever database: an advisory key belongs to one, so that sessions in two of them can have it
-- at the same time.
SELECT
	l.pid, l.database, l.pid = pg_catalog.pg_backend_pid() AS is_own
FROM pg_catalog.pg_lock_status() l
WHERE l.locktype = 'advisory' AND l.granted
	AND (l.classid, l.objid, l.objsubid) = ($1::pg_catalog.oid, $2::pg_catalog.oid, 2::pg_catalog.int2)
