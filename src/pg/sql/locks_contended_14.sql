-- Of the locks those that tell who waits for whom, so that a server with very many sends only few: those on
-- what somebody waits for; all of who waits; those that prepared transactions hold, which name them; ACCESS
-- EXCLUSIVE on relations, which we must not run into; and on the tables that waiters use, those of
-- everybody: a wait for a transaction is for a row of such a table. Each row once, out of one copy of the lock table.
-- The key takes in more than the very same tag now and then, and knows no NULL: exact tags are matched by
-- who reads it.
WITH l AS MATERIALIZED (
	SELECT
		l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
		l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath, l.waitstart,
		coalesce(l.relation, l.objid, 0::pg_catalog.oid) AS key,
		coalesce(l.virtualxid, l.transactionid::pg_catalog.text, '') AS xid_key
	FROM pg_catalog.pg_lock_status() l
	WHERE l.mode <> 'SIReadLock'
), waiting AS (
	SELECT w.locktype, w.key, w.xid_key, w.pid
	FROM l w
	WHERE NOT w.granted
)
SELECT
	l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
	l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath, l.waitstart
FROM l
WHERE NOT l.granted
	OR (l.locktype, l.key, l.xid_key) IN (SELECT w.locktype, w.key, w.xid_key FROM waiting w)
	OR l.pid IN (SELECT w.pid FROM waiting w)
	OR l.pid IS NULL
	OR (l.locktype = 'relation' AND (l.mode = 'AccessExclusiveLock' OR l.relation IN (
		SELECT u.relation
		FROM l u
		WHERE u.locktype = 'relation' AND u.pid IN (SELECT w.pid FROM waiting w))))
