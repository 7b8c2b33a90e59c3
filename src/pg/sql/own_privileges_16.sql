-- From 16 on each membership is inherited or not; a role's own attribute only presets it, and a
-- second GRANT leaves it as it is.
SELECT r.rolsuper,
	pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signal_backend,
	pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS read_all_stats,
	false AS signal_autovacuum_worker,
	NOT r.rolinherit OR EXISTS (
		SELECT 1
		FROM pg_catalog.unnest(ARRAY['pg_signal_backend', 'pg_read_all_stats']) m(role)
		WHERE pg_catalog.pg_has_role(m.role, 'MEMBER') AND NOT pg_catalog.pg_has_role(m.role, 'USAGE')
	) AS lacks_inheritance
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
