-- A template: {schema} is where the extension is. It reads the whole table, so only a small one is asked about (relpages
-- is of the last ANALYZE).
SELECT l.locked_row AS ctid, l.locker AS xmax, l.multi AS is_multixact, l.modes[1] AS mode
FROM pg_catalog.pg_class c
	CROSS JOIN LATERAL {schema}.pgrowlocks(
		(SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
		FROM pg_catalog.pg_namespace n
		WHERE n.oid = c.relnamespace)) l
WHERE c.oid = $1::pg_catalog.oid AND c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid)
	<= 4096 * pg_catalog.current_setting('block_size')::pg_catalog.int8
