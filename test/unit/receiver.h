#ifndef PGUNLOCK_TEST_RECEIVER_H
#define PGUNLOCK_TEST_RECEIVER_H

/* A receiver of webhooks: a real HTTP server in the test's own main loop, which answers as it is
 * told and keeps what it got. */

#include <gio/gio.h>

#define RECEIVER_HANGS 0 /* in place of a status: never answers */

typedef struct {
	guint status;
	const char *header; /* one that goes with it, or NULL */
	const char *value;
} ReceiverAnswer;

typedef struct Receiver Receiver;

/* Answers the requests one after the other with these; the last one stands for all that follow. The
 * array must outlive the receiver. */
Receiver *receiver_new(const ReceiverAnswer *answers, guint n);
/* The same over TLS, with the certificate of test/unit/tls (of localhost). */
Receiver *receiver_new_tls(const ReceiverAnswer *answers, guint n);
void receiver_free(Receiver *receiver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Receiver, receiver_free)

/* "http://127.0.0.1:PORT/services/SECRET", or with another host in place of 127.0.0.1. Free with
 * g_free. */
#define RECEIVER_SECRET "T0pS3cretPath"
char *receiver_address(const Receiver *receiver, const char *host);

guint receiver_n_requests(const Receiver *receiver);
/* Of request index: its body, its content type, and when it came (monotonic clock). */
const char *receiver_body(const Receiver *receiver, guint index);
const char *receiver_content_type(const Receiver *receiver, guint index);
gint64 receiver_time(const Receiver *receiver, guint index);

/* Runs the main loop until the condition holds; a failure of the test after 60 s. */
#define wait_until(condition)                                                                      \
	G_STMT_START                                                                                   \
	{                                                                                              \
		gint64 deadline_us = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;                     \
		while (!(condition) && g_get_monotonic_time() < deadline_us)                               \
			turn_loop();                                                                           \
		g_assert_true(condition);                                                                  \
	}                                                                                              \
	G_STMT_END
/* One turn of the main loop, 5 ms at most. */
void turn_loop(void);

#endif
