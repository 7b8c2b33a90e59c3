#ifndef PGUNLOCK_POLICY_LIST_ITEMS_H
#define PGUNLOCK_POLICY_LIST_ITEMS_H

/* What all lists of a policy have in common: commas between the items, ! in front of those that
 * must not match. For conditions.h alone. */

#include "base/answer.h"

#include <glib.h>

typedef struct {
	char *text; /* without the ! */
	gboolean is_negated;
	gpointer value; /* what the text means; NULL for a glob */
} ListItem;

/* What an item means: not NULL, or an error. */
typedef gpointer (*ListItemParse)(const char *text, GError **error);

/* Items for list_items_get, in an array that frees what they own. has_quotes: a comma in double
 * quotes or in brackets of any kind separates nothing. parse and value_free: NULL for items that
 * mean just their text. */
GArray *list_items_parse(const char *text, gboolean has_quotes, ListItemParse parse,
                         GDestroyNotify value_free, GError **error);

const ListItem *list_items_get(const GArray *items, guint index);

/* Yes when one of the items without ! is met, or there are none such, and no other one. */
typedef Answer (*ListItemAnswer)(const ListItem *item, gconstpointer fact);
Answer list_items_answer(const GArray *items, ListItemAnswer answer, gconstpointer fact);

#endif
