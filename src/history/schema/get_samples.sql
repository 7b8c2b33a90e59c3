SELECT server, at, blockers FROM sample WHERE at >= :since AND at < :until ORDER BY at, id
