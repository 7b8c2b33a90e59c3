-- Of the locks those that tell who waits for whom, so that of very many only few are sent: on what somebody
-- waits for, on the tables that waiters use (a wait for a transaction is for a row of one of them), ACCESS
-- EXCLUSIVE on relations, which we must not run into, and ids of transactions. One copy of the lock table.
-- By oid alone more is sent now and then than is needed: exact tags are matched by who reads it. locks: how many
-- there are, counted no further than to where that decides how to look the next time.
WITH l AS MATERIALIZED (
	SELECT
		l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
		l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath,
		l.waitstart
	FROM pg_catalog.pg_lock_status() l
	WHERE l.mode <> 'SIReadLock'
), waiting AS MATERIALIZED (
	SELECT w.pid, w.objid
	FROM l w
	WHERE NOT w.granted
), used AS (
	SELECT u.relation
	FROM l u
	WHERE u.relation IS NOT NULL AND u.pid IN (SELECT w.pid FROM waiting w)
)
SELECT
	l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
	l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath, l.waitstart,
	(SELECT pg_catalog.count(*) FROM (SELECT FROM l LIMIT 10001) n)::pg_catalog.int4 AS locks
FROM l
WHERE CASE
	WHEN l.pid IS NULL THEN true
	WHEN l.relation IS NOT NULL THEN
		l.relation IN (SELECT u.relation FROM used u) OR l.mode = 'AccessExclusiveLock'
	WHEN l.objid IS NOT NULL THEN l.objid IN (SELECT w.objid FROM waiting w WHERE w.objid IS NOT NULL)
	ELSE true END
