-- Whether xmax, read as a transaction's number, is of one in progress. The full number is the one that is
-- nearest to where numbers are now; one that has not been given out yet is an error (22023).
SELECT pg_catalog.pg_xact_status(f.full_xid::pg_catalog.text::pg_catalog.xid8)
	IS NOT DISTINCT FROM 'in progress' AS in_progress
FROM (SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8 AS now) n
	CROSS JOIN LATERAL (
		SELECT n.now + ((($1::pg_catalog.int8 - n.now) & 4294967295) + 2147483648) % 4294967296 - 2147483648
	) f(full_xid)
WHERE f.full_xid >= 3
