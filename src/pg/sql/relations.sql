-- Names of relations, and of the tables that indexes and TOAST tables among them belong to. There is
-- no index on reltoastrelid, so a TOAST table's owner is taken from its name and checked.
WITH asked AS (
	SELECT c.oid, coalesce(i.indrelid, c.oid) AS base
	FROM pg_catalog.unnest($1::pg_catalog.oid[]) u(oid)
		JOIN pg_catalog.pg_class c ON c.oid = u.oid
		LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
), owned AS (
	SELECT a.oid, coalesce(t.oid, a.base) AS table_oid
	FROM asked a
		JOIN pg_catalog.pg_class b ON b.oid = a.base
		LEFT JOIN pg_catalog.pg_class t ON t.reltoastrelid = b.oid
			AND t.oid = CASE b.relkind WHEN 't' THEN
				substring(b.relname::pg_catalog.text from '^pg_toast_([0-9]+)$')::pg_catalog.oid END
)
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, c.relkind,
	c.relisshared, o.table_oid
FROM (SELECT oid, table_oid FROM owned UNION SELECT table_oid, table_oid FROM owned) o
	JOIN pg_catalog.pg_class c ON c.oid = o.oid
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
