#ifndef PGUNLOCK_POLICY_RULE_H
#define PGUNLOCK_POLICY_RULE_H

/* One [rule NAME] of a policy file: what must be so for it to match, and what is done then. */

#include "policy/conditions.h"

#include <glib.h>

typedef enum {
	RULE_NONE,   /* nothing, and no rule below is asked: protects */
	RULE_NOTIFY, /* tell about it */
	RULE_CANCEL,
	RULE_TERMINATE,
	RULE_RELEASE, /* the right act for its state: plan's act_to_free */
	RULE_ROLLBACK_PREPARED,
	RULE_ACTION_COUNT
} RuleAction;

/* As in the file: "none", "rollback_prepared". */
const char *rule_action_name(RuleAction action);
/* Whether it does something to a session. */
gboolean rule_action_acts(RuleAction action);

/* What a rule can ask, in the order in which it is asked: the statement last. */
typedef enum {
	RULE_SERVER,
	RULE_KIND,     /* no key: that its act can be done to such a session at all: to a prepared
	                  transaction, or to a backend */
	RULE_BLOCKING, /* no key: that it blocks anybody at all, see even_if_not_blocking */
	RULE_DATABASE,
	RULE_BACKEND_TYPE,
	RULE_USER,
	RULE_APPLICATION,
	RULE_CLIENT,
	RULE_STATE,
	RULE_IN_TRANSACTION_FOR,
	RULE_IDLE_FOR,
	RULE_BLOCKED_FOR,
	RULE_BLOCKED_SESSIONS,
	RULE_HOURS,
	RULE_TARGET_TYPE,
	RULE_MODE,
	RULE_TABLE,
	RULE_SAME_TARGET, /* no key: that one target meets all of the last three */
	RULE_STATEMENT,
	RULE_CONDITION_COUNT
} RuleCondition;

/* So many in any span of that length. */
typedef struct {
	guint n;
	gint64 within_us;
} PolicyRate;

/* Conditions that are not there are NULL or 0; text says which are. Plain data, only read outside
 * of this room. */
typedef struct {
	guint line;
	char *name;
	/* What was written, or the default that took its place; NULL: doesn't ask for that. */
	char *text[RULE_CONDITION_COUNT];

	GlobList *server;
	GlobList *database;
	GlobList *backend_type;
	GlobList *user;
	GlobList *application;
	ClientList *client;
	GlobList *state;
	gint64 in_transaction_for_us;
	gint64 idle_for_us;
	gint64 blocked_for_us;
	guint blocked_sessions;
	DayHours *hours;
	GlobList *target_type;
	LockModeSet modes;
	TableList *table;
	StatementPattern *statement;

	RuleAction action;
	gboolean even_if_not_blocking;
	PolicyRate limit;
	gint64 cooldown_us;
	GlobList *notify; /* NULL: all */
} Rule;

/* Whether it is for prepared transactions alone, for backends alone; neither: for both. */
gboolean rule_is_of_prepared(const Rule *rule);
gboolean rule_is_of_backends(const Rule *rule);
/* Whether it is only for those who block somebody. */
gboolean rule_asks_who_blocks(const Rule *rule);
/* Whether it does something, also to those who block nobody. */
gboolean rule_acts_on_anybody(const Rule *rule);

#endif
