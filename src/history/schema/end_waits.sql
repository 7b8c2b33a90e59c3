UPDATE waiter SET since = NULL, waited_us = waited_us + max(0, (SELECT last_seen FROM incident WHERE id = :incident) - last_seen)
WHERE incident = :incident AND since IS NOT NULL
