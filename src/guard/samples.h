#ifndef PGUNLOCK_GUARD_SAMPLES_H
#define PGUNLOCK_GUARD_SAMPLES_H

/*
 * Statements seen in transactions that are open. pg_stat_activity shows the last one alone, and
 * that is seldom the one that took the lock: so the sessions in transactions are asked for theirs
 * again and again, and what was seen is kept until the transaction is over.
 */

#include "model/session_facts.h"
#include "pg/transactions.h"

#include <glib.h>

typedef struct GuardSamples GuardSamples;

GuardSamples *guard_samples_new(void);
void guard_samples_free(GuardSamples *samples);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardSamples, guard_samples_free)

/* All transactions that are open now (of OpenTransaction): those that aren't among them are
 * forgotten. now: by the server's clock. */
void guard_samples_take(GuardSamples *samples, const GArray *transactions, gint64 now);

typedef struct {
	gint64 query_start;
	gint64 seen_at;
	char *query;
} SampledStatement;

/* What was seen in this session's present transaction, in order (of SampledStatement); borrowed
 * until the next sample. NULL: nothing. */
const GArray *guard_samples_of(const GuardSamples *samples, const SessionFacts *session);

/* The longest that anybody has been idle in a transaction, at the last sample. */
gint64 guard_samples_oldest_idle_us(const GuardSamples *samples);

#endif
