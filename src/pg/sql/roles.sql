-- The function goes through the system cache; of a role that is gone it says "unknown (OID=...)".
SELECT r.oid, pg_catalog.pg_get_userbyid(r.oid)::pg_catalog.text AS name
FROM pg_catalog.unnest($1::pg_catalog.oid[]) r(oid)
WHERE pg_catalog.pg_get_userbyid(r.oid)::pg_catalog.text <> 'unknown (OID=' || r.oid::pg_catalog.text || ')'
