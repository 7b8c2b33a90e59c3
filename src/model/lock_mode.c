#include "model/lock_mode.h"

#include "base/error.h"
#include "base/pattern.h"

#include <string.h>

#define AS LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE)
#define RS LOCK_MODE_SET(LOCK_MODE_ROW_SHARE)
#define RE LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE)
#define SUE LOCK_MODE_SET(LOCK_MODE_SHARE_UPDATE_EXCLUSIVE)
#define S LOCK_MODE_SET(LOCK_MODE_SHARE)
#define SRE LOCK_MODE_SET(LOCK_MODE_SHARE_ROW_EXCLUSIVE)
#define E LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE)
#define AE LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE)

static const struct {
	const char *name;  /* pg_locks.mode */
	const char *words; /* as LOCK TABLE spells it */
	LockModeSet conflicts;
} modes[LOCK_MODE_COUNT] = {
    [LOCK_MODE_NONE] = {"?", "", 0},
    [LOCK_MODE_ACCESS_SHARE] = {"AccessShareLock", "access share", AE},
    [LOCK_MODE_ROW_SHARE] = {"RowShareLock", "row share", E | AE},
    [LOCK_MODE_ROW_EXCLUSIVE] = {"RowExclusiveLock", "row exclusive", S | SRE | E | AE},
    [LOCK_MODE_SHARE_UPDATE_EXCLUSIVE] = {"ShareUpdateExclusiveLock", "share update exclusive",
                                          SUE | S | SRE | E | AE},
    [LOCK_MODE_SHARE] = {"ShareLock", "share", RE | SUE | SRE | E | AE},
    [LOCK_MODE_SHARE_ROW_EXCLUSIVE] = {"ShareRowExclusiveLock", "share row exclusive",
                                       RE | SUE | S | SRE | E | AE},
    [LOCK_MODE_EXCLUSIVE] = {"ExclusiveLock", "exclusive", RS | RE | SUE | S | SRE | E | AE},
    [LOCK_MODE_ACCESS_EXCLUSIVE] = {"AccessExclusiveLock", "access exclusive",
                                    AS | RS | RE | SUE | S | SRE | E | AE},
};

LockModeSet lock_mode_conflicts(LockMode mode)
{
	g_return_val_if_fail((guint) mode < LOCK_MODE_COUNT, 0);
	return modes[mode].conflicts;
}

gboolean lock_mode_conflicts_with_itself(LockMode mode)
{
	return (lock_mode_conflicts(mode) & LOCK_MODE_SET(mode)) != 0;
}

const char *lock_mode_name(LockMode mode)
{
	return (guint) mode < LOCK_MODE_COUNT ? modes[mode].name : modes[LOCK_MODE_NONE].name;
}

LockMode lock_mode_from_name(const char *name)
{
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++)
		if (strcmp(modes[mode].name, name) == 0)
			return mode;
	return LOCK_MODE_NONE;
}

/* "Access-Exclusive Lock" becomes "accessexclusivelock": spelling apart from letters and wildcards
 * doesn't count. */
static char *squeeze(const char *text)
{
	GString *squeezed = g_string_new(NULL);

	for (const char *p = text; *p; p++) {
		if (*p == '%')
			g_string_append_c(squeezed, '*');
		else if (!g_ascii_isspace(*p) && *p != '-' && *p != '_')
			g_string_append_c(squeezed, g_ascii_tolower(*p));
	}
	return g_string_free(squeezed, FALSE);
}

gboolean lock_mode_pattern_parse(const char *text, LockModeSet *set, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);
	LockModeSet found = 0;

	for (char **part = parts; *part; part++) {
		g_autofree char *glob = squeeze(*part);
		LockModeSet matched = 0;

		for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
			g_autofree char *words = squeeze(modes[mode].words);

			if (glob_matches(glob, modes[mode].name, TRUE) || glob_matches(glob, words, TRUE))
				matched |= LOCK_MODE_SET(mode);
		}
		if (!matched) {
			error_set(error, PGUNLOCK_ERROR_USAGE, "no lock mode matches \"%s\"", *part);
			error_set_hint(error, "the modes are AccessShare, RowShare, RowExclusive, "
			                      "ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, "
			                      "AccessExclusive; * and ? may stand for letters");
			return FALSE;
		}
		found |= matched;
	}
	if (!found) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "no lock mode is named");
		return FALSE;
	}
	*set |= found;
	return TRUE;
}
