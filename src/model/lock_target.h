#ifndef PGUNLOCK_MODEL_LOCK_TARGET_H
#define PGUNLOCK_MODEL_LOCK_TARGET_H

/* What is kept of what is locked when the snapshot is gone: the tag of the lock, and names for the
 * oids in it. render/recorded.h writes it as text and JSON. */

#include "model/snapshot.h"

#include <glib.h>

/* Plain data. Strings are valid UTF-8, owned, NULL when there is none or it couldn't be read. */
typedef struct {
	LockTag tag;
	gboolean has_row; /* row_tag is set: the row whose tuple lock the waiter holds meanwhile */
	LockTag row_tag;
	gboolean is_elsewhere; /* in another database than the one that was connected to */
	char *database;        /* of the lock */
	char *schema;          /* of the relation, also of the row's */
	char *relation;
	char relkind; /* 0: not known */
	/* What a pattern of tables may mean by it: the relation itself, of an index or a TOAST table
	 * its table, and what that is a partition of or inherits from, nearest first. Schema and name
	 * in turns. */
	char **tables; /* NULL-terminated, or NULL: not known */
	guint n_key;   /* of the row; 0: not known */
	char **key_columns;
	char **key_values; /* NULL for a value that is NULL */
	char *advisory_label;
} LockTarget;

/* row_tag may be NULL. Never NULL. */
LockTarget *lock_target_new(const Snapshot *snapshot, const LockTag *tag, const LockTag *row_tag);
LockTarget *lock_target_copy(const LockTarget *target);
void lock_target_free(LockTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockTarget, lock_target_free)

/* The tag that says which relation or row it is about: the row's, where there is one. */
const LockTag *lock_target_place(const LockTarget *target);
/* Of the same tags, whatever their names are. */
gboolean lock_target_equal(const LockTarget *a, const LockTarget *b);

#endif
