SELECT server, at, event, notifier, delivered, tries, message FROM notice WHERE incident = :incident ORDER BY at, id
