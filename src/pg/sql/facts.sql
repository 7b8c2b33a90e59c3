-- The first thing asked on a connection, before any SET: a transaction pooler would hand what we
-- set to another client. No table is read but through the system caches that the login has filled;
-- pg_stat_get_activity would read pg_auth_members to know what it may show.
SELECT
	pg_catalog.pg_backend_pid() AS pid,
	pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version_num,
	pg_catalog.current_setting('server_version') AS version,
	pg_catalog.pg_postmaster_start_time() AS started_at,
	pg_catalog.pg_is_in_recovery() AS in_recovery,
	current_user::pg_catalog.text AS user_name,
	pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))::pg_catalog.oid AS user_oid,
	pg_catalog.current_database()::pg_catalog.text AS database_name,
	(SELECT pg_catalog.pg_stat_get_backend_dbid(b.id)
		FROM pg_catalog.pg_stat_get_backend_idset() b(id)
		WHERE pg_catalog.pg_stat_get_backend_pid(b.id) = pg_catalog.pg_backend_pid()) AS database_oid,
	pg_catalog.host(pg_catalog.inet_server_addr()) AS server_address,
	pg_catalog.current_setting('port')::pg_catalog.int4 AS server_port,
	(pg_catalog.date_part('epoch', pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval)
		OPERATOR(pg_catalog.*) 1000)::pg_catalog.int4 AS deadlock_timeout_ms
