#ifndef PGUNLOCK_MODEL_LOCK_MODE_H
#define PGUNLOCK_MODEL_LOCK_MODE_H

/* The eight lock modes of PostgreSQL, weakest first, and which of them conflict (documentation,
 * "Explicit Locking", table "Conflicting Lock Modes"; LockConflicts in
 * src/backend/storage/lmgr/lock.c). */

#include <glib.h>

typedef enum {
	LOCK_MODE_NONE = 0,
	LOCK_MODE_ACCESS_SHARE,
	LOCK_MODE_ROW_SHARE,
	LOCK_MODE_ROW_EXCLUSIVE,
	LOCK_MODE_SHARE_UPDATE_EXCLUSIVE,
	LOCK_MODE_SHARE,
	LOCK_MODE_SHARE_ROW_EXCLUSIVE,
	LOCK_MODE_EXCLUSIVE,
	LOCK_MODE_ACCESS_EXCLUSIVE,
} LockMode;

#define LOCK_MODE_FIRST LOCK_MODE_ACCESS_SHARE
#define LOCK_MODE_LAST LOCK_MODE_ACCESS_EXCLUSIVE
#define LOCK_MODE_COUNT (LOCK_MODE_LAST + 1)

/* A set of modes: bit 1 << mode. */
typedef guint16 LockModeSet;
#define LOCK_MODE_SET(mode) ((LockModeSet) (1u << (mode)))
#define LOCK_MODE_SET_ALL ((LockModeSet) 0x1fe)

/* The modes that conflict with mode: empty for LOCK_MODE_NONE. Conflict is symmetric. */
LockModeSet lock_mode_conflicts(LockMode mode);

/* Whether two holders of this mode can't be at once: true from SHARE UPDATE EXCLUSIVE on, but not
 * for SHARE. */
gboolean lock_mode_conflicts_with_itself(LockMode mode);

/* As in pg_locks: "AccessShareLock". Never NULL; "?" for LOCK_MODE_NONE. */
const char *lock_mode_name(LockMode mode);

/* From pg_locks.mode; LOCK_MODE_NONE for anything else, SIReadLock among it. */
LockMode lock_mode_from_name(const char *name);

/* What a person types: a name ("AccessExclusiveLock", "access-exclusive", "ACCESS EXCLUSIVE") or a
 * glob over the names with or without "Lock" ("*ExclusiveLock", "*exclusive*", also with SQL's %),
 * in any case; several separated by commas. Adds to the set; a usage error, and the set as it was,
 * when a part matches no mode. */
gboolean lock_mode_pattern_parse(const char *text, LockModeSet *set, GError **error);

#endif
