SELECT r.oid, r.rolsuper, pg_catalog.pg_has_role(r.oid, 'USAGE') AS usage
FROM pg_catalog.pg_roles r
WHERE r.oid = ANY ($1::pg_catalog.oid[])
