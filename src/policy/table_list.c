#include "base/name_matcher.h"
#include "base/text.h"
#include "policy/conditions.h"
#include "policy/list_items.h"

#include <string.h>

struct TableList {
	GArray *items; /* they mean a NameMatcher */
};

static gpointer parse_item(const char *text, GError **error)
{
	return name_matcher_new(text, error);
}

static void free_item(gpointer matcher)
{
	name_matcher_free(matcher);
}

TableList *table_list_parse(const char *text, GError **error)
{
	GArray *items = list_items_parse(text, TRUE, parse_item, free_item, error);
	TableList list = {.items = items};

	return items != NULL ? g_memdup2(&list, sizeof(list)) : NULL;
}

void table_list_free(TableList *list)
{
	if (list == NULL)
		return;
	g_array_unref(list->items);
	g_free(list);
}

static Answer name_matches(const NameMatcher *matcher, const char *database,
                           const BlockerName *name)
{
	if (strstr(name->schema, TEXT_REPLACEMENT) != NULL ||
	    strstr(name->name, TEXT_REPLACEMENT) != NULL)
		return ANSWER_UNKNOWN;
	return name_matcher_matches(matcher, database, name->schema, name->name);
}

/* By any of its names; where some are not known, it may be one of those. */
static Answer relation_matches(const NameMatcher *matcher, const BlockerRelation *relation)
{
	Answer answer = relation->knows_names ? ANSWER_NO : ANSWER_UNKNOWN;

	for (guint i = 0; i < relation->n_names; i++)
		answer = answer_or(answer, name_matches(matcher, relation->database, &relation->names[i]));
	return answer;
}

static Answer is_about(const ListItem *item, gconstpointer fact)
{
	const BlockerTarget *target = fact;
	Answer any = ANSWER_NO;
	Answer all = ANSWER_YES;

	if (!target->knows_relations)
		return ANSWER_UNKNOWN;
	for (guint i = 0; i < target->n_relations; i++) {
		Answer one = relation_matches(item->value, &target->relations[i]);

		any = answer_or(any, one);
		all = answer_and(all, one);
	}
	/* It is about one of them, and nobody knows which. */
	if (target->is_inferred && any != all)
		return ANSWER_UNKNOWN;
	return any;
}

Answer table_list_matches(const TableList *list, const BlockerTarget *target)
{
	return list_items_answer(list->items, is_about, target);
}
