-- SIReadLocks block nobody and may be many.
SELECT
	l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
	l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath,
	l.waitstart
FROM pg_catalog.pg_lock_status() l
WHERE l.mode <> 'SIReadLock'
