-- What a session of this role begins with, by whatever set it.
SELECT s.reset_val AS search_path
FROM pg_catalog.pg_show_all_settings() s
WHERE s.name = 'search_path'
