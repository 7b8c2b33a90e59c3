#ifndef PGUNLOCK_NOTIFY_RETRY_H
#define PGUNLOCK_NOTIFY_RETRY_H

/* Whether a webhook is tried again, and when. Values only: no clock, no dice of its own. */

#include <glib.h>

typedef enum {
	ANSWER_TAKEN,   /* 2xx */
	ANSWER_LATER,   /* tried again: 408, 425, 429, 5xx */
	ANSWER_REFUSED, /* anything else: the same again would be answered the same */
} WebhookAnswer;

WebhookAnswer webhook_answer(guint status);

/* How long to wait after so many attempts (at least 1): first, doubled with each attempt, at most
 * longest; of that the second half by chance (0 to 1). What the receiver asked for (Retry-After;
 * -1: nothing) is the least. Microseconds. */
gint64 retry_delay_us(guint attempts, gint64 first_us, gint64 longest_us, double chance,
                      gint64 asked_us);

/* The value of a Retry-After header (RFC 9110, 10.2.3) as microseconds from now: seconds, or an
 * HTTP date; -1 for NULL and for what is neither. now_s: seconds since 1970. */
gint64 retry_after_us(const char *value, gint64 now_s);

#endif
