#ifndef PGUNLOCK_GUARD_ACTS_H
#define PGUNLOCK_GUARD_ACTS_H

/*
 * Acts by the policy on one server: from verdicts to plans, through the limits, and from there to
 * signals that are verified; what was done goes into the audit log, the history, the metrics, and
 * to people. While an act is under way, looks and other acts go on; the sessions of it are left
 * alone until its result is known.
 *
 * Nothing is done to one of several who keep the same waiters when the others are left alone: that
 * would free nobody.
 */

#include "guard/guard_look.h"
#include "guard/incidents.h"
#include "guard/judge.h"
#include "guard/tools.h"
#include "pg/connection.h"

#include <glib.h>

typedef struct GuardActs GuardActs;

/* settled: the last act that was under way has its result. incidents, tools and name are borrowed.
 */
GuardActs *guard_acts_new(const GuardTools *tools, const char *name, GuardIncidents *incidents,
                          void (*settled)(gpointer user_data), gpointer user_data);
/* Only when none is under way. */
void guard_acts_free(GuardActs *acts);

/* What is to be done after this look: begins it. In a dry run (of the policy, or without a lease)
 * it is only told. judged: of Judged. connection must outlive the acts, or guard_acts_break_off be
 * called before it goes. */
void guard_acts_begin(GuardActs *acts, PgConnection *connection, GuardLook *look,
                      const GArray *judged);

guint guard_acts_n(const GuardActs *acts);
/* Ends those under way at once, with what is known of them: the connection is to be freed next. */
void guard_acts_break_off(GuardActs *acts);

#endif
