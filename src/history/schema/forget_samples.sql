DELETE FROM sample WHERE id IN (SELECT id FROM sample WHERE at < :before ORDER BY at LIMIT :most)
