-- The function, not the view pg_prepared_xacts, which joins pg_authid and pg_database.
SELECT p.transaction, p.gid, p.prepared, p.ownerid, p.dbid
FROM pg_catalog.pg_prepared_xact() p
