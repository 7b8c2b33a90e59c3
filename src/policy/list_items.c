#include "policy/list_items.h"

#include "base/error.h"

#include <string.h>

/* An array of its own clears its elements, but not with a function of the caller's. */
typedef struct {
	ListItem item;
	GDestroyNotify value_free;
} OwnedItem;

static void clear_item(gpointer data)
{
	OwnedItem *owned = data;

	g_free(owned->item.text);
	if (owned->value_free != NULL && owned->item.value != NULL)
		owned->value_free(owned->item.value);
}

/* Where the item ends that begins here: at a comma that separates, or at the end of the text. */
static const char *quoted_item_end(const char *text)
{
	gboolean is_quoted = FALSE;
	guint depth = 0;

	for (; *text != '\0' && (*text != ',' || is_quoted || depth > 0); text++) {
		if (*text == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && strchr("([{", *text) != NULL)
			depth++;
		else if (!is_quoted && depth > 0 && strchr(")]}", *text) != NULL)
			depth--;
	}
	return text;
}

static gboolean add_item(GArray *items, const char *text, gsize length, ListItemParse parse,
                         GDestroyNotify value_free, GError **error)
{
	g_autofree char *written = g_strstrip(g_strndup(text, length));
	OwnedItem owned = {.item.is_negated = *written == '!', .value_free = value_free};

	owned.item.text = g_strdup(g_strchug(written + owned.item.is_negated));
	g_array_append_val(items, owned);
	ListItem *item = &g_array_index(items, OwnedItem, items->len - 1).item;

	if (*item->text == '\0') {
		error_set(error, PGUNLOCK_ERROR_USAGE, "an item of the list is empty");
		return FALSE;
	}
	item->value = parse != NULL ? parse(item->text, error) : NULL;
	return parse == NULL || item->value != NULL;
}

GArray *list_items_parse(const char *text, gboolean has_quotes, ListItemParse parse,
                         GDestroyNotify value_free, GError **error)
{
	g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(OwnedItem));

	g_array_set_clear_func(items, clear_item);
	for (;;) {
		const char *end = has_quotes ? quoted_item_end(text) : strchrnul(text, ',');

		if (!add_item(items, text, (gsize) (end - text), parse, value_free, error))
			return NULL;
		if (*end == '\0')
			return g_steal_pointer(&items);
		text = end + 1;
	}
}

const ListItem *list_items_get(const GArray *items, guint index)
{
	return &g_array_index(items, OwnedItem, index).item;
}

Answer list_items_answer(const GArray *items, ListItemAnswer answer, gconstpointer fact)
{
	Answer wanted = ANSWER_NO;
	Answer unwanted = ANSWER_NO;
	gboolean has_wanted = FALSE;

	for (guint i = 0; i < items->len; i++) {
		const ListItem *item = list_items_get(items, i);
		Answer met = answer(item, fact);

		has_wanted = has_wanted || !item->is_negated;
		if (item->is_negated)
			unwanted = answer_or(unwanted, met);
		else
			wanted = answer_or(wanted, met);
	}
	return answer_and(has_wanted ? wanted : ANSWER_YES, answer_not(unwanted));
}
