-- Which cluster this is. Its standbys have the same number; when the server was started tells them apart.
SELECT c.system_identifier::pg_catalog.text AS system_identifier
FROM pg_catalog.pg_control_system() c
