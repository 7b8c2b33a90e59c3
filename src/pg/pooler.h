#ifndef PGUNLOCK_PG_POOLER_H
#define PGUNLOCK_PG_POOLER_H

/*
 * Asks PgBouncer's admin console which client is on which of its connections to servers
 * (documentation of PgBouncer, "Admin console"). The console is kept connected from one look to the
 * next.
 */

#include "model/snapshot.h"

#include <glib.h>

typedef struct PgPooler PgPooler;

/* conninfo: a connection string or URI; the database is always pgbouncer, which is what the console
 * is called. Connects to nothing yet. context NULL: the default one. A usage error for what isn't a
 * connection string, or one that names a service that isn't there. */
PgPooler *pg_pooler_new(GMainContext *context, const char *conninfo, GError **error);
/* What was being asked still calls back. */
void pg_pooler_free(PgPooler *pooler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgPooler, pg_pooler_free)

/* Called once; what the console said is in the snapshot by then, or why it said nothing is a
 * warning of it. */
typedef void (*PgPoolerDone)(gpointer user_data);

/* Takes no more than timeout_us, and never longer than a few seconds: the answer of the server is
 * there already and waits for this. snapshot must last until done. Not before the last was done. */
void pg_pooler_ask(PgPooler *pooler, Snapshot *snapshot, gint64 timeout_us, PgPoolerDone done,
                   gpointer user_data);

#endif
