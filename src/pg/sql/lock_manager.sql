-- Who waits for an LWLock of the lock manager, and, if anybody does, who runs and waits for nothing. The
-- functions of backend status take none of these locks, so that they answer when nothing else does. While nobody
-- waits each backend is asked one thing, and only one.
WITH waiters AS MATERIALIZED (
	SELECT pg_catalog.pg_stat_get_backend_pid(b.id) AS pid
	FROM pg_catalog.pg_stat_get_backend_idset() b(id)
	WHERE pg_catalog.pg_stat_get_backend_wait_event_type(b.id) = 'LWLock'
		AND pg_catalog.pg_stat_get_backend_wait_event(b.id) = 'LockManager'
), backends AS (
	SELECT
		pg_catalog.pg_stat_get_backend_pid(b.id) AS pid,
		pg_catalog.pg_stat_get_backend_wait_event(b.id) IS NULL AS waits_for_nothing
	FROM pg_catalog.pg_stat_get_backend_idset() b(id)
	WHERE EXISTS (SELECT FROM waiters)
), known AS (
	SELECT
		b.pid,
		b.pid IN (SELECT w.pid FROM waiters w) AS is_waiting,
		b.waits_for_nothing AND b.pid <> pg_catalog.pg_backend_pid() AS may_run
	FROM backends b
)
SELECT
	k.pid, k.is_waiting, a.usesysid, a.application_name, a.query_start, a.query,
	pg_catalog.clock_timestamp() AS now
FROM known k
	LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(k.pid) a ON k.may_run AND NOT k.is_waiting
WHERE k.is_waiting OR a.state IN ('active', 'fastpath function call', 'disabled')
