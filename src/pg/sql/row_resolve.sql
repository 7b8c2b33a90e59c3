SELECT pg_catalog.to_regclass($1::pg_catalog.text)::pg_catalog.oid AS oid
