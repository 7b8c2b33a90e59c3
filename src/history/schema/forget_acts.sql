DELETE FROM act WHERE id IN (SELECT id FROM act WHERE incident IS NULL AND at < :before ORDER BY at LIMIT :most)
