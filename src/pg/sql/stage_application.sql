-- The demo's clients look like an application's, and wait for locks as long as one.
SELECT
	pg_catalog.set_config('application_name', 'login-service', false),
	pg_catalog.set_config('statement_timeout', '0', false),
	pg_catalog.set_config('lock_timeout', '0', false),
	pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false),
	pg_catalog.set_config('search_path', 'public', false)
