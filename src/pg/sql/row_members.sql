-- The members of xmax read as a multixact's number, and whether each is in progress (as in
-- row_status.sql). A number that is none is an error (XX000).
SELECT m.xid, m.mode,
	pg_catalog.pg_xact_status(CASE WHEN f.full_xid >= 3 THEN f.full_xid::pg_catalog.text::pg_catalog.xid8 END)
		IS NOT DISTINCT FROM 'in progress' AS in_progress
FROM pg_catalog.pg_get_multixact_members($1::pg_catalog.text::pg_catalog.xid) m
	CROSS JOIN (SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8 AS now) n
	CROSS JOIN LATERAL (
		SELECT n.now + (((m.xid::pg_catalog.text::pg_catalog.int8 - n.now) & 4294967295) + 2147483648) % 4294967296 - 2147483648
	) f(full_xid)
