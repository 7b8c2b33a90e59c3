#ifndef PGUNLOCK_GUARD_METRICS_PRIVATE_H
#define PGUNLOCK_GUARD_METRICS_PRIVATE_H

/* What metrics.c keeps and metrics_text.c writes. */

#include "guard/metrics.h"

#include <glib.h>

typedef struct {
	char *server;
	char *rule;
	char *result;
	guint64 n;
} MetricsActs;

struct Metrics {
	MetricsGuard guard;
	GTree *servers; /* name to MetricsServer */
	GTree *notices; /* target to MetricsNotices */
	GTree *acts;    /* of MetricsActs, which are their own keys */
};

typedef struct {
	gint64 limit_us;
	const char *label; /* the same in seconds, as OpenMetrics wants it written */
} MetricsBucket;

extern const MetricsBucket metrics_buckets[METRICS_BUCKETS];

#endif
