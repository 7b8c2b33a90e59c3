#include "notify/webhook.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "notify/retry.h"

#include <string.h>

/* Of what follows the head of an answer no more than this is read, and nothing of it is shown: it
 * may well quote the address. */
#define MAX_ANSWER 65536

typedef struct {
	GUri *address;
	SoupMessage *message;
	GCancellable *cancellable;
	GInputStream *answer;
	gint64 limit_us;
	guint timer;
	gboolean is_too_late;
	gboolean may_retry;
	gint64 asked_us;
} Post;

GUri *webhook_address_parse(const char *text, GError **error)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	g_autoptr(GUri) address = g_uri_parse(trimmed, SOUP_HTTP_URI_FLAGS, NULL);
	const char *scheme = address != NULL ? g_uri_get_scheme(address) : "";
	const char *host = address != NULL ? g_uri_get_host(address) : NULL;

	if ((strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0) || host == NULL ||
	    *host == '\0') {
		error_set(error, PGUNLOCK_ERROR_USAGE, "the address of the webhook is no http(s) address");
		error_set_hint(error, "it looks like https://hooks.example/services/...; it isn't shown "
		                      "here because it is a secret");
		return NULL;
	}
	if (strcmp(scheme, "https") == 0 && !g_tls_backend_supports_tls(g_tls_backend_get_default())) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "there is no TLS here for the webhook on %s", host);
		error_set_hint(error, "install glib-networking");
		return NULL;
	}
	return g_steal_pointer(&address);
}

const char *webhook_address_host(GUri *address)
{
	return g_uri_get_host(address);
}

static void use_proxy(GSimpleProxyResolver *resolver, const char *scheme, const char *variable)
{
	const char *value = g_getenv(variable);

	if (value == NULL || *value == '\0')
		return;
	g_autofree char *proxy =
	    strstr(value, "://") != NULL ? g_strdup(value) : g_strconcat("http://", value, NULL);
	g_simple_proxy_resolver_set_uri_proxy(resolver, scheme, proxy);
}

/* What GIO would ask instead is a desktop's settings, and scripts that it is told to load there. */
static GProxyResolver *proxies_of_environment(void)
{
	const char *direct = g_getenv("no_proxy");
	g_auto(GStrv) hosts = g_strsplit_set(direct != NULL ? direct : "", ", ", -1);
	GProxyResolver *resolver = g_simple_proxy_resolver_new(NULL, hosts);

	use_proxy(G_SIMPLE_PROXY_RESOLVER(resolver), "http", "http_proxy");
	use_proxy(G_SIMPLE_PROXY_RESOLVER(resolver), "https", "https_proxy");
	return resolver;
}

SoupSession *webhook_session_new(GError **error)
{
	const char *authorities = g_getenv("SSL_CERT_FILE");
	g_autoptr(GProxyResolver) proxies = proxies_of_environment();
	g_autoptr(SoupSession) session = soup_session_new_with_options(
	    "user-agent", "pgunlock/" PGUNLOCK_VERSION, "max-conns", 64, "max-conns-per-host", 16,
	    "idle-timeout", 30, "proxy-resolver", proxies, NULL);

	if (authorities != NULL && *authorities != '\0') {
		g_autofree char *path = g_canonicalize_filename(authorities, NULL);
		g_autoptr(GError) cause = NULL;
		g_autoptr(GTlsDatabase) database = g_tls_file_database_new(path, &cause);

		if (database == NULL) {
			error_set(error, PGUNLOCK_ERROR_USAGE, "cannot load the certificates in %s: %s", path,
			          cause->message);
			error_set_hint(error, "the environment variable SSL_CERT_FILE names it");
			return NULL;
		}
		soup_session_set_tls_database(session, database);
	}
	return g_steal_pointer(&session);
}

static void post_free(Post *post)
{
	g_clear_handle_id(&post->timer, g_source_remove);
	g_clear_object(&post->answer);
	g_clear_object(&post->message);
	g_clear_object(&post->cancellable);
	g_clear_pointer(&post->address, g_uri_unref);
	g_free(post);
}

