SELECT session, target, mode, waits, first_at, since, last_seen, waited_us, waitstart
FROM waiter WHERE incident = :incident ORDER BY first_at, pid
