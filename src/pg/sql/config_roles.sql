-- Roles that log in: those that are connected now, and those that own tables of this database or are
-- members of a role that does, since only they (and superusers) can alter them.
WITH RECURSIVE connected AS (
	SELECT DISTINCT a.usesysid AS oid
	FROM pg_catalog.pg_stat_get_activity(NULL::pg_catalog.int4) a
	WHERE a.pid <> pg_catalog.pg_backend_pid()
		AND (a.backend_type = 'client backend' OR a.backend_type IS NULL)
), owners AS (
	SELECT DISTINCT c.relowner AS oid
	FROM pg_catalog.pg_class c
	WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384
), members AS (
	SELECT o.oid FROM owners o
	UNION
	SELECT m.member
	FROM members o
		JOIN pg_catalog.pg_auth_members m ON m.roleid = o.oid
)
SELECT r.oid, r.rolname::pg_catalog.text AS name, r.rolsuper, o.oid IS NOT NULL AS owns_tables,
	c.oid IS NOT NULL AS is_connected
FROM pg_catalog.pg_roles r
	LEFT JOIN connected c ON c.oid = r.oid
	LEFT JOIN members o ON o.oid = r.oid
WHERE r.rolcanlogin AND (c.oid IS NOT NULL OR o.oid IS NOT NULL)
ORDER BY r.rolname
