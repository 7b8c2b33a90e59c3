-- A template: as row_read.sql, for rows whose places are known. ONLY: a child table has the same places.
SELECT tableoid, ctid, xmax{key}
FROM ONLY {table}
WHERE ctid = ANY ($1::pg_catalog.tid[])
