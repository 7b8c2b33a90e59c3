SELECT d.oid, d.datname::pg_catalog.text AS name
FROM pg_catalog.pg_database d
WHERE d.oid = ANY ($1::pg_catalog.oid[])
