DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE incident IS NULL AND at < :before ORDER BY at LIMIT :most)
