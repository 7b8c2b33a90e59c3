INSERT INTO statement (incident, session, began_at, seen_at, statement)
SELECT :incident, :session, :began_at, :seen_at, :statement WHERE EXISTS (SELECT 1 FROM incident WHERE id = :incident)
ON CONFLICT (incident, session, began_at) DO NOTHING
