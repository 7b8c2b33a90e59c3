INSERT INTO waiter (incident, pid, backend_start, session, target, mode, waits, first_at, since, last_seen, waited_us, waitstart)
VALUES (:incident, :pid, :backend_start, :session, :target, :mode, :waits, :first_at, :since, :last_seen, :waited_us, :waitstart)
ON CONFLICT (incident, pid, backend_start) DO UPDATE SET
	session = excluded.session, target = excluded.target, mode = excluded.mode, waits = excluded.waits,
	since = excluded.since, last_seen = excluded.last_seen, waited_us = excluded.waited_us, waitstart = excluded.waitstart
