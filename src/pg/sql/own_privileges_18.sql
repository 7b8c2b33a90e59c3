SELECT r.rolsuper,
	pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signal_backend,
	pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS read_all_stats,
	pg_catalog.pg_has_role('pg_signal_autovacuum_worker', 'USAGE') AS signal_autovacuum_worker
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
