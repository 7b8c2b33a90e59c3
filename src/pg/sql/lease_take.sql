-- The lease on this server, for this session, unless another one of this database has it. Whoever has it must not ask
-- again: it would have it twice.
SELECT pg_catalog.pg_try_advisory_lock($1::pg_catalog.int4, $2::pg_catalog.int4) AS taken
