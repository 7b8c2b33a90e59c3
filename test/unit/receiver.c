#include "receiver.h"

#include <libsoup/soup.h>

typedef struct {
	char *body;
	char *content_type;
	gint64 time_us;
} Request;

struct Receiver {
	SoupServer *soup;
	const ReceiverAnswer *answers;
	guint n_answers;
	GArray *requests;
};

static void request_clear(gpointer data)
{
	Request *request = data;

	g_free(request->body);
	g_free(request->content_type);
}

static void on_request(G_GNUC_UNUSED SoupServer *soup, SoupServerMessage *message,
                       G_GNUC_UNUSED const char *path, G_GNUC_UNUSED GHashTable *query,
                       gpointer data)
{
	Receiver *receiver = data;
	const SoupMessageBody *body = soup_server_message_get_request_body(message);
	guint index = MIN(receiver->requests->len, receiver->n_answers - 1);
	const ReceiverAnswer *answer = &receiver->answers[index];
	Request request = {
	    .body = g_strndup(body->data, (gsize) body->length),
	    .content_type = g_strdup(soup_message_headers_get_one(
	        soup_server_message_get_request_headers(message), "Content-Type")),
	    .time_us = g_get_monotonic_time(),
	};

	g_array_append_val(receiver->requests, request);
	if (answer->status == RECEIVER_HANGS) {
		soup_server_message_pause(message);
		return;
	}
	soup_server_message_set_status(message, answer->status, NULL);
	if (answer->header != NULL)
		soup_message_headers_replace(soup_server_message_get_response_headers(message),
		                             answer->header, answer->value);
	soup_server_message_set_response(message, "text/plain", SOUP_MEMORY_STATIC, "noted", 5);
}

static Receiver *receiver_start(const ReceiverAnswer *answers, guint n,
                                SoupServerListenOptions options)
{
	Receiver *receiver = g_new0(Receiver, 1);
	g_autoptr(GError) error = NULL;

	receiver->answers = answers;
	receiver->n_answers = n;
	receiver->requests = g_array_new(FALSE, FALSE, sizeof(Request));
	g_array_set_clear_func(receiver->requests, request_clear);
	receiver->soup = soup_server_new("server-header", "receiver", NULL);
	soup_server_add_handler(receiver->soup, NULL, on_request, receiver, NULL);
	if ((options & SOUP_SERVER_LISTEN_HTTPS) != 0) {
		g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tls", "server.pem", NULL);
		g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file(path, &error);
		g_assert_no_error(error);
		soup_server_set_tls_certificate(receiver->soup, certificate);
	}
	soup_server_listen_local(receiver->soup, 0, options, &error);
	g_assert_no_error(error);
	return receiver;
}

Receiver *receiver_new(const ReceiverAnswer *answers, guint n)
{
	return receiver_start(answers, n, SOUP_SERVER_LISTEN_IPV4_ONLY);
}

Receiver *receiver_new_tls(const ReceiverAnswer *answers, guint n)
{
	return receiver_start(answers, n, SOUP_SERVER_LISTEN_IPV4_ONLY | SOUP_SERVER_LISTEN_HTTPS);
}

void receiver_free(Receiver *receiver)
{
	soup_server_disconnect(receiver->soup);
	g_object_unref(receiver->soup);
	g_array_unref(receiver->requests);
	g_free(receiver);
}

char *receiver_address(const Receiver *receiver, const char *host)
{
	GSList *uris = soup_server_get_uris(receiver->soup);
	const char *scheme = g_uri_get_scheme(uris->data);
	int port = g_uri_get_port(uris->data);
	char *address = g_strdup_printf("%s://%s:%d/services/" RECEIVER_SECRET, scheme, host, port);

	g_slist_free_full(uris, (GDestroyNotify) g_uri_unref);
	return address;
}

guint receiver_n_requests(const Receiver *receiver)
{
	return receiver->requests->len;
}

const char *receiver_body(const Receiver *receiver, guint index)
{
	return g_array_index(receiver->requests, Request, index).body;
}

const char *receiver_content_type(const Receiver *receiver, guint index)
{
	return g_array_index(receiver->requests, Request, index).content_type;
}

gint64 receiver_time(const Receiver *receiver, guint index)
{
	return g_array_index(receiver->requests, Request, index).time_us;
}

static gboolean on_wake(gpointer data)
{
	*(gboolean *) data = TRUE;
	return G_SOURCE_REMOVE;
}

void turn_loop(void)
{
	gboolean is_awake = FALSE;
	guint source = g_timeout_add(5, on_wake, &is_awake);

	g_main_context_iteration(NULL, TRUE);
	if (!is_awake)
		g_source_remove(source);
}
