SELECT max(at) + 1 FROM (SELECT at FROM sample ORDER BY at LIMIT :most)
