-- When the other side of this session is gone without a word (its host lost power, say) the server shall notice soon:
-- until then the session keeps the lease. Through a Unix socket they have no effect.
SELECT
	pg_catalog.set_config('tcp_keepalives_idle', '5', false),
	pg_catalog.set_config('tcp_keepalives_interval', '2', false),
	pg_catalog.set_config('tcp_keepalives_count', '3', false)
