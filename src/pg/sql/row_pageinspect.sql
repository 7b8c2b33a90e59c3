-- A template: {schema} is where the extension is.
SELECT i.lp::pg_catalog.int4 AS tuple, i.t_xmax AS xmax, i.t_infomask::pg_catalog.int4 AS infomask, i.t_infomask2::pg_catalog.int4 AS infomask2
FROM {schema}.heap_page_items({schema}.get_raw_page(
	(SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
	FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = $1::pg_catalog.oid), 'main', $2)) i
WHERE i.t_xmax IS NOT NULL
