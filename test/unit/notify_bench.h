#ifndef PGUNLOCK_TEST_NOTIFY_BENCH_H
#define PGUNLOCK_TEST_NOTIFY_BENCH_H

/* A notifier at work, with what it reports. */

#include "notify/notify.h"

typedef struct {
	char *target;
	NoticeFate fate;
	NoticeKind kind;
	guint attempts;
	char *error;
} BenchReport;

typedef struct {
	Journal *journal;
	Notifier *notifier;
	GArray *reports; /* of BenchReport */
	guint n_finished;
} Bench;

/* Short pauses: 20 ms to 80 ms. */
extern const NotifyLimits bench_limits;

Bench *bench_new(const NotifyLimits *limits);
void bench_free(Bench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

/* One target, "ops". */
void bench_configure(Bench *bench, NotifyKind kind, const char *value);
/* A notice of incident number for it. */
void bench_send(Bench *bench, gint64 incident);
/* Ends within bound_us; n_finished says when. */
void bench_finish(Bench *bench, gint64 bound_us);

const BenchReport *bench_report(const Bench *bench, guint index);
/* The only target's counts. */
NotifyCounts bench_counts(const Bench *bench);

#endif
