SELECT id, server, at, act, author, dry_run, session, session_id, settled_at, result, message, freed
FROM act WHERE incident = :incident ORDER BY at, id
