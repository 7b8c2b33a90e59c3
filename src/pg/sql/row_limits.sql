-- For this transaction: no time to speak of, and nothing of the table's owner runs as us: no policy, no CHECK
-- constraint or partition's bound (the planner computes what is constant in them), and no view that has
-- taken the table's name meanwhile (a setting of 13.16, 14.13, 15.8, 16.4, 17 on).
SELECT
	pg_catalog.set_config('statement_timeout', '500ms', true),
	pg_catalog.set_config('row_security', 'off', true),
	pg_catalog.set_config('constraint_exclusion', 'off', true),
	CASE WHEN pg_catalog.current_setting('restrict_nonsystem_relation_kind', true) IS NOT NULL
		THEN pg_catalog.set_config('restrict_nonsystem_relation_kind', 'view,foreign-table', true) END
