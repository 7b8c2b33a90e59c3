-- Extensions that tell more of row locks than the server itself does.
SELECT a.name::pg_catalog.text AS name, a.installed_version IS NOT NULL AS is_installed
FROM pg_catalog.pg_available_extensions a
WHERE a.name IN ('pageinspect', 'pgrowlocks')
ORDER BY a.name
