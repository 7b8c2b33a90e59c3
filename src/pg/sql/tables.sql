-- The relations that match a pattern ($1, $2: the name's regular expression and whether case counts;
-- $3, $4: the schema's, NULL for any), with their partitions, indexes and TOAST tables. Without a
-- schema the system's own tables are meant only when nothing else matches.
WITH RECURSIVE candidates AS (
	SELECT c.oid, n.nspname, c.relname,
		n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS is_system
	FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'm', 'f', 'S', 'v')
		AND CASE WHEN $2::pg_catalog.bool
			THEN c.relname::pg_catalog.text ~ $1::pg_catalog.text COLLATE pg_catalog.default
			ELSE c.relname::pg_catalog.text ~* $1::pg_catalog.text COLLATE pg_catalog.default END
		AND CASE WHEN $3::pg_catalog.text IS NULL THEN true
			WHEN $4::pg_catalog.bool
			THEN n.nspname::pg_catalog.text ~ $3::pg_catalog.text COLLATE pg_catalog.default
			ELSE n.nspname::pg_catalog.text ~* $3::pg_catalog.text COLLATE pg_catalog.default END
), matched AS (
	SELECT c.oid, c.nspname, c.relname
	FROM candidates c
	WHERE NOT c.is_system OR $3::pg_catalog.text IS NOT NULL
		OR NOT EXISTS (SELECT 1 FROM candidates o WHERE NOT o.is_system)
), family AS (
	SELECT m.oid FROM matched m
	UNION
	SELECT i.inhrelid
	FROM family f
		JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid
), stored AS (
	SELECT f.oid FROM family f
	UNION
	SELECT c.reltoastrelid
	FROM family f
		JOIN pg_catalog.pg_class c ON c.oid = f.oid
	WHERE c.reltoastrelid <> 0
), belonging AS (
	SELECT s.oid FROM stored s
	UNION
	SELECT i.indexrelid
	FROM stored s
		JOIN pg_catalog.pg_index i ON i.indrelid = s.oid
)
SELECT b.oid,
	CASE WHEN m.oid IS NOT NULL THEN
		pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(m.relname) END AS matched_as
FROM belonging b
	LEFT JOIN matched m ON m.oid = b.oid
ORDER BY m.nspname, m.relname
