-- What a session of our role begins with: reset_val is not touched by what our own session has set.
-- The view calls the same function, but this one takes no lock on a catalog.
SELECT s.name, s.reset_val AS value, s.unit, s.context = 'postmaster' AS needs_restart
FROM pg_catalog.pg_show_all_settings() s
WHERE s.name IN (
	'client_connection_check_interval', 'deadlock_timeout', 'hot_standby_feedback',
	'idle_in_transaction_session_timeout', 'lock_timeout', 'log_lock_failures', 'log_lock_waits',
	'max_prepared_transactions', 'max_standby_streaming_delay', 'reserved_connections', 'statement_timeout',
	'tcp_keepalives_count', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'transaction_timeout')
