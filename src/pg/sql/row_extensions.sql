-- Extensions that tell what a row's xmax is, where they are installed and we may use them.
SELECT e.extname::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema
FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
	JOIN pg_catalog.pg_roles r ON r.rolname = current_user
WHERE e.extname = 'pgrowlocks' AND (r.rolsuper
		OR pg_catalog.pg_has_role('pg_stat_scan_tables', 'USAGE')
		OR pg_catalog.has_table_privilege($1::pg_catalog.oid, 'SELECT'))
	OR e.extname = 'pageinspect' AND r.rolsuper
ORDER BY e.extname
