#ifndef PGUNLOCK_GUARD_METRICS_H
#define PGUNLOCK_GUARD_METRICS_H

/*
 * The guard's numbers, and the text that Prometheus reads. Pure: whoever knows a number puts it
 * here; metrics_render writes all of them down. metrics_server.h answers requests with it.
 *
 * Names and help of all of them are in one table, in metrics_text.c.
 */

#include <glib.h>

/* How long things took, in buckets. Plain data, all zero at first. */
#define METRICS_BUCKETS 11
typedef struct {
	guint64 counts[METRICS_BUCKETS + 1]; /* not cumulative; the last one is for all above */
	gint64 sum_us;
} MetricsHistogram;

void metrics_histogram_add(MetricsHistogram *histogram, gint64 duration_us);

/* A gauge that nobody can tell now: it isn't exported, for 0 would be a claim. */
#define METRICS_UNKNOWN G_MININT64

/* What is known of one server. The guard sets these; counters only ever grow. */
typedef struct {
	gboolean is_up;     /* the latest look worked */
	gboolean has_lease; /* this guard is the one that acts there */
	gint64 blocked_sessions;
	gint64 root_blockers;
	gint64 longest_wait_us;
	gint64 oldest_idle_in_transaction_us;
	gint64 last_look_at; /* the guard's clock, microseconds since 1970 */
	gint64 open_breakers;

	MetricsHistogram look; /* of the looks that worked */
	guint64 failed_looks;
	guint64 failed_connects;
	guint64 incidents;        /* begun */
	guint64 unknown_verdicts; /* a rule's condition that couldn't be judged */
} MetricsServer;

/* What is known of the guard itself. */
typedef struct {
	const char *version; /* static */
	gint64 started_at;   /* microseconds since 1970 */
	gboolean is_dry_run;
	gboolean last_reload_worked;
	gint64 last_reload_at; /* that worked; the start counts */
	guint64 history_errors;
	guint64 audit_errors;
	gint64 history_bytes;
} MetricsGuard;

/* What is known of one target of notices. */
typedef struct {
	guint64 sent;
	guint64 failed;
	guint64 dropped;
	guint queued;
} MetricsNotices;

typedef struct Metrics Metrics;

Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Metrics, metrics_free)

/* To be written to; owned by metrics. Gauges that can be unknown begin so. */
MetricsGuard *metrics_guard(Metrics *metrics);
/* The one of this name, made when there is none yet. Stays until it is forgotten. */
MetricsServer *metrics_server(Metrics *metrics, const char *name);
MetricsNotices *metrics_notices(Metrics *metrics, const char *target);
/* The number of acts of this rule on this server with this result (item_result_name, or "dry_run",
 * "limited", "breaker_open"); made with 0 when there is none yet. */
guint64 *metrics_acts(Metrics *metrics, const char *server, const char *rule, const char *result);

/* The server or target is in the policy no more. A server takes its acts with it. */
void metrics_forget_server(Metrics *metrics, const char *name);
void metrics_forget_target(Metrics *metrics, const char *name);

/* Nothing is known of the server now: every gauge of what is seen there becomes unknown, and it is
 * not up. */
void metrics_server_down(MetricsServer *server);

typedef enum {
	METRICS_TEXT,        /* text/plain; version=0.0.4 */
	METRICS_OPENMETRICS, /* application/openmetrics-text; version=1.0.0 */
} MetricsFormat;

/* What the client would rather have, by its Accept header (NULL: none). */
MetricsFormat metrics_format_for(const char *accept);
const char *metrics_content_type(MetricsFormat format);

/* Servers, targets and acts in the order of their names. */
void metrics_render(GString *out, const Metrics *metrics, MetricsFormat format);

#endif
