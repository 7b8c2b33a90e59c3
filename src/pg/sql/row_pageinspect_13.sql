-- A template: {schema} is where the extension is. Each argument has just the type of its parameter: nobody's function
-- of the same name and other types fits better.
SELECT i.lp::pg_catalog.int4 AS tuple, i.t_xmax AS xmax, i.t_infomask::pg_catalog.int4 AS infomask, i.t_infomask2::pg_catalog.int4 AS infomask2
FROM {schema}.heap_page_items({schema}.get_raw_page(
	(SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
	FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = $1::pg_catalog.oid), 'main'::pg_catalog.text, $2::pg_catalog.int4)) i
WHERE i.t_xmax IS NOT NULL
