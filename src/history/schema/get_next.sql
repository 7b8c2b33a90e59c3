SELECT id FROM incident WHERE follows = :id ORDER BY started_at, id LIMIT 1
