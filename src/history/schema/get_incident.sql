SELECT id, server, server_started_at, started_at, last_seen, ended_at, ending, is_deadlock, root, target, mode, blocked,
	peak_blocked, peak_at, longest_wait_us, waited_us, unlisted, follows, told_rule, told_blocked, told_wait_us, acted_rule
FROM incident WHERE id = :id
