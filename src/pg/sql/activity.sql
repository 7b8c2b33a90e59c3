-- The function, not the view pg_stat_activity: that one joins pg_authid and pg_database, and hangs
-- while either is locked.
SELECT
	a.pid, a.backend_start, a.leader_pid, a.backend_type, a.datid, a.usesysid, a.application_name,
	pg_catalog.host(a.client_addr) AS client_addr, a.client_hostname, a.client_port, a.state,
	a.xact_start, a.query_start, a.state_change, a.wait_event_type, a.wait_event, a.backend_xid,
	a.backend_xmin, a.query
FROM pg_catalog.pg_stat_get_activity(NULL::pg_catalog.int4) a
