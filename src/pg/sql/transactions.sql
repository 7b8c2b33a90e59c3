-- The statements of sessions in transactions. Those of a second or less are an application's daily life.
SELECT
	a.pid, a.backend_start, a.xact_start, a.query_start, a.state_change, a.state, a.query,
	pg_catalog.clock_timestamp() AS now
FROM pg_catalog.pg_stat_get_activity(NULL::pg_catalog.int4) a
WHERE a.backend_type = 'client backend'
	AND a.xact_start < pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '1 second'::pg_catalog.interval
	AND a.pid <> pg_catalog.pg_backend_pid()
