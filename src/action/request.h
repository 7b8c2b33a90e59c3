#ifndef PGUNLOCK_ACTION_REQUEST_H
#define PGUNLOCK_ACTION_REQUEST_H

/* From an item of a plan to the statement that carries it out. */

#include "pg/signal.h"
#include "plan/plan.h"

/* For items whose act is cancel or terminate. waiter_pid: whom it must still block, or 0. Strings
 * are the snapshot's. */
SignalRequest signal_request_of(const Plan *plan, const PlanItem *item, gint32 waiter_pid);

/* The pid of the waiter that the item was planned with, or 0. */
gint32 planned_waiter_pid(const Plan *plan, const PlanItem *item);

#endif
