-- The columns of each table's key, in order: of its primary key, else of the unique index with the
-- fewest columns that can't be NULL. None for tables that we may not read.
SELECT k.indrelid AS relation, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name,
	a.attname::pg_catalog.text AS "column"
FROM (
	SELECT DISTINCT ON (x.indrelid) x.indrelid, x.indkey, x.indnkeyatts
	FROM pg_catalog.pg_index x
	WHERE x.indrelid = ANY ($1::pg_catalog.oid[])
		AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
		AND pg_catalog.has_table_privilege(x.indrelid, 'SELECT')
		AND NOT EXISTS (
			SELECT 1
			FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) i(n)
				JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[i.n]
			WHERE NOT a.attnotnull)
	ORDER BY x.indrelid, x.indisprimary DESC, x.indnkeyatts, x.indexrelid
) k
	CROSS JOIN LATERAL pg_catalog.generate_series(0, k.indnkeyatts - 1) i(n)
	JOIN pg_catalog.pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = k.indkey[i.n]
	JOIN pg_catalog.pg_class c ON c.oid = k.indrelid
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY k.indrelid, i.n
