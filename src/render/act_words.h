#ifndef PGUNLOCK_RENDER_ACT_WORDS_H
#define PGUNLOCK_RENDER_ACT_WORDS_H

/* The words for acts: why this one, why not. Results that are char * are safe text
 * and freed with g_free. */

#include "model/snapshot.h"
#include "plan/act.h"

#include <glib.h>

/* In JSON, "idle_in_transaction"; and as half a sentence. */
const char *reason_code(ActReason reason);
const char *reason_text(ActReason reason);

/* In JSON, "needs_signal_backend". */
const char *refusal_code(ActRefusal refusal);
/* Why it is refused, half a sentence. refusal isn't REFUSAL_NONE. */
char *refusal_text(const Snapshot *snapshot, guint session, ActRefusal refusal);
/* The same of one that names nobody: all by which act_refusal_by_session refuses. */
const char *refusal_plain_text(ActRefusal refusal);
/* The SQL that would allow it, with its semicolon; NULL when no GRANT would. */
char *refusal_grant(const Snapshot *snapshot, guint session, ActRefusal refusal);
/* What to do instead, where there is something; else NULL. */
char *refusal_hint(const Snapshot *snapshot, guint session, ActRefusal refusal);

/* The command of pgunlock that does it instead; NULL when there is none. */
typedef struct {
	const char *command;
	const char *tails[2]; /* what may follow the session there; the first may be NULL: nothing */
} RefusalRemedy;

RefusalRemedy refusal_remedy(const Snapshot *snapshot, guint session, ActRefusal refusal);

/* After whom an act frees, where the row may be held by others as well
 * (wait_graph_row_may_be_shared). */
#define UNLESS_SHARED ", unless others share the row"

/* "cancel", "terminate", "roll back": what is done, as a verb. */
const char *act_verb(Act act);

#endif
