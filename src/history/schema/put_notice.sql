INSERT INTO notice (incident, server, at, event, notifier, delivered, tries, message)
VALUES ((SELECT id FROM incident WHERE id = :incident), :server, :at, :event, :notifier, :delivered, :tries, :message)
