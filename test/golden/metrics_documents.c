#include "metrics_documents.h"

#include "base/duration.h"
#include "stage.h"

static void fill_guard(MetricsGuard *guard)
{
	guard->version = "0.0.0";
	guard->started_at = STAGE_NOW - DURATION_DAY;
	guard->is_dry_run = TRUE;
	guard->last_reload_worked = TRUE;
	guard->last_reload_at = STAGE_NOW - DURATION_HOUR;
	guard->history_errors = 2;
	guard->audit_errors = 1;
	guard->history_bytes = 1474560;
}

static void fill_server(MetricsServer *server)
{
	static const gint64 looks_us[] = {900, 1000, 1001, 12345, 250000, 9999999, 10000000, 12000000};

	server->is_up = TRUE;
	server->has_lease = TRUE;
	server->blocked_sessions = 143;
	server->root_blockers = 1;
	server->longest_wait_us = 252100000;
	server->oldest_idle_in_transaction_us = 543000001;
	server->last_look_at = STAGE_NOW;
	server->open_breakers = 1;
	server->failed_looks = 3;
	server->failed_connects = 4;
	server->incidents = 18;
	server->unknown_verdicts = 5;
	for (guint i = 0; i < G_N_ELEMENTS(looks_us); i++)
		metrics_histogram_add(&server->look, looks_us[i]);
}

Metrics *busy_metrics(void)
{
	Metrics *metrics = metrics_new();

	fill_guard(metrics_guard(metrics));
	fill_server(metrics_server(metrics, "main"));
	/* Never reached so far, and with a name that needs escapes. */
	metrics_server(metrics, "a \"quoted\\\" name\nof two lines \xff");
	*metrics_acts(metrics, "main", "leaked-login", "freed") = 16;
	*metrics_acts(metrics, "main", "leaked-login", "dry_run") = 1;
	*metrics_acts(metrics, "main", "long-report", "cancelled_still_holding") = 2;
	*metrics_notices(metrics, "ops") = (MetricsNotices){40, 2, 1, 3};
	*metrics_notices(metrics, "chat") = (MetricsNotices){0};
	return metrics;
}
