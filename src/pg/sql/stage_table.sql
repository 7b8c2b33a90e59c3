-- The demo's login table.
CREATE TABLE public.login_sessions (
	user_id pg_catalog.int4 PRIMARY KEY,
	token pg_catalog.text NOT NULL,
	last_seen pg_catalog.timestamptz NOT NULL
)
