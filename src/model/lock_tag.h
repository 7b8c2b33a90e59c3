#ifndef PGUNLOCK_MODEL_LOCK_TAG_H
#define PGUNLOCK_MODEL_LOCK_TAG_H

/* What a lock is on: the first columns of pg_locks. Two rows are about the same thing when their
 * tags are equal. */

#include <glib.h>

/* pg_locks.locktype (LockTagTypeNames in src/backend/utils/adt/lockfuncs.c). */
typedef enum {
	LOCK_TYPE_RELATION,
	LOCK_TYPE_EXTEND,
	LOCK_TYPE_FROZENID,
	LOCK_TYPE_PAGE,
	LOCK_TYPE_TUPLE,
	LOCK_TYPE_TRANSACTIONID,
	LOCK_TYPE_VIRTUALXID,
	LOCK_TYPE_SPECTOKEN,
	LOCK_TYPE_OBJECT,
	LOCK_TYPE_USERLOCK,
	LOCK_TYPE_ADVISORY,
	LOCK_TYPE_APPLYTRANSACTION, /* 16 on */
	LOCK_TYPE_OTHER,            /* a newer server's */
} LockType;

/* A virtual transaction id, "3/1547": backend (-1 for a prepared transaction of before the last
 * restart) and local number. */
typedef struct {
	gint32 backend;
	guint32 local;
} VirtualTransactionId;

/* Columns that are NULL are 0. */
typedef struct {
	LockType type;
	guint32 database; /* oid; 0 for what is shared by all databases */
	guint32 relation; /* oid, means something only together with database */
	guint32 page;
	guint32 transaction;
	guint32 classid;
	guint32 objid;
	guint16 tuple;
	gint16 objsubid;
	VirtualTransactionId virtualxid;
} LockTag;

gboolean lock_tag_equal(const LockTag *a, const LockTag *b);
guint lock_tag_hash(const LockTag *tag);

const char *lock_type_name(LockType type);
LockType lock_type_from_name(const char *name);

/* "3/1547", "-1/725". FALSE for anything else. */
gboolean virtual_transaction_id_parse(const char *text, VirtualTransactionId *vxid);

#endif
