#include "model/lock_tag.h"

#include <string.h>

static const char *const type_names[] = {
    [LOCK_TYPE_RELATION] = "relation",     [LOCK_TYPE_EXTEND] = "extend",
    [LOCK_TYPE_FROZENID] = "frozenid",     [LOCK_TYPE_PAGE] = "page",
    [LOCK_TYPE_TUPLE] = "tuple",           [LOCK_TYPE_TRANSACTIONID] = "transactionid",
    [LOCK_TYPE_VIRTUALXID] = "virtualxid", [LOCK_TYPE_SPECTOKEN] = "spectoken",
    [LOCK_TYPE_OBJECT] = "object",         [LOCK_TYPE_USERLOCK] = "userlock",
    [LOCK_TYPE_ADVISORY] = "advisory",     [LOCK_TYPE_APPLYTRANSACTION] = "applytransaction",
    [LOCK_TYPE_OTHER] = "other",
};

gboolean lock_tag_equal(const LockTag *a, const LockTag *b)
{
	/* Field by field: the padding of a struct is not to be compared. */
	return a->type == b->type && a->database == b->database && a->relation == b->relation &&
	       a->page == b->page && a->tuple == b->tuple && a->transaction == b->transaction &&
	       a->classid == b->classid && a->objid == b->objid && a->objsubid == b->objsubid &&
	       a->virtualxid.backend == b->virtualxid.backend &&
	       a->virtualxid.local == b->virtualxid.local;
}

guint lock_tag_hash(const LockTag *tag)
{
	const guint32 words[] = {
	    (guint32) tag->type,
	    tag->database,
	    tag->relation,
	    tag->page,
	    ((guint32) tag->tuple << 16) | (guint16) tag->objsubid,
	    tag->transaction,
	    tag->classid,
	    tag->objid,
	    (guint32) tag->virtualxid.backend,
	    tag->virtualxid.local,
	};
	guint32 hash = 2166136261u;

	/* FNV-1a over words, and a last stir: neighbouring transaction ids must not fall into
	 * neighbouring buckets only. */
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		hash = (hash ^ words[i]) * 16777619u;
	hash ^= hash >> 15;
	return hash * 2246822519u;
}

const char *lock_type_name(LockType type)
{
	return type_names[type];
}

LockType lock_type_from_name(const char *name)
{
	for (LockType type = LOCK_TYPE_RELATION; type < LOCK_TYPE_OTHER; type++)
		if (strcmp(type_names[type], name) == 0)
			return type;
	return LOCK_TYPE_OTHER;
}

gboolean virtual_transaction_id_parse(const char *text, VirtualTransactionId *vxid)
{
	/* Each lock has one or two of them: no memory is allocated for it. */
	char before_slash[sizeof("-2147483648")];
	const char *slash = strchr(text, '/');
	gint64 backend;
	guint64 local;

	if (slash == NULL || (gsize) (slash - text) >= sizeof(before_slash))
		return FALSE;
	g_strlcpy(before_slash, text, (gsize) (slash - text) + 1);
	if (!g_ascii_string_to_signed(before_slash, 10, G_MININT32, G_MAXINT32, &backend, NULL) ||
	    !g_ascii_string_to_unsigned(slash + 1, 10, 0, G_MAXUINT32, &local, NULL))
		return FALSE;
	vxid->backend = (gint32) backend;
	vxid->local = (guint32) local;
	return TRUE;
}
