INSERT INTO sample (server, at, blockers) VALUES (:server, :at, :blockers)
