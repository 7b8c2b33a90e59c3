-- The indexes of these tables: the planner opens each of them, whatever it then uses.
SELECT x.indrelid AS relation, x.indexrelid AS index
FROM pg_catalog.pg_index x
WHERE x.indrelid = ANY ($1::pg_catalog.oid[])
