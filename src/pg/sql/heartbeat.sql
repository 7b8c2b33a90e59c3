-- How many wait for a lock, as far as the server tells, how many it doesn't tell us of, and whether somebody waits
-- for the lock manager itself. Touches neither the lock table nor a catalog's rows.
SELECT
	pg_catalog.count(*) FILTER (WHERE e.wait_event_type = 'Lock')::pg_catalog.int4 AS waiting,
	pg_catalog.count(*) FILTER (WHERE e.wait_event_type = '<insufficient privilege>')::pg_catalog.int4 AS hidden,
	pg_catalog.min(pg_catalog.pg_stat_get_backend_pid(b.id)) FILTER (WHERE e.wait_event_type = 'LWLock'
		AND pg_catalog.pg_stat_get_backend_wait_event(b.id) = 'LockManager') AS lock_manager_waiter,
	pg_catalog.clock_timestamp() AS now
FROM pg_catalog.pg_stat_get_backend_idset() b(id)
	CROSS JOIN LATERAL pg_catalog.pg_stat_get_backend_wait_event_type(b.id) e(wait_event_type)
