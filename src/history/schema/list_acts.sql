-- Those that belong to no incident.
SELECT id, server, at, act, author, dry_run, session, session_id, settled_at, result, message, freed
FROM act WHERE incident IS NULL AND at >= :since AND at <= :until ORDER BY at DESC, id DESC
