-- Our session's settings, all in one statement. From here on search_path is empty, so that an
-- unqualified operator can only be pg_catalog's.
-- SQL_ASCII: with any other encoding one session's statement that can't be converted would make
-- the whole look fail. lock_timeout: nobody queues behind us for longer than that.
SELECT
	pg_catalog.set_config('application_name', 'pgunlock', false),
	pg_catalog.set_config('client_encoding', 'SQL_ASCII', false),
	pg_catalog.set_config('statement_timeout', $1::pg_catalog.text, false),
	pg_catalog.set_config('lock_timeout', '100ms', false),
	pg_catalog.set_config('idle_in_transaction_session_timeout', '10s', false),
	pg_catalog.set_config('idle_session_timeout', '0', false),
	pg_catalog.set_config('search_path', '', false)
