-- What tables are partitions of or inherit from, nearest first: of the tables among these relations, and of those that
-- the indexes and TOAST tables among them belong to (see relations.sql). A table without any has a row that says so.
WITH RECURSIVE asked AS (
	SELECT c.oid, coalesce(i.indrelid, c.oid) AS base
	FROM pg_catalog.unnest($1::pg_catalog.oid[]) u(oid)
		JOIN pg_catalog.pg_class c ON c.oid = u.oid
		LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
), tables AS (
	SELECT DISTINCT coalesce(t.oid, a.base) AS oid
	FROM asked a
		JOIN pg_catalog.pg_class b ON b.oid = a.base
		LEFT JOIN pg_catalog.pg_class t ON t.reltoastrelid = b.oid
			AND t.oid = CASE b.relkind WHEN 't' THEN
				substring(b.relname::pg_catalog.text from '^pg_toast_([0-9]+)$')::pg_catalog.oid END
), lineage AS (
	SELECT t.oid AS table_oid, i.inhparent, 1 AS distance
	FROM tables t
		JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.oid
	UNION
	SELECT l.table_oid, i.inhparent, l.distance + 1
	FROM lineage l
		JOIN pg_catalog.pg_inherits i ON i.inhrelid = l.inhparent
), ancestors AS (
	SELECT l.table_oid, l.inhparent, pg_catalog.min(l.distance) AS distance
	FROM lineage l
	GROUP BY l.table_oid, l.inhparent
)
SELECT t.oid AS table_oid, a.inhparent AS oid, n.nspname::pg_catalog.text AS schema,
	c.relname::pg_catalog.text AS name, c.relkind
FROM tables t
	LEFT JOIN ancestors a ON a.table_oid = t.oid
	LEFT JOIN pg_catalog.pg_class c ON c.oid = a.inhparent
	LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY t.oid, a.distance, a.inhparent
