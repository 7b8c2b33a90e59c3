-- Few at a time: a reader must not wait for long, and neither must what is to be written.
DELETE FROM incident WHERE id IN (SELECT id FROM incident WHERE ended_at < :before ORDER BY ended_at LIMIT :most)
