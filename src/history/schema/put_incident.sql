INSERT INTO incident (id, server, server_started_at, started_at, last_seen, ended_at, ending, is_deadlock, root, root_user,
	root_application, target, mode, blocked, peak_blocked, peak_at, longest_wait_us, waited_us, unlisted, follows,
	told_rule, told_blocked, told_wait_us, acted_rule)
VALUES (:id, :server, :server_started_at, :started_at, :last_seen, :ended_at, :ending, :is_deadlock, :root, :root_user,
	:root_application, :target, :mode, :blocked, :peak_blocked, :peak_at, :longest_wait_us, :waited_us, :unlisted, :follows,
	:told_rule, :told_blocked, :told_wait_us, :acted_rule)
ON CONFLICT (id) DO UPDATE SET
	last_seen = excluded.last_seen, ended_at = excluded.ended_at, ending = excluded.ending, root = excluded.root,
	root_user = excluded.root_user, root_application = excluded.root_application, target = excluded.target,
	mode = excluded.mode, blocked = excluded.blocked, peak_blocked = excluded.peak_blocked, peak_at = excluded.peak_at,
	longest_wait_us = excluded.longest_wait_us, waited_us = excluded.waited_us, unlisted = excluded.unlisted,
	told_rule = excluded.told_rule, told_blocked = excluded.told_blocked, told_wait_us = excluded.told_wait_us,
	acted_rule = excluded.acted_rule
