UPDATE login_sessions SET token = md5(random()::text), last_seen = now() WHERE user_id = 42
