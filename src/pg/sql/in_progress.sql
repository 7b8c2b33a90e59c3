-- Which of these transactions, subtransactions included, are in progress (as in row_status.sql).
SELECT x.xid
FROM pg_catalog.unnest($1::pg_catalog.oid[]) x(xid)
	CROSS JOIN (SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8 AS now) n
	CROSS JOIN LATERAL (
		SELECT n.now + (((x.xid::pg_catalog.int8 - n.now) & 4294967295) + 2147483648) % 4294967296 - 2147483648
	) f(full_xid)
WHERE pg_catalog.pg_xact_status(CASE WHEN f.full_xid >= 3 THEN f.full_xid::pg_catalog.text::pg_catalog.xid8 END)
	IS NOT DISTINCT FROM 'in progress'
