-- Ahead of a statement that acts, in one transaction with it: divides by zero, so that nothing is done, unless this
-- session alone has the lease.
SELECT 1 OPERATOR(pg_catalog./) CASE
	WHEN pg_catalog.count(*) FILTER (WHERE l.pid = pg_catalog.pg_backend_pid()) > 0
		AND pg_catalog.count(*) FILTER (WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()) = 0 THEN 1
	ELSE 0
	END AS is_ours
FROM pg_catalog.pg_lock_status() l
WHERE l.locktype = 'advisory' AND l.granted
	AND (l.classid, l.objid, l.objsubid) = ($1::pg_catalog.oid, $2::pg_catalog.oid, 2::pg_catalog.int2)
