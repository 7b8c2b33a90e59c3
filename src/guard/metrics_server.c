#include "guard/metrics_server.h"

#include "base/error.h"

#include <gio/gio.h>
#include <libsoup/soup.h>
#include <string.h>

/* A scrape takes milliseconds. */
#define LIFETIME_S 5
/* Beyond the first the oldest connection is broken, so that clients that only hang about can't
 * keep others out. Beyond the second new ones aren't taken: broken ones are still being cleaned up.
 */
#define MAX_CLIENTS 16
#define MAX_CLIENTS_EVER (2 * MAX_CLIENTS)

typedef struct {
	MetricsHttp *http;
	GSocketConnection *connection; /* not owned: soup's; a weak reference tells of its end */
	guint timer;
	gboolean is_broken;
} Client;

struct MetricsHttp {
	Metrics *metrics;
	MetricsRefresh refresh;
	gpointer refresh_data;
	GSocketService *service;
	SoupServer *soup;
	GQueue clients; /* of Client, oldest first */
	guint16 port;
	char *unhealthy;
};

static void on_client_gone(gpointer data, G_GNUC_UNUSED GObject *connection)
{
	Client *client = data;

	g_queue_remove(&client->http->clients, client);
	g_clear_handle_id(&client->timer, g_source_remove);
	g_free(client);
}

/* Soup then sees the end of the connection, and lets go of it. */
static void break_client(Client *client)
{
	client->is_broken = TRUE;
	g_clear_handle_id(&client->timer, g_source_remove);
	g_socket_shutdown(g_socket_connection_get_socket(client->connection), TRUE, TRUE, NULL);
}

static gboolean on_lifetime_end(gpointer data)
{
	Client *client = data;

	client->timer = 0;
	break_client(client);
	return G_SOURCE_REMOVE;
}

static Client *oldest_whole(MetricsHttp *http, guint *n_whole)
{
	Client *oldest = NULL;

	*n_whole = 0;
	for (GList *link = http->clients.head; link != NULL; link = link->next) {
		Client *client = link->data;
		if (client->is_broken)
			continue;
		if (oldest == NULL)
			oldest = client;
		(*n_whole)++;
	}
	return oldest;
}

/* A client that is gone already has no address any more. */
static gboolean serve(MetricsHttp *http, GSocketConnection *connection)
{
	g_autoptr(GSocketAddress) local = g_socket_connection_get_local_address(connection, NULL);
	g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(connection, NULL);

	return local != NULL && remote != NULL &&
	       soup_server_accept_iostream(http->soup, G_IO_STREAM(connection), local, remote, NULL);
}

static gboolean on_incoming(G_GNUC_UNUSED GSocketService *service, GSocketConnection *connection,
                            G_GNUC_UNUSED GObject *source, gpointer data)
{
	MetricsHttp *http = data;
	guint n_whole;
	Client *oldest = oldest_whole(http, &n_whole);

	/* Not handed on to soup, it is closed. */
	if (http->clients.length >= MAX_CLIENTS_EVER)
		return TRUE;
	if (n_whole >= MAX_CLIENTS)
		break_client(oldest);
	if (!serve(http, connection))
		return TRUE;
	Client *client = g_new0(Client, 1);
	client->http = http;
	client->connection = connection;
	client->timer = g_timeout_add_seconds(LIFETIME_S, on_lifetime_end, client);
	g_object_weak_ref(G_OBJECT(connection), on_client_gone, client);
	g_queue_push_tail(&http->clients, client);
	return TRUE;
}

static void respond(SoupServerMessage *message, guint status, const char *type, const char *body,
                    gsize length)
{
	soup_server_message_set_status(message, status, NULL);
	soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, body, length);
}

