-- How many wait for a lock, as far as the server tells, and how many it doesn't tell us of. Touches neither the
-- lock table nor a catalog's rows.
SELECT
	pg_catalog.count(*) FILTER (WHERE e.wait_event_type = 'Lock')::pg_catalog.int4 AS waiting,
	pg_catalog.count(*) FILTER (WHERE e.wait_event_type = '<insufficient privilege>')::pg_catalog.int4 AS hidden,
	pg_catalog.clock_timestamp() AS now
FROM pg_catalog.pg_stat_get_backend_idset() b(id)
	CROSS JOIN LATERAL pg_catalog.pg_stat_get_backend_wait_event_type(b.id) e(wait_event_type)
