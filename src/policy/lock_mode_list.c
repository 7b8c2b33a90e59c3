#include "policy/conditions.h"
#include "policy/list_items.h"

static gpointer parse_item(const char *text, GError **error)
{
	LockModeSet modes = 0;

	if (!lock_mode_pattern_parse(text, &modes, error))
		return NULL;
	return g_memdup2(&modes, sizeof(modes));
}

static Answer has_mode(const ListItem *item, gconstpointer fact)
{
	return answer_of((*(const LockModeSet *) item->value & *(const LockModeSet *) fact) != 0);
}

gboolean lock_mode_list_parse(const char *text, LockModeSet *modes, GError **error)
{
	g_autoptr(GArray) items = list_items_parse(text, FALSE, parse_item, g_free, error);

	if (items == NULL)
		return FALSE;
	*modes = 0;
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		LockModeSet one = LOCK_MODE_SET(mode);

		if (list_items_answer(items, has_mode, &one) == ANSWER_YES)
			*modes |= one;
	}
	return TRUE;
}