static void respond_text(SoupServerMessage *message, guint status, const char *text)
{
	respond(message, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void answer_metrics(MetricsHttp *http, SoupServerMessage *message)
{
	SoupMessageHeaders *asked = soup_server_message_get_request_headers(message);
	g_autoptr(GString) body = g_string_new(NULL);
	MetricsFormat format = metrics_format_for(soup_message_headers_get_list(asked, "Accept"));

	if (http->refresh != NULL)
		http->refresh(http->metrics, http->refresh_data);
	metrics_render(body, http->metrics, format);
	respond(message, SOUP_STATUS_OK, metrics_content_type(format), body->str, body->len);
}

static void answer_health(MetricsHttp *http, SoupServerMessage *message)
{
	if (http->unhealthy == NULL) {
		respond_text(message, SOUP_STATUS_OK, "ok\n");
		return;
	}
	g_autofree char *text = g_strconcat(http->unhealthy, "\n", NULL);
	respond_text(message, SOUP_STATUS_SERVICE_UNAVAILABLE, text);
}

static const struct {
	const char *path;
	void (*answer)(MetricsHttp *http, SoupServerMessage *message);
} paths[] = {
    {"/metrics", answer_metrics},
    {"/healthz", answer_health},
};

static void on_request(G_GNUC_UNUSED SoupServer *soup, SoupServerMessage *message, const char *path,
                       G_GNUC_UNUSED GHashTable *query, gpointer data)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
	const char *method = soup_server_message_get_method(message);

	soup_message_headers_replace(headers, "Connection", "close");
	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		if (strcmp(path, paths[i].path) != 0)
			continue;
		if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
			paths[i].answer(data, message);
		} else {
			soup_message_headers_replace(headers, "Allow", "GET, HEAD");
			respond_text(message, SOUP_STATUS_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
		}
		return;
	}
	respond_text(message, SOUP_STATUS_NOT_FOUND, "there are /metrics and /healthz here\n");
}

/* What a client sends behind the head of a request is not kept. */
static void on_request_started(G_GNUC_UNUSED SoupServer *soup, SoupServerMessage *message,
                               G_GNUC_UNUSED gpointer data)
{
	soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
}

/* NULL when it is no address and port that can be listened on. */
static GSocketAddress *parse_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	guint64 port;

	if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
		return NULL;
	g_autofree char *host = g_strndup(text, (gsize) (colon - text));
	gsize length = strlen(host);
	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		return g_inet_socket_address_new_from_string(host + 1, (guint) port);
	}
	if (strchr(host, ':') != NULL)
		return NULL;
	return g_inet_socket_address_new_from_string(
	    g_ascii_strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host, (guint) port);
}

gboolean metrics_address_check(const char *address, GError **error)
{
	g_autoptr(GSocketAddress) parsed = parse_address(address);

	if (parsed != NULL)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "cannot listen on \"%s\" for metrics: no such address",
	          address);
	error_set_hint(error, "write an IP address and a port, as in 127.0.0.1:9719 or [::1]:9719");
	return FALSE;
}

static gboolean listen_on(MetricsHttp *http, const char *address, GError **error)
{
	g_autoptr(GSocketAddress) parsed = parse_address(address);
	g_autoptr(GSocketAddress) bound = NULL;
	g_autoptr(GError) cause = NULL;

	if (!g_socket_listener_add_address(G_SOCKET_LISTENER(http->service), parsed,
	                                   G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
	                                   &cause)) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot listen on %s for metrics: %s", address,
		          cause->message);
		if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
			error_set_hint(error, "another program listens there, perhaps another guard: metrics "
			                      "in the policy file can name another port, or be off");
		return FALSE;
	}
	http->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
	return TRUE;
}

MetricsHttp *metrics_http_new(const char *address, Metrics *metrics, MetricsRefresh refresh,
                              gpointer data, GError **error)
{
	if (!metrics_address_check(address, error))
		return NULL;
	g_autoptr(MetricsHttp) http = g_new0(MetricsHttp, 1);
	http->metrics = metrics;
	http->refresh = refresh;
	http->refresh_data = data;
	g_queue_init(&http->clients);
	http->service = g_socket_service_new();
	http->soup = soup_server_new("server-header", "pgunlock/" PGUNLOCK_VERSION, NULL);
	if (!listen_on(http, address, error))
		return NULL;
	soup_server_add_handler(http->soup, NULL, on_request, http, NULL);
	g_signal_connect(http->soup, "request-started", G_CALLBACK(on_request_started), NULL);
	g_signal_connect(http->service, "incoming", G_CALLBACK(on_incoming), http);
	g_socket_service_start(http->service);
	return g_steal_pointer(&http);
}

void metrics_http_free(MetricsHttp *http)
{
	Client *client;

	if (http == NULL)
		return;
	g_socket_service_stop(http->service);
	g_socket_listener_close(G_SOCKET_LISTENER(http->service));
	g_signal_handlers_disconnect_by_data(http->service, http);
	g_object_unref(http->service);
	while ((client = g_queue_pop_head(&http->clients)) != NULL) {
		g_object_weak_unref(G_OBJECT(client->connection), on_client_gone, client);
		break_client(client);
		g_free(client);
	}
	soup_server_disconnect(http->soup);
	g_object_unref(http->soup);
	g_free(http->unhealthy);
	g_free(http);
}

guint16 metrics_http_port(const MetricsHttp *http)
{
	return http->port;
}

void metrics_http_set_unhealthy(MetricsHttp *http, const char *reason)
{
	g_free(http->unhealthy);
	http->unhealthy = g_strdup(reason);
}
