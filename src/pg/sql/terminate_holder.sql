-- Signals only what is still what was seen; CASE evaluates its branches in order. $3: its
-- statement must be the one of $4; $5: its state and transaction those of $6 and $7.
-- It must still hold the advisory lock of database $8 with the columns $9, $10, $11.
SELECT CASE
	WHEN s.pid IS NULL THEN 'gone'
	WHEN s.backend_start IS NULL THEN 'hidden'
	WHEN s.backend_start <> $2::pg_catalog.timestamptz THEN 'gone'
	WHEN $3::pg_catalog.bool AND (s.state, s.query_start) IS DISTINCT FROM ('active', $4::pg_catalog.timestamptz) THEN 'changed'
	WHEN $5::pg_catalog.bool AND (s.state, s.xact_start) IS DISTINCT FROM ($6::pg_catalog.text, $7::pg_catalog.timestamptz) THEN 'changed'
	WHEN NOT EXISTS (
		SELECT FROM pg_catalog.pg_lock_status() l
		WHERE l.pid = $1::pg_catalog.int4 AND l.granted AND l.locktype = 'advisory'
			AND (l.database, l.classid, l.objid, l.objsubid)
				= ($8::pg_catalog.oid, $9::pg_catalog.oid, $10::pg_catalog.oid, $11::pg_catalog.int2)
	) THEN 'changed'
	WHEN pg_catalog.pg_terminate_backend($1::pg_catalog.int4) THEN 'sent'
	ELSE 'gone'
	END AS outcome
FROM (SELECT 1) one
	LEFT JOIN pg_catalog.pg_stat_get_activity($1::pg_catalog.int4) s ON true
