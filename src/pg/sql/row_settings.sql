-- The session in which a person's own condition runs: it may only read, not for long, and nobody waits
-- behind it. A policy would hide rows without a word: that is an error then. Its text comes as UTF-8; where a database has bytes of any kind they are taken as they are.
-- The search_path is the one that a session of this role begins with.
SELECT
	pg_catalog.set_config('client_encoding', CASE pg_catalog.current_setting('server_encoding')
		WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, false),
	pg_catalog.set_config('default_transaction_read_only', 'on', false),
	pg_catalog.set_config('statement_timeout', $1::pg_catalog.text, false),
	pg_catalog.set_config('lock_timeout', '50ms', false),
	pg_catalog.set_config('row_security', 'off', false),
	pg_catalog.set_config('search_path', $2::pg_catalog.text, false)
