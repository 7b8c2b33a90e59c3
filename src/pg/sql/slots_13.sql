-- How many connections the server takes, how many of those are kept from our role, and how many are
-- taken. Walsenders, autovacuum and background workers don't count: they have slots of their own.
-- Sessions that we may not look into are known by their database. One that is logging in has no row in
-- pg_stat_get_activity yet, but its locks.
WITH activity AS (
	SELECT a.pid, a.backend_type, a.datid
	FROM pg_catalog.pg_stat_get_activity(NULL::pg_catalog.int4) a
), taken AS (
	SELECT a.pid
	FROM activity a
	WHERE a.backend_type = 'client backend' OR (a.backend_type IS NULL AND a.datid IS NOT NULL)
	UNION
	SELECT l.pid
	FROM pg_catalog.pg_lock_status() l
	WHERE l.pid IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.pid = l.pid AND a.backend_type IS NOT NULL)
)
SELECT
	pg_catalog.current_setting('max_connections')::pg_catalog.int4 AS slots,
	CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN 0
		ELSE pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
		END AS kept,
	(SELECT pg_catalog.count(*)::pg_catalog.int4 FROM taken) AS taken
