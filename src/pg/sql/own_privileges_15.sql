SELECT r.rolsuper,
	pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signal_backend,
	pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS read_all_stats,
	false AS signal_autovacuum_worker,
	NOT r.rolinherit AS lacks_inheritance
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
