SELECT count(*) FROM waiter WHERE incident = :incident
