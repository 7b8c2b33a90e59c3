-- A template: {readable} is row_readable.sql, here for one table ($1), which we have locked by the name in $2. An
-- error, a division by zero, which ends the transaction, where it isn't what it was when we looked before.
SELECT 1 / pg_catalog.count(*) AS is_readable
FROM (
{readable}
) r
WHERE r.relation = pg_catalog.to_regclass($2::pg_catalog.text)::pg_catalog.oid
