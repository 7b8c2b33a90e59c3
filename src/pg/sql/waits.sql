-- Who waits for whom, without a copy of the lock table: as pg_blocking_pids says of each backend that waits for a
-- lock. That takes time with the square of a queue's length, so of very many it isn't asked. One row at least:
-- how many wait, and how many backends are hidden from us.
WITH backends AS MATERIALIZED (
	SELECT b.id, pg_catalog.pg_stat_get_backend_wait_event_type(b.id) AS wait_event_type
	FROM pg_catalog.pg_stat_get_backend_idset() b(id)
), waiting AS MATERIALIZED (
	SELECT pg_catalog.pg_stat_get_backend_pid(b.id) AS pid
	FROM backends b
	WHERE b.wait_event_type = 'Lock'
), tally AS (
	SELECT
		(SELECT pg_catalog.count(*) FROM waiting)::pg_catalog.int4 AS waiting,
		(SELECT pg_catalog.count(*) FROM backends b WHERE b.wait_event_type = '<insufficient privilege>')
			::pg_catalog.int4 AS hidden
)
SELECT t.waiting, t.hidden, w.pid, pg_catalog.pg_blocking_pids(w.pid) AS blockers
FROM tally t
	LEFT JOIN waiting w ON t.waiting <= 200
