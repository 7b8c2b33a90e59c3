#ifndef PGUNLOCK_MODEL_NAMES_H
#define PGUNLOCK_MODEL_NAMES_H

/*
 * What oids are called: databases, roles, relations. Any of them may be missing (the catalog was
 * locked, the relation is in another database or was just dropped); whoever shows a name then falls
 * back to the oid. A relation is always found by database and oid: databases made from one template
 * share relation oids.
 */

#include "base/arena.h"
#include "model/lock_tag.h"

#include <glib.h>

typedef struct {
	guint32 database;
	guint32 oid;
	const char *schema;
	const char *name;
	char relkind;      /* pg_class.relkind: r p i I t m S ... */
	guint32 table_oid; /* of an index or a TOAST table: the table it belongs to; else its own oid */
} RelationName;

/* Oids below are the system's own (FirstNormalObjectId in src/include/access/transam.h). */
#define FIRST_NORMAL_OID 16384

/* What people call a row: the columns of its table's primary key (or of another unique one) and
 * their values in PostgreSQL's text form. Plain data. */
typedef struct {
	guint n; /* 0: the table has no key, or it couldn't be read */
	const char *const *columns;
	const char *const *values; /* NULL for a value that is NULL */
} RowKey;

/* A copy whose arrays and strings are in the arena. */
RowKey row_key_copy(const RowKey *key, Arena *arena);

typedef struct Names Names;

Names *names_new(void);
void names_free(Names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Names, names_free)

/* Copy what they are given; a second name for the same oid replaces the first. */
void names_add_database(Names *names, guint32 oid, const char *name);
void names_add_role(Names *names, guint32 oid, const char *name);
void names_add_relation(Names *names, const RelationName *relation);
/* What a table (RelationName.table_oid) is a partition of or inherits from, and what those do,
 * nearest first; none is known as such. */
void names_set_ancestors(Names *names, guint32 database, guint32 table, const guint32 *ancestors,
                         guint n);
/* tag: of the type tuple. */
void names_add_row_key(Names *names, const LockTag *tag, const RowKey *key);

/* NULL when not known. Borrowed; valid as long as names, even when replaced later. */
const char *names_database(const Names *names, guint32 oid);
const char *names_role(const Names *names, guint32 oid);
const RelationName *names_relation(const Names *names, guint32 database, guint32 oid);
/* NULL when they are not known; else an array of *n, which isn't NULL for none, either. */
const guint32 *names_ancestors(const Names *names, guint32 database, guint32 table, guint *n);
const RowKey *names_row_key(const Names *names, const LockTag *tag);

#endif
