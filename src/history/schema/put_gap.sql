INSERT INTO gap (incident, since, until, is_away) VALUES (:incident, :since, :until, :is_away)
ON CONFLICT (incident, since) DO NOTHING
