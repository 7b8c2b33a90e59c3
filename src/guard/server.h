#ifndef PGUNLOCK_GUARD_SERVER_H
#define PGUNLOCK_GUARD_SERVER_H

/*
 * One server that is guarded: its connection, looked over again and again, the lease, and what
 * comes of each look. What it does when is the table in guard/server_states.h. Everything happens
 * on the default main context, and nothing waits: a server that is down or silent delays no other.
 */

#include "guard/tools.h"

#include <glib.h>

typedef struct GuardServer GuardServer;

/* off: it has come to an end after guard_server_stop; the server may be freed in there. tools and
 * user_data are borrowed; conninfo and name are copied. */
GuardServer *guard_server_new(const GuardTools *tools, const PolicyServer *server,
                              void (*off)(GuardServer *server, gpointer user_data),
                              gpointer user_data);
/* Only one that is off, or that never began. */
void guard_server_free(GuardServer *server);

const char *guard_server_name(const GuardServer *server);

/* Begins in delay_us, so that not all servers are asked at the same moment. */
void guard_server_begin(GuardServer *server, gint64 delay_us);
/* Finishes the acts in hand, then ends. */
void guard_server_stop(GuardServer *server);
/* One target has got the beginning of this incident, or never will. */
void guard_server_reported(const GuardServer *server, gint64 incident);
/* The policy is about to be another one: nothing of the old one is kept. */
void guard_server_forget_policy(GuardServer *server);
/* The policy is another one, and says this of the server: connects anew where that matters. */
void guard_server_reload(GuardServer *server, const PolicyServer *said);

#endif
