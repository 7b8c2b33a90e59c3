-- Asked on a standby only. In milliseconds, -1 as it is: for ever. SHOW and current_setting write
-- it with a unit, which an interval understands.
SELECT CASE pg_catalog.current_setting('max_standby_streaming_delay')
	WHEN '-1' THEN -1
	ELSE (1000 * pg_catalog.date_part('epoch', pg_catalog.current_setting('max_standby_streaming_delay')::pg_catalog.interval))::pg_catalog.int4
	END AS standby_delay