/* What is wrong with a certificate, in words. */
static const char *certificate_words(GTlsCertificateFlags flags)
{
	static const struct {
		GTlsCertificateFlags flag;
		const char *words;
	} rows[] = {
	    {G_TLS_CERTIFICATE_REVOKED, "it has been revoked"},
	    {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
	    {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it isn't valid yet"},
	    {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another host"},
	    {G_TLS_CERTIFICATE_UNKNOWN_CA, "no authority that is trusted here has signed it"},
	    {G_TLS_CERTIFICATE_INSECURE, "its algorithm is not secure"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (flags & rows[i].flag)
			return rows[i].words;
	}
	return "it could not be verified";
}

/* A library's message, unless it shows what follows the host in the address. */
static const char *without_address(GUri *address, const char *message)
{
	const char *secrets[] = {g_uri_get_path(address), g_uri_get_query(address),
	                         g_uri_get_userinfo(address)};

	for (guint i = 0; i < G_N_ELEMENTS(secrets); i++) {
		if (secrets[i] != NULL && strlen(secrets[i]) > 1 && strstr(message, secrets[i]) != NULL)
			return "the request failed";
	}
	return message;
}

static void set_failure(Post *post, const GError *cause, GError **error)
{
	const char *host = webhook_address_host(post->address);

	post->may_retry = TRUE;
	if (post->is_too_late) {
		g_autofree char *limit = duration_to_text(post->limit_us);
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: no answer within %s", host, limit);
	} else if (g_error_matches(cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)) {
		post->may_retry = FALSE;
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: its certificate isn't accepted: %s", host,
		          certificate_words(soup_message_get_tls_peer_certificate_errors(post->message)));
		error_set_hint(error, "the environment variable SSL_CERT_FILE can name a file with the "
		                      "authorities to trust");
	} else {
		g_autofree char *message = text_safe(without_address(post->address, cause->message));
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: %s", host, message);
	}
}

/* The head of the answer decides; its body is read so that the receiver sees no broken connection.
 */
static void complete(GTask *task)
{
	Post *post = g_task_get_task_data(task);
	guint status = soup_message_get_status(post->message);
	WebhookAnswer answer = webhook_answer(status);
	GError *error = NULL;

	g_clear_handle_id(&post->timer, g_source_remove);
	if (answer == ANSWER_TAKEN) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	post->may_retry = answer == ANSWER_LATER;
	post->asked_us =
	    retry_after_us(soup_message_headers_get_one(
	                       soup_message_get_response_headers(post->message), "Retry-After"),
	                   g_get_real_time() / DURATION_SECOND);
	error_set(&error, PGUNLOCK_ERROR_FAILED, "%s: HTTP %u %s", webhook_address_host(post->address),
	          status, soup_status_get_phrase(status));
	if (status >= 300 && status < 400)
		error_set_hint(&error, "redirects are not followed: give the address that it leads to");
	g_task_return_error(task, error);
}

static void on_closed(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;

	g_input_stream_close_finish(G_INPUT_STREAM(stream), result, NULL);
	complete(task);
}

static void on_read(GObject *stream, GAsyncResult *result, gpointer data)
{
	Post *post = g_task_get_task_data(data);

	g_input_stream_skip_finish(G_INPUT_STREAM(stream), result, NULL);
	g_input_stream_close_async(post->answer, G_PRIORITY_DEFAULT, post->cancellable, on_closed,
	                           data);
}

static void on_answer(GObject *session, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Post *post = g_task_get_task_data(task);
	g_autoptr(GError) cause = NULL;

	post->answer = soup_session_send_finish(SOUP_SESSION(session), result, &cause);
	if (post->answer == NULL) {
		GError *error = NULL;
		g_clear_handle_id(&post->timer, g_source_remove);
		set_failure(post, cause, &error);
		g_task_return_error(task, error);
		return;
	}
	g_input_stream_skip_async(post->answer, MAX_ANSWER, G_PRIORITY_DEFAULT, post->cancellable,
	                          on_read, g_steal_pointer(&task));
}

static gboolean on_too_late(gpointer data)
{
	Post *post = data;

	post->timer = 0;
	post->is_too_late = TRUE;
	g_cancellable_cancel(post->cancellable);
	return G_SOURCE_REMOVE;
}

void webhook_post_async(SoupSession *session, GUri *address, GBytes *body, gint64 limit_us,
                        GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	/* The task gets no cancellable: what the request itself says is what is told. */
	GTask *task = g_task_new(session, NULL, done, data);
	Post *post = g_new0(Post, 1);

	post->address = g_uri_ref(address);
	post->message = soup_message_new_from_uri("POST", address);
	post->cancellable = g_object_ref(cancellable);
	post->limit_us = limit_us;
	post->asked_us = -1;
	post->timer = g_timeout_add((guint) (limit_us / DURATION_MS), on_too_late, post);
	g_task_set_task_data(task, post, (GDestroyNotify) post_free);
	soup_message_add_flags(post->message, SOUP_MESSAGE_NO_REDIRECT);
	soup_message_set_request_body_from_bytes(post->message, "application/json", body);
	soup_session_send_async(session, post->message, G_PRIORITY_DEFAULT, cancellable, on_answer,
	                        task);
}

gboolean webhook_post_finish(GAsyncResult *result, gboolean *may_retry, gint64 *asked_us,
                             GError **error)
{
	const Post *post = g_task_get_task_data(G_TASK(result));

	*may_retry = post->may_retry;
	*asked_us = post->asked_us;
	return g_task_propagate_boolean(G_TASK(result), error);
}
