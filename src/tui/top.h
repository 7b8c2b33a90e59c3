#ifndef PGUNLOCK_TUI_TOP_H
#define PGUNLOCK_TUI_TOP_H

/* The live screen: a watch feeds it, keys drive it, what keys ask for is carried out. Nothing in it
 * waits: it answers keys while the server hangs. */

#include "model/advisory_labels.h"
#include "pg/connection.h"
#include "pg/pooler.h"
#include "plan/act.h"
#include "tui/theme.h"

#include <glib.h>

/* A server of several; all borrowed. */
typedef struct {
	const char *name;
	const char *conninfo;
	const char *connection_args; /* as in RenderStyle */
} TopServer;

typedef struct {
	gboolean unicode;
	gboolean has_color;
	Theme theme;
	gboolean read_only;
	const char *connection_args; /* as in RenderStyle */
	gint64 interval_us;
	guint share_percent; /* of the time that looks may take */
	gint64 timeout_us;   /* of a look */
	gint64 wait_us;      /* after an act: how long waiters are watched */
	gint64 grace_us;     /* after a cancel of release */
	gboolean row_keys;
	gboolean asks_password; /* for servers that want one and get none */
	ProtectedKinds include_protected;
	guint max;
	const char *audit;                     /* or NULL */
	const AdvisoryLabels *advisory_labels; /* or NULL */
	PgPooler *pooler;                      /* or NULL */
	const TopServer *servers;              /* several, which are connected to by themselves */
	guint n_servers;                       /* 0: only the one of the connection */
} TopOptions;

typedef struct Top Top;

/* Takes the connection (NULL with several servers), and the terminal; options and what they point
 * to are borrowed. NULL and an error when there is no terminal to draw on. It runs from the default
 * main context until *is_over is set by it. */
Top *top_new(PgConnection *connection, const TopOptions *options, gboolean *is_over,
             GError **error);
/* Gives the terminal back. */
void top_free(Top *top);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Top, top_free)

#endif
