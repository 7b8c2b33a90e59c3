INSERT INTO act (id, incident, server, at, act, author, dry_run, session, session_id, settled_at, result, message, freed)
VALUES (:id, (SELECT id FROM incident WHERE id = :incident), :server, :at, :act, :author, :dry_run, :session, :session_id,
	:settled_at, :result, :message, :freed)
