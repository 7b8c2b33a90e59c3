#ifndef PGUNLOCK_GUARD_METRICS_SERVER_H
#define PGUNLOCK_GUARD_METRICS_SERVER_H

/*
 * Answers GET and HEAD of /metrics and /healthz over HTTP, on the default main context. A
 * connection gets one answer and five seconds, and only so many are served at a time, so that
 * clients that are slow, or come in numbers, can neither hold up the guard nor pile up in it.
 */

#include "guard/metrics.h"

#include <glib.h>

typedef struct MetricsHttp MetricsHttp;

/* Called before each /metrics is rendered, to bring in what isn't kept up to date all the time. */
typedef void (*MetricsRefresh)(Metrics *metrics, gpointer data);

/* Whether address can be listened on: "127.0.0.1:9719", "[::1]:9719", "localhost:9719",
 * "0.0.0.0:9719"; port 0 takes a free one. Names other than localhost are not looked up. Sets a
 * usage error when not. */
gboolean metrics_address_check(const char *address, GError **error);

/* Listens at once. metrics is borrowed and must outlive the server; refresh may be NULL. Sets an
 * error that names the address when it can't be bound. */
MetricsHttp *metrics_http_new(const char *address, Metrics *metrics, MetricsRefresh refresh,
                              gpointer data, GError **error);
void metrics_http_free(MetricsHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetricsHttp, metrics_http_free)

/* The port that it listens on. */
guint16 metrics_http_port(const MetricsHttp *http);

/* /healthz answers 200 and "ok", as long as the guard's loop turns; with a reason it answers 503
 * and the reason. NULL: healthy again. A server of PostgreSQL that is down is no reason: restarting
 * the guard would not help. */
void metrics_http_set_unhealthy(MetricsHttp *http, const char *reason);

#endif
