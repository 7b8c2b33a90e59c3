#ifndef PGUNLOCK_GUARD_TOOLS_H
#define PGUNLOCK_GUARD_TOOLS_H

/* What all guarded servers share: the policy and where things go. Owned by the guard. */

#include "guard/metrics.h"
#include "guard/places.h"
#include "history/history.h"
#include "model/blocker.h"
#include "notify/journal.h"
#include "notify/notify.h"
#include "policy/limits.h"
#include "policy/policy.h"
#include "render/notice.h"

#include <glib.h>

typedef struct {
	Policy *policy; /* another one after a reload: nothing of it is kept beyond a callback, but
	                 * where guard_server_reload says so */
	PolicyLimits *limits;
	Places *places;
	History *history; /* NULL: off, or it can't be opened */
	Notifier *notifier;
	Journal *journal;
	Metrics *metrics;
} GuardTools;

/* Logs the notice and sends it to those whom the rule tells; rule NULL: to all. How many these are:
 * each of them is reported of later (notify.h). */
guint tools_tell(const GuardTools *tools, const Rule *rule, const Notice *notice);

/* The session of a notice; strings are borrowed from the blocker. */
NoticeSession tools_notice_session(const Blocker *blocker);

/* What most of those behind the blocker wait for, as it is shown, by the names of the look that saw
 * it; NULL: nothing that is known. Free with g_free. */
char *tools_target(const Snapshot *snapshot, const Blocker *blocker);

/* The guard's local time. */
guint tools_second_of_day(void);

#endif
