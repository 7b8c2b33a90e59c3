SELECT pg_catalog.pg_has_role('pg_use_reserved_connections', 'USAGE') AS may_use_reserved
