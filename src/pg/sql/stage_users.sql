INSERT INTO public.login_sessions
SELECT n, pg_catalog.md5(n::pg_catalog.text), pg_catalog.now()
FROM pg_catalog.generate_series(1, 100) n
