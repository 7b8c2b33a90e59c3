#include "model/advisory_key.h"

#include "base/error.h"

/* pg_locks.objsubid of the two kinds. */
enum { CLASS_BIGINT = 1, CLASS_TWO_INTS = 2 };

static gboolean read_number(char *text, gint64 least, gint64 most, gint64 *number)
{
	return g_ascii_string_to_signed(g_strstrip(text), 10, least, most, number, NULL);
}

gboolean advisory_key_parse(const char *text, AdvisoryKey *key, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);
	guint n = g_strv_length(parts);
	gint64 first = 0, second = 0;

	if (n == 1 && read_number(parts[0], G_MININT64, G_MAXINT64, &first)) {
		*key = (AdvisoryKey){.number = first};
		return TRUE;
	}
	if (n == 2 && read_number(parts[0], G_MININT32, G_MAXINT32, &first) &&
	    read_number(parts[1], G_MININT32, G_MAXINT32, &second)) {
		*key = (AdvisoryKey){.is_pair = TRUE, .first = (gint32) first, .second = (gint32) second};
		return TRUE;
	}
	error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is not the key of an advisory lock", text);
	error_set_hint(error, "a key is one bigint, as in 42, or two integers, as in 1,2");
	return FALSE;
}

char *advisory_key_to_text(const AdvisoryKey *key)
{
	if (key->is_pair)
		return g_strdup_printf("%d,%d", key->first, key->second);
	return g_strdup_printf("%" G_GINT64_FORMAT, key->number);
}

gboolean advisory_key_equal(const AdvisoryKey *a, const AdvisoryKey *b)
{
	return a->is_pair == b->is_pair && a->number == b->number && a->first == b->first &&
	       a->second == b->second;
}

gboolean advisory_key_of(const LockTag *tag, AdvisoryKey *key)
{
	if (tag->type != LOCK_TYPE_ADVISORY)
		return FALSE;
	if (tag->objsubid == CLASS_BIGINT) {
		guint64 number = ((guint64) tag->classid << 32) | tag->objid;

		*key = (AdvisoryKey){.number = (gint64) number};
		return TRUE;
	}
	*key = (AdvisoryKey){
	    .is_pair = TRUE, .first = (gint32) tag->classid, .second = (gint32) tag->objid};
	return tag->objsubid == CLASS_TWO_INTS;
}

gboolean advisory_key_is_of(const AdvisoryKey *key, const LockTag *tag, guint32 database)
{
	AdvisoryKey own;

	return tag->database == database && advisory_key_of(tag, &own) && advisory_key_equal(key, &own);
}
