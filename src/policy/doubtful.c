#include "policy/doubtful.h"

#include "policy/keys.h"

#include <string.h>

/* What is looked for in the text of a condition. Every other key refuses such a text, since it
 * allows nothing but what is known. */
static const struct {
	RuleCondition condition;
	const char *comment_marks;
	const char *quotes; /* that can't belong to the form of the value */
	const char *of;     /* what the marks and quotes are part of */
} DOUBTS[] = {
    {RULE_DATABASE, "#;", "\"'", "the names"},
    {RULE_USER, "#;", "\"'", "the names"},
    {RULE_APPLICATION, "#;", "\"'", "the names"},
    {RULE_BACKEND_TYPE, "#;", "\"'", "the names"},
    /* In double quotes as in psql. */
    {RULE_TABLE, "#;", "'", "the names"},
    /* A semicolon and quotes stand in many statements. */
    {RULE_STATEMENT, "#", "", "the expression"},
};

const char *policy_comment(const char *text, const char *marks)
{
	for (; *text != '\0'; text++)
		if ((*text == ' ' || *text == '\t') && text[1] != '\0' && strchr(marks, text[1]) != NULL)
			return text + 1;
	return NULL;
}

/* A single quote within a name is none that was put around it. */
static gboolean is_around(const char *text, const char *at)
{
	const char *before = at > text ? at - 1 : ",";

	/* The end of the text is one of the characters that strchr finds. */
	return *at != '\'' || strchr(" \t,!", *before) != NULL || strchr(" \t,", at[1]) != NULL;
}

static gboolean has_quotes(const char *text, const char *quotes)
{
	for (const char *at = strpbrk(text, quotes); at != NULL; at = strpbrk(at + 1, quotes))
		if (is_around(text, at))
			return TRUE;
	return FALSE;
}

static void doubt_values(const Rule *rule, GPtrArray *doubts)
{
	for (guint i = 0; i < G_N_ELEMENTS(DOUBTS); i++) {
		const char *text = rule->text[DOUBTS[i].condition];
		const char *name = policy_key_of_condition(DOUBTS[i].condition)->name;

		if (text == NULL)
			continue;
		const char *comment = policy_comment(text, DOUBTS[i].comment_marks);

		if (comment != NULL)
			g_ptr_array_add(doubts, g_strdup_printf("the %c in %s = %s is part of %s: a comment "
			                                        "has a line of its own",
			                                        *comment, name, text, DOUBTS[i].of));
		if (has_quotes(text, DOUBTS[i].quotes))
			g_ptr_array_add(doubts, g_strdup_printf("the quotes in %s = %s are part of %s: leave "
			                                        "them out if the names have none",
			                                        name, text, DOUBTS[i].of));
	}
}

/* What a rule that asks for nothing does to those whom nobody waits for, too. */
static const char *const ACTS_ON_ALL[RULE_ACTION_COUNT] = {
    [RULE_CANCEL] = "cancels every statement",
    [RULE_TERMINATE] = "terminates every session",
    [RULE_ROLLBACK_PREPARED] = "rolls every prepared transaction back",
};

static gboolean asks_for_nothing(const Rule *rule)
{
	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT; i++)
		if (rule->text[i] != NULL && i != RULE_SERVER)
			return FALSE;
	return TRUE;
}

void policy_doubtful(const Rule *rule, GPtrArray *doubts)
{
	const char *what = ACTS_ON_ALL[rule->action];

	doubt_values(rule, doubts);
	if (what != NULL && rule_acts_on_anybody(rule) && asks_for_nothing(rule))
		g_ptr_array_add(doubts, g_strdup_printf("it %s that isn't protected, also where nobody "
		                                        "waits, since it asks for nothing: say which, "
		                                        "by user, application or time",
		                                        what));
}
