#include "base/pattern.h"
#include "base/text.h"
#include "policy/conditions.h"
#include "policy/list_items.h"

#include <string.h>

struct GlobList {
	GArray *items;
	char *text;
	gboolean ignore_case;
};

GlobList *glob_list_parse(const char *text, gboolean ignore_case, GError **error)
{
	GArray *items = list_items_parse(text, FALSE, NULL, NULL, error);

	if (items == NULL)
		return NULL;
	const GlobList list = {.items = items, .text = g_strdup(text), .ignore_case = ignore_case};

	return g_memdup2(&list, sizeof(list));
}

void glob_list_free(GlobList *list)
{
	if (list == NULL)
		return;
	g_array_unref(list->items);
	g_free(list->text);
	g_free(list);
}

const char *glob_list_text(const GlobList *list)
{
	return list->text;
}

static Answer matches_exactly(const ListItem *item, gconstpointer fact)
{
	return answer_of(glob_matches(item->text, fact, FALSE));
}

static Answer matches_in_any_case(const ListItem *item, gconstpointer fact)
{
	return answer_of(glob_matches(item->text, fact, TRUE));
}

Answer glob_list_matches(const GlobList *list, const char *text)
{
	if (text == NULL || strstr(text, TEXT_REPLACEMENT) != NULL)
		return ANSWER_UNKNOWN;
	return list_items_answer(list->items, list->ignore_case ? matches_in_any_case : matches_exactly,
	                         text);
}

const char *glob_list_item(const GlobList *list, guint index)
{
	return index < list->items->len ? list_items_get(list->items, index)->text : NULL;
}
