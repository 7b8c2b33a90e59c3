#include "guard/metrics_private.h"

#include "base/duration.h"

#include <string.h>

const MetricsBucket metrics_buckets[METRICS_BUCKETS] = {
    {1 * DURATION_MS, "0.001"},    {2500, "0.0025"},
    {5 * DURATION_MS, "0.005"},    {10 * DURATION_MS, "0.01"},
    {25 * DURATION_MS, "0.025"},   {50 * DURATION_MS, "0.05"},
    {100 * DURATION_MS, "0.1"},    {250 * DURATION_MS, "0.25"},
    {1000 * DURATION_MS, "1.0"},   {2500 * DURATION_MS, "2.5"},
    {10000 * DURATION_MS, "10.0"},
};

void metrics_histogram_add(MetricsHistogram *histogram, gint64 duration_us)
{
	guint bucket = 0;

	while (bucket < METRICS_BUCKETS && duration_us > metrics_buckets[bucket].limit_us)
		bucket++;
	histogram->counts[bucket]++;
	histogram->sum_us += MAX(duration_us, 0);
}

static gint compare_names(gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
	return strcmp(a, b);
}

static gint compare_acts(gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
	const MetricsActs *left = a;
	const MetricsActs *right = b;
	int order = strcmp(left->server, right->server);

	if (order == 0)
		order = strcmp(left->rule, right->rule);
	return order != 0 ? order : strcmp(left->result, right->result);
}

static void acts_free(gpointer data)
{
	MetricsActs *acts = data;

	g_free(acts->server);
	g_free(acts->rule);
	g_free(acts->result);
	g_free(acts);
}

Metrics *metrics_new(void)
{
	Metrics *metrics = g_new0(Metrics, 1);

	metrics->guard.version = PGUNLOCK_VERSION;
	metrics->guard.started_at = METRICS_UNKNOWN;
	metrics->guard.last_reload_at = METRICS_UNKNOWN;
	metrics->guard.history_bytes = METRICS_UNKNOWN;
	metrics->servers = g_tree_new_full(compare_names, NULL, g_free, g_free);
	metrics->notices = g_tree_new_full(compare_names, NULL, g_free, g_free);
	metrics->acts = g_tree_new_full(compare_acts, NULL, acts_free, NULL);
	return metrics;
}

void metrics_free(Metrics *metrics)
{
	if (metrics == NULL)
		return;
	g_tree_unref(metrics->servers);
	g_tree_unref(metrics->notices);
	g_tree_unref(metrics->acts);
	g_free(metrics);
}

MetricsGuard *metrics_guard(Metrics *metrics)
{
	return &metrics->guard;
}

void metrics_server_down(MetricsServer *server)
{
	server->is_up = FALSE;
	server->has_lease = FALSE;
	server->blocked_sessions = METRICS_UNKNOWN;
	server->root_blockers = METRICS_UNKNOWN;
	server->longest_wait_us = METRICS_UNKNOWN;
	server->oldest_idle_in_transaction_us = METRICS_UNKNOWN;
}

MetricsServer *metrics_server(Metrics *metrics, const char *name)
{
	MetricsServer *server = g_tree_lookup(metrics->servers, name);

	if (server == NULL) {
		server = g_new0(MetricsServer, 1);
		metrics_server_down(server);
		server->last_look_at = METRICS_UNKNOWN;
		g_tree_insert(metrics->servers, g_strdup(name), server);
	}
	return server;
}

MetricsNotices *metrics_notices(Metrics *metrics, const char *target)
{
	MetricsNotices *notices = g_tree_lookup(metrics->notices, target);

	if (notices == NULL) {
		notices = g_new0(MetricsNotices, 1);
		g_tree_insert(metrics->notices, g_strdup(target), notices);
	}
	return notices;
}

guint64 *metrics_acts(Metrics *metrics, const char *server, const char *rule, const char *result)
{
	MetricsActs *acts = g_new0(MetricsActs, 1);

	acts->server = g_strdup(server);
	acts->rule = g_strdup(rule);
	acts->result = g_strdup(result);
	GTreeNode *known = g_tree_lookup_node(metrics->acts, acts);
	if (known != NULL) {
		acts_free(acts);
		acts = g_tree_node_key(known);
	} else {
		g_tree_insert(metrics->acts, acts, acts);
	}
	return &acts->n;
}

void metrics_forget_server(Metrics *metrics, const char *name)
{
	GTreeNode *next;

	for (GTreeNode *node = g_tree_node_first(metrics->acts); node != NULL; node = next) {
		MetricsActs *acts = g_tree_node_key(node);
		next = g_tree_node_next(node);
		if (strcmp(acts->server, name) == 0) {
			g_tree_remove(metrics->acts, acts);
			/* Removing moves what is in the nodes about: begin anew. */
			next = g_tree_node_first(metrics->acts);
		}
	}
	g_tree_remove(metrics->servers, name);
}

void metrics_forget_target(Metrics *metrics, const char *name)
{
	g_tree_remove(metrics->notices, name);
}

/* The weight that the client gives a media type: q of "type;...;q=0.5", in thousandths. */
static guint weight_of(const char *item)
{
	g_auto(GStrv) parts = g_strsplit(item, ";", -1);
	guint weight = 1000;

	for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++) {
		const char *part = g_strstrip(parts[i]);
		if (g_str_has_prefix(part, "q="))
			weight = (guint) CLAMP(g_ascii_strtod(part + 2, NULL) * 1000, 0, 1000);
	}
	return weight;
}

static gboolean item_is(const char *item, const char *type)
{
	gsize length = strlen(type);

	return g_ascii_strncasecmp(item, type, length) == 0 && strchr("; \t", item[length]) != NULL;
}

MetricsFormat metrics_format_for(const char *accept)
{
	g_auto(GStrv) items = g_strsplit(accept != NULL ? accept : "", ",", -1);
	guint openmetrics = 0;
	guint text = 0;

	for (guint i = 0; items[i] != NULL; i++) {
		const char *item = g_strstrip(items[i]);
		guint weight = weight_of(item);
		if (item_is(item, "application/openmetrics-text"))
			openmetrics = MAX(openmetrics, weight);
		else if (item_is(item, "text/plain"))
			text = MAX(text, weight);
	}
	return openmetrics > 0 && openmetrics >= text ? METRICS_OPENMETRICS : METRICS_TEXT;
}

const char *metrics_content_type(MetricsFormat format)
{
	return format == METRICS_OPENMETRICS
	           ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
	           : "text/plain; version=0.0.4; charset=utf-8";
}
