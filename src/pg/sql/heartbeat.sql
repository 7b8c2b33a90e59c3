-- Who waits for a lock, as far as the server tells, how many it doesn't tell us of, and whether somebody waits for
-- the lock manager itself. Touches neither the lock table nor a catalog's rows. OFFSET: each backend is asked once.
SELECT
	pg_catalog.array_agg(coalesce(pg_catalog.pg_stat_get_backend_pid(e.id), 0))
		FILTER (WHERE e.wait_event_type = 'Lock') AS waiting,
	pg_catalog.count(*) FILTER (WHERE e.wait_event_type = '<insufficient privilege>')::pg_catalog.int4 AS hidden,
	pg_catalog.min(pg_catalog.pg_stat_get_backend_pid(e.id)) FILTER (WHERE e.wait_event_type = 'LWLock'
		AND pg_catalog.pg_stat_get_backend_wait_event(e.id) = 'LockManager') AS lock_manager_waiter,
	pg_catalog.clock_timestamp() AS now
FROM (
	SELECT b.id, pg_catalog.pg_stat_get_backend_wait_event_type(b.id) AS wait_event_type
	FROM pg_catalog.pg_stat_get_backend_idset() b(id)
	OFFSET 0
) e
