-- Who waits for an LWLock of the lock manager, and, if anybody does, who runs and waits for nothing. The
-- functions of backend status take none of these locks, so that they answer when nothing else does. What is
-- asked of each backend is the cheapest there is; the rest only of those that matter.
WITH backends AS MATERIALIZED (
	SELECT
		pg_catalog.pg_stat_get_backend_pid(b.id) AS pid,
		pg_catalog.pg_stat_get_backend_wait_event(b.id) AS wait_event,
		pg_catalog.pg_stat_get_backend_wait_event_type(b.id) AS wait_event_type
	FROM pg_catalog.pg_stat_get_backend_idset() b(id)
), known AS MATERIALIZED (
	SELECT
		b.pid,
		b.wait_event IS NOT NULL AND b.wait_event_type = 'LWLock' AND b.wait_event = 'LockManager' AS is_waiting,
		b.wait_event IS NULL AND b.pid <> pg_catalog.pg_backend_pid() AS may_run
	FROM backends b
)
SELECT
	k.pid, k.is_waiting, a.usesysid, a.application_name, a.query_start, a.query,
	pg_catalog.clock_timestamp() AS now
FROM known k
	LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(k.pid) a ON k.may_run
WHERE EXISTS (SELECT FROM known w WHERE w.is_waiting)
	AND (k.is_waiting OR a.state IN ('active', 'fastpath function call', 'disabled'))
