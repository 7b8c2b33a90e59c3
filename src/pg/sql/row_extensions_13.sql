-- Extensions that tell what a row's xmax is, where they are installed and we may use them. The functions that we
-- call must be the extension's own, with just these arguments: whoever may create functions in its schema
-- could have made others.
SELECT e.extname::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema
FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
	JOIN pg_catalog.pg_roles r ON r.rolname = current_user
WHERE (e.extname = 'pgrowlocks' AND (r.rolsuper
			OR pg_catalog.pg_has_role('pg_stat_scan_tables', 'USAGE')
			OR pg_catalog.has_table_privilege($1::pg_catalog.oid, 'SELECT'))
		OR e.extname = 'pageinspect' AND r.rolsuper)
	AND NOT EXISTS (
		SELECT 1
		FROM (VALUES
			('pgrowlocks', 'pgrowlocks', 'text'),
			('pageinspect', 'get_raw_page', 'text, text, integer'),
			('pageinspect', 'heap_page_items', 'bytea')
		) called(extension, name, arguments)
		WHERE called.extension = e.extname AND NOT EXISTS (
			SELECT 1
			FROM pg_catalog.pg_proc p
				JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
					AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid
					AND d.deptype = 'e'
			WHERE p.pronamespace = n.oid AND p.proname = called.name
				AND pg_catalog.oidvectortypes(p.proargtypes) = called.arguments))
ORDER BY e.extname
