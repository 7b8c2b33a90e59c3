-- The time before which so many of the oldest incidents ended.
SELECT max(ended_at) + 1 FROM (SELECT ended_at FROM incident WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT :most)
