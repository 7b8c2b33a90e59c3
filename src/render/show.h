#ifndef PGUNLOCK_RENDER_SHOW_H
#define PGUNLOCK_RENDER_SHOW_H

/* What show says of one session in text and in JSON alike. */

#include "model/wait_graph.h"
#include "plan/act.h"

#include <glib.h>

/* What an act would do to the session. A parallel worker's is done to its leader. */
typedef struct {
	Act act;
	guint session;
	ActRefusal refusal;
	gboolean does_nothing; /* even if nobody refused it */
	gboolean is_right;     /* it is what release would do */
	guint frees;           /* waiters that it lets move on */
} ShownAct;

ShownAct shown_act(const WaitGraph *graph, guint session, Act act);
/* What it would do, in whole sentences; why it is or isn't done, half a sentence. Free with g_free.
 */
char *shown_act_effect(const WaitGraph *graph, const ShownAct *act);
char *shown_act_reason(const WaitGraph *graph, const ShownAct *act);

/* The session's locks: those that it waits for, those that others wait for, the rest, the strongest
 * mode first; its own transaction ids last. An array of Lock, the caller's. */
GArray *shown_locks(const WaitGraph *graph, guint session);
/* How many others wait for what this lock is on, in conflict with it. */
guint shown_lock_waiters(const WaitGraph *graph, const Lock *lock);

#endif
