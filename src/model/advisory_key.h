#ifndef PGUNLOCK_MODEL_ADVISORY_KEY_H
#define PGUNLOCK_MODEL_ADVISORY_KEY_H

/* The key of an advisory lock as an application writes it: one bigint, or two integers. The two
 * kinds never meet: key 1,2 is another lock than the bigint of the same 64 bits
 * (SET_LOCKTAG_INT64 and SET_LOCKTAG_INT32 in src/backend/utils/adt/lockfuncs.c). */

#include "model/lock_tag.h"

#include <glib.h>

typedef struct {
	gboolean is_pair;
	gint64 number; /* the bigint; 0 for a pair */
	gint32 first;  /* of a pair, else 0 */
	gint32 second;
} AdvisoryKey;

/* "42", "-7", "1,2", "-1,-2"; blanks may stand around the numbers. FALSE and a usage error with a
 * hint for anything else, a number that is too large among it. */
gboolean advisory_key_parse(const char *text, AdvisoryKey *key, GError **error);

/* "42" or "1,2". Free with g_free. */
char *advisory_key_to_text(const AdvisoryKey *key);

gboolean advisory_key_equal(const AdvisoryKey *a, const AdvisoryKey *b);

/* Whether the lock is on an advisory key of an application, and which. Other locks are none, nor
 * are the advisory locks that extensions take in classes of their own (Citus: objsubid 4 and up).
 */
gboolean advisory_key_of(const LockTag *tag, AdvisoryKey *key);

/* Whether the lock is on this key in this database: the same key elsewhere is another lock. */
gboolean advisory_key_is_of(const AdvisoryKey *key, const LockTag *tag, guint32 database);

#endif
