#ifndef PGUNLOCK_POLICY_KEYS_H
#define PGUNLOCK_POLICY_KEYS_H

/* The table of all sections and keys of the policy file: the parser, its hints, and what
 * --check-config prints come from it, and a test holds the manual page to it. */

#include "policy/policy.h"

#include <glib.h>

typedef enum {
	POLICY_GUARD,
	POLICY_SERVER,
	POLICY_NOTIFY,
	POLICY_RULE,
	POLICY_SECTION_COUNT
} PolicySection;

typedef struct PolicyKey PolicyKey;
struct PolicyKey {
	PolicySection section;
	const char *name;
	const char *allowed;  /* what can stand behind it, for the hint of an error */
	const char *standard; /* what counts when it isn't there; NULL: nothing, or it is required */
	/* NULL: always; else for which objects standard counts */
	gboolean (*has_standard)(gconstpointer object);
	gboolean is_required;
	gsize offset;      /* of its value in the struct of the section */
	gsize line_offset; /* where its line is kept there (a guint); 0: nowhere */
	/* Reads the value; an error says what is wrong with it. What was there before is nothing. */
	gboolean (*read)(const PolicyKey *key, const char *text, gpointer value, GError **error);
	void (*clear)(gpointer value);    /* NULL: nothing to free */
	gint64 least, most;               /* of numbers, sizes and durations; both count */
	const char *(*word)(guint index); /* of lists over known words: those; NULL behind the last */
	gboolean has_condition;           /* of a rule: whether it is something that a rule asks ... */
	RuleCondition condition;          /* ... and what */
};

/* "guard", "server", "notify", "rule" */
const char *policy_section_name(PolicySection section);
/* Whether it is written once, without a name. */
gboolean policy_section_is_single(PolicySection section);

guint policy_n_keys(void);
const PolicyKey *policy_key(guint index);
/* The key that makes a rule ask for this; NULL for what no key asks for. */
const PolicyKey *policy_key_of_condition(RuleCondition condition);
/* NULL when there is none of that name in that kind of section. */
const PolicyKey *policy_find_key(PolicySection section, const char *name);

#endif
