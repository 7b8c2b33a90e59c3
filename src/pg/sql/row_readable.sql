-- Which of these tables can be read without running anybody's code. To plan a SELECT is to compute what is
-- constant in the expressions and predicates of the table's indexes and in its extended statistics
-- (get_relation_info in src/backend/optimizer/util/plancat.c): functions that call themselves immutable run there.
-- So these may only use what came with the server (below 16384; most of that isn't in pg_depend at all), enums,
-- and what belongs to roles that have our privileges anyway. The tables of those are read in any case.
SELECT c.oid AS relation
FROM pg_catalog.pg_class c
WHERE c.oid = ANY ($1::pg_catalog.oid[]) AND c.relkind = 'r'
	AND (pg_catalog.pg_has_role(c.relowner, current_user, 'USAGE') OR NOT EXISTS (
		SELECT 1
		FROM (
			SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, x.indexrelid AS objid
			FROM pg_catalog.pg_index x
			WHERE x.indrelid = c.oid
			UNION ALL
			SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid
			FROM pg_catalog.pg_statistic_ext s
			WHERE s.stxrelid = c.oid
		) o
			JOIN pg_catalog.pg_depend d ON d.classid = o.classid AND d.objid = o.objid AND d.refobjid >= 16384
			LEFT JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.refobjid
			LEFT JOIN pg_catalog.pg_operator f ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND f.oid = d.refobjid
			LEFT JOIN pg_catalog.pg_type t ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid
			LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
		WHERE d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
				'pg_catalog.pg_type'::pg_catalog.regclass)
			AND 'e' NOT IN (coalesce(t.typtype, ''), coalesce(e.typtype, ''))
			AND NOT coalesce(pg_catalog.pg_has_role(coalesce(p.proowner, f.oprowner, t.typowner), current_user, 'USAGE'), false)))
