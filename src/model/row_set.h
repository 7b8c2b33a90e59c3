#ifndef PGUNLOCK_MODEL_ROW_SET_H
#define PGUNLOCK_MODEL_ROW_SET_H

/*
 * Rows of one table that match a condition, with what their headers say of who locked them. A row
 * lock is in no table of the server's memory: it is the number in the row's xmax, which may be that
 * of a transaction or of a multixact (several lockers). SQL shows the number but not which of the
 * two it is, and the numbers overlap: so both readings are kept, unless an extension told.
 */

#include "model/lock_tag.h"
#include "model/names.h"

#include <glib.h>

/* MultiXactStatus in src/include/access/multixact.h, weakest first; the last two are rows that were
 * changed, without and with a new key, or deleted. */
typedef enum {
	ROW_MODE_UNKNOWN,
	ROW_MODE_FOR_KEY_SHARE,
	ROW_MODE_FOR_SHARE,
	ROW_MODE_FOR_NO_KEY_UPDATE,
	ROW_MODE_FOR_UPDATE,
	ROW_MODE_NO_KEY_UPDATE,
	ROW_MODE_UPDATE,
} RowMode;

/* As SQL has it: "FOR KEY SHARE", ..., "NO KEY UPDATE", "UPDATE". NULL for unknown. */
const char *row_mode_name(RowMode mode);
/* From pg_get_multixact_members: "keysh", ... "upd"; unknown for anything else. */
RowMode row_mode_from_multixact(const char *status);
/* From pgrowlocks: "For Update", "Key Share", ... (pgrowlocks.c); unknown for anything else. */
RowMode row_mode_from_pgrowlocks(const char *mode);
/* From a row's t_infomask and t_infomask2 (src/include/access/htup_details.h) whose xmax is no
 * multixact. */
RowMode row_mode_from_infomask(guint32 infomask, guint32 infomask2);
/* HEAP_XMAX_IS_MULTI */
gboolean row_infomask_is_multixact(guint32 infomask);

/* A transaction, or subtransaction, that may hold the row. */
typedef struct {
	guint32 xid;
	RowMode mode;
	gboolean in_progress; /* by pg_xact_status, when the row had been read */
} RowLocker;

typedef enum {
	XMAX_EITHER,      /* not known which it is */
	XMAX_TRANSACTION, /* an extension told */
	XMAX_MULTIXACT,
} XmaxKind;

/* Plain data; strings and arrays belong to the set. */
typedef struct {
	LockTag tag; /* of the type tuple: the row's own relation (a partition, perhaps), page, tuple */
	RowKey key;
	guint32 xmax; /* 0: nobody ever locked this version of the row */
	XmaxKind kind;
	RowLocker transaction; /* xmax read as a transaction */
	RowLocker *members;    /* xmax read as a multixact; none when there is no such multixact */
	guint n_members;
} RowFacts;

#define NO_ROW G_MAXUINT

typedef struct RowSet RowSet;

/* table: the relation that was named, with its name; copied. limit: at most so many rows were read.
 */
RowSet *row_set_new(const RelationName *table, guint limit);
void row_set_free(RowSet *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowSet, row_set_free)

/* Copied, with strings and members. The pointer stays valid until the next row is added. */
RowFacts *row_set_add(RowSet *rows, const RowFacts *row);
/* Replaces the row's members. Copied. */
void row_set_set_members(RowSet *rows, RowFacts *row, const RowLocker *members, guint n_members);
/* More rows match than were read. */
void row_set_note_more(RowSet *rows);

const RelationName *row_set_table(const RowSet *rows);
guint row_set_limit(const RowSet *rows);
gboolean row_set_has_more(const RowSet *rows);
guint row_set_n(const RowSet *rows);
const RowFacts *row_set_get(const RowSet *rows, guint index);
RowFacts *row_set_get_mutable(RowSet *rows, guint index);
/* The index of the row at this place; NO_ROW when there is none. */
guint row_set_find(const RowSet *rows, const LockTag *tag);

/* The ids, of guint32, of the lockers that were in progress when the rows had been read, each once.
 * The caller's. */
GArray *row_set_in_progress(const RowSet *rows);

/* Whether the tag is a lock on a relation that rows of the set are in. */
gboolean row_set_has_relation(const RowSet *rows, const LockTag *tag);

/* Gives names the table's name and the keys of the rows. */
void row_set_add_names(const RowSet *rows, Names *names);

#endif
