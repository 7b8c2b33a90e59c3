#ifndef PGUNLOCK_RENDER_TARGET_H
#define PGUNLOCK_RENDER_TARGET_H

/* What is locked, in words. All that is appended is safe text. */

#include "base/json_writer.h"
#include "model/lock_tag.h"
#include "model/snapshot.h"

#include <glib.h>

/* The relation of a tag as SQL would name it: "orders", "sales.orders", "shop.public.orders" in
 * another database than the connection's, "relation 16385" or "shop.16385" without a name. */
void target_append_relation(GString *out, const Snapshot *snapshot, guint32 database,
                            guint32 relation);

/* The database's name as an identifier, or "database 16384". */
void target_append_database(GString *out, const Snapshot *snapshot, guint32 database);

/* The key as a person used it: "42" for a bigint, "1,2" for two integers. NULL when the tag isn't
 * an advisory lock of pg_advisory_lock(). Free with g_free. */
char *target_advisory_key(const LockTag *tag);

/* The same in a string of its own; see render_target. Free with g_free. */
char *target_text(const Snapshot *snapshot, const LockTag *tag, const LockTag *row_tag);

/* The key of a row as an object: column to value, all strings or null. */
void target_write_row_key(JsonWriter *json, const RowKey *key);

/* The `target` object of the JSON documents. */
void target_write_json(JsonWriter *json, const Snapshot *snapshot, const LockTag *tag,
                       const LockTag *row_tag);

#endif
