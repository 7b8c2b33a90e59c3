#ifndef PGUNLOCK_NOTIFY_WEBHOOK_H
#define PGUNLOCK_NOTIFY_WEBHOOK_H

/* One request to a webhook, without any waiting. */

#include <gio/gio.h>
#include <libsoup/soup.h>

/* The address in text, blanks around it ignored. Sets a usage error that doesn't show it, nor
 * anything of it. */
GUri *webhook_address_parse(const char *text, GError **error);
/* What of an address may be shown: its host. Borrowed. */
const char *webhook_address_host(GUri *address);

/* A session that verifies TLS: against the authorities in the file $SSL_CERT_FILE where that is
 * set, else against the system's; and goes through
 * the proxies that $http_proxy, $https_proxy and $no_proxy name, as curl does. NULL and an error
 * when the file can't be loaded. */
SoupSession *webhook_session_new(GError **error);

/*
 * Posts a JSON document. limit_us: for all of it, the answer included; then, or when cancellable
 * (not NULL, for this request alone) is cancelled, it is given up.
 *
 * webhook_post_finish: TRUE when it was taken. Otherwise an error that names the host and what came
 * back, may_retry says whether to try again, and *asked_us after how long at the least (-1: nothing
 * was asked for).
 */
void webhook_post_async(SoupSession *session, GUri *address, GBytes *body, gint64 limit_us,
                        GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
gboolean webhook_post_finish(GAsyncResult *result, gboolean *may_retry, gint64 *asked_us,
                             GError **error);

#endif
