SELECT w.pid, pg_catalog.pg_blocking_pids(w.pid) AS blockers
FROM pg_catalog.unnest($1::pg_catalog.int4[]) w(pid)
