#include "receiver.h"

#include <libsoup/soup.h>

typedef struct {
	char *body;
	char *content_type;
	gint64 time_us;
} Request;

struct Receiver {
	SoupServer *soup;
	GSocketService *service; /* takes the connections: soup_server_listen of libsoup 3.2 loses one
	                            socket for each */
	GTlsCertificate *certificate; /* NULL: plain */
	guint16 port;
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

static gboolean on_incoming(G_GNUC_UNUSED GSocketService *service, GSocketConnection *connection,
                            G_GNUC_UNUSED GObject *source, gpointer data)
{
	Receiver *receiver = data;
	g_autoptr(GSocketAddress) local = g_socket_connection_get_local_address(connection, NULL);
	g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(connection, NULL);
	g_autoptr(GIOStream) stream = g_object_ref(G_IO_STREAM(connection));

	if (receiver->certificate != NULL) {
		g_object_unref(stream);
		stream = g_tls_server_connection_new(G_IO_STREAM(connection), receiver->certificate, NULL);
	}
	soup_server_accept_iostream(receiver->soup, stream, local, remote, NULL);
	return TRUE;
}

Receiver *receiver_new(const ReceiverAnswer *answers, guint n)
{
	Receiver *receiver = g_new0(Receiver, 1);
	g_autoptr(GSocketAddress) loopback = g_inet_socket_address_new_from_string("127.0.0.1", 0);
	g_autoptr(GSocketAddress) bound = NULL;
	g_autoptr(GError) error = NULL;

	receiver->answers = answers;
	receiver->n_answers = n;
	receiver->requests = g_array_new(FALSE, FALSE, sizeof(Request));
	g_array_set_clear_func(receiver->requests, request_clear);
	receiver->soup = soup_server_new("server-header", "receiver", NULL);
	soup_server_add_handler(receiver->soup, NULL, on_request, receiver, NULL);
	receiver->service = g_socket_service_new();
	g_signal_connect(receiver->service, "incoming", G_CALLBACK(on_incoming), receiver);
	g_socket_listener_add_address(G_SOCKET_LISTENER(receiver->service), loopback,
	                              G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
	                              &error);
	g_assert_no_error(error);
	receiver->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
	return receiver;
}

Receiver *receiver_new_tls(const ReceiverAnswer *answers, guint n)
{
	Receiver *receiver = receiver_new(answers, n);
	g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tls", "server.pem", NULL);
	g_autoptr(GError) error = NULL;

	receiver->certificate = g_tls_certificate_new_from_file(path, &error);
	g_assert_no_error(error);
	return receiver;
}

void receiver_free(Receiver *receiver)
{
	g_socket_service_stop(receiver->service);
	g_socket_listener_close(G_SOCKET_LISTENER(receiver->service));
	g_object_unref(receiver->service);
	soup_server_disconnect(receiver->soup);
	g_object_unref(receiver->soup);
	g_clear_object(&receiver->certificate);
	g_array_unref(receiver->requests);
	g_free(receiver);
}

char *receiver_address(const Receiver *receiver, const char *host)
{
	return g_strdup_printf("%s://%s:%u/services/" RECEIVER_SECRET,
	                       receiver->certificate != NULL ? "https" : "http", host, receiver->port);
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
