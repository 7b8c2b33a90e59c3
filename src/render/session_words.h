#ifndef PGUNLOCK_RENDER_SESSION_WORDS_H
#define PGUNLOCK_RENDER_SESSION_WORDS_H

/* A session in words. All results are safe text, never NULL, to be freed with g_free. */

#include "model/snapshot.h"
#include "model/wait_graph.h"

#include <glib.h>

/* What a person calls it: "4711", "gid:order-4711", "prepared transaction 731" when the gid could
 * not be read. */
char *session_name_text(const Session *session);

/* What it is: its application_name, or for a process of the server its backend type, or that it is
 * only logging in; "" when there is none of these. */
char *session_application_text(const Session *session);

/* Whose it is and from where: "app_rw@10.0.3.7", "app_rw@[local]"; with "in DATABASE" when that is
 * another than ours. */
char *session_client_text(const Snapshot *snapshot, const Session *session);

/* Who is behind it, where a pooler was asked: "PgBouncer: client 10.0.0.7:53211, application
 * checkout", "PgBouncer: no client at the moment"; "" when it is no connection of that pooler. The
 * client's user and database are told where they are others than the session's. */
char *session_pooler_text(const Snapshot *snapshot, const Session *session);

/* What it does: "idle in transaction for 9m03s", "active for 22m", "waiting 51s itself",
 * "prepared 3h ago by app_rw in database shop"; "" of a process without states. */
char *session_state_words(const WaitGraph *graph, guint index);

/* What else there is to say of its transaction: "transaction open for 1h02m" when it began well
 * before the state; else "". */
char *session_transaction_words(const Snapshot *snapshot, const Session *session);

/* "1 session", "12 sessions". */
char *count_text(guint n, const char *one, const char *many);

/* How long a wait lasts: "4m12s", "an unknown time". And the longest of all: "at least 4m12s" when
 * some are not known. */
char *waited_text(gint64 waited_us);
char *longest_wait_text(const WaitGraph *graph);

/* duration_to_text of the time from since until the snapshot was taken. */
char *age_text(const Snapshot *snapshot, gint64 since);

#endif
