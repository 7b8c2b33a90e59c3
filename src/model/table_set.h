#ifndef PGUNLOCK_MODEL_TABLE_SET_H
#define PGUNLOCK_MODEL_TABLE_SET_H

/* What a --table pattern stands for: relations of one database, namely the tables that match, with
 * their partitions, indexes and TOAST tables. */

#include <glib.h>

typedef struct TableSet TableSet;

/* database: the oid of the database that all of them are in. */
TableSet *table_set_new(guint32 database);
void table_set_free(TableSet *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TableSet, table_set_free)

/* A relation that belongs to it. matched_as: its schema-qualified, quoted name when it matched the
 * pattern itself; NULL for a partition, an index, a TOAST table that came with it. Copied. */
void table_set_add(TableSet *tables, guint32 oid, const char *matched_as);

gboolean table_set_contains(const TableSet *tables, guint32 database, guint32 oid);
/* The names that matched, in the order added. */
guint table_set_n_matches(const TableSet *tables);
const char *table_set_match(const TableSet *tables, guint index);

#endif
