-- ALTER ROLE ... SET and ALTER DATABASE ... SET; both oids 0: ALTER ROLE ALL SET.
SELECT s.setrole, s.setdatabase, r.rolname::pg_catalog.text AS role, d.datname::pg_catalog.text AS database,
	coalesce(r.rolsuper, false) AS is_superuser,
	pg_catalog.split_part(c.entry, '=', 1) AS name,
	pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1) AS value
FROM pg_catalog.pg_db_role_setting s
	CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(entry)
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
	LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE pg_catalog.split_part(c.entry, '=', 1) IN (
		'client_connection_check_interval', 'deadlock_timeout', 'idle_in_transaction_session_timeout',
		'lock_timeout', 'log_lock_failures', 'log_lock_waits', 'statement_timeout', 'tcp_keepalives_count',
		'tcp_keepalives_idle', 'tcp_keepalives_interval', 'transaction_timeout')
ORDER BY role NULLS FIRST, database NULLS FIRST, name
