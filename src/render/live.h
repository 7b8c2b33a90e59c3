#ifndef PGUNLOCK_RENDER_LIVE_H
#define PGUNLOCK_RENDER_LIVE_H

/*
 * The words of the live screen (top): what stands in its columns and in its headline. What it says
 * of one session, of a plan and of what became of it are the words of the commands (culprits.h,
 * render.h). All results are safe text, never NULL, to be freed with g_free.
 */

#include "model/incident.h"
#include "model/wait_graph.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "render/edge_index.h"
#include "render/line.h"
#include "render/statement.h"
#include "render/style.h"
#include "render/tree_rows.h"

#include <glib.h>

/* What a column says of a row. */
typedef enum {
	LIVE_SESSION,     /* "4711  login-service" */
	LIVE_STATE,       /* "waits 4m12s", "idle in transaction 9m03s" */
	LIVE_BLOCKS,      /* "12"; "" for nobody */
	LIVE_LOCK,        /* "ShareLock on row ...": wanted by waiters, held by others */
	LIVE_CLIENT,      /* "app_rw@10.0.3.7" */
	LIVE_STATEMENT,   /* "UPDATE ..." */
	LIVE_TRANSACTION, /* how long its transaction is open */
	LIVE_MODE,        /* of a single lock: "ShareLock on row ..." */
	LIVE_GRANTED,     /* of a single lock: "granted", "waits 4m12s" */
	LIVE_STARTED,     /* of an incident: when */
	LIVE_LASTED,      /* of an incident: "lasts 4m12s", "lasted 51s" */
	LIVE_PEAK,        /* of an incident: how many waited at most */
	LIVE_N_CELLS,
} LiveCell;

/* "SESSION": the heading of a column. */
const char *live_cell_title(LiveCell cell);

/* The cell of a session; lock: an index of the snapshot, or LIVE_NO_LOCK. Statements are cut at
 * about max_columns. *ink: how it is to look. */
#define LIVE_NO_LOCK G_MAXUINT
char *live_session_cell(const WaitGraph *graph, guint session, guint lock, LiveCell cell,
                        guint max_columns, Ink *ink);
/* What was seen of an incident since the screen is up: its root in words, which may be gone. Plain
 * data; strings are safe text, owned by whoever made it. Times are microseconds since 1970 by the
 * server's clock, ended_at TIMESTAMP_NONE while it lasts. */
typedef struct {
	char *session; /* as LIVE_SESSION says it */
	char *client;
	char *lock;
	StatementText statement;
	gint64 started_at;
	gint64 ended_at;
	guint n_blocked;
	guint peak_blocked;
	gint64 longest_wait_us;
	IncidentEnd end;
	guint number; /* tells it from all others */
} LiveIncident;

/* What LIVE_STATEMENT says, with its inks. */
StatementText live_statement(const Session *session, guint max_columns);

/* The cell of an incident; now by the server's clock. */
char *live_incident_cell(const LiveIncident *incident, gint64 now, LiveCell cell, Ink *ink);

/* How long it has lasted, "4m12s"; now by the server's clock. */
char *live_lasted(const LiveIncident *incident, gint64 now);
/* "06:31:49", UTC: of a screen that is up for hours the day goes without saying. */
char *live_clock(gint64 at);
/* "9 more like these, waiting 0.8s to 3m31s" */
char *live_fold_text(const TreeRow *row);
/* What the tree draws before a row; above: of each level above the row's own whether its line goes
 * on, '|' or ' '. */
char *live_tree_lead(const char *above, const TreeRow *row, gboolean is_closed, gboolean unicode);

/* "12 sessions wait for 1. The longest has waited 4m12s.", or shorter where that is wider than
 * width. */
char *live_answer(const WaitGraph *graph, guint width);
/* "db1:5432 app, PostgreSQL 15.20, standby" */
char *live_server(const Snapshot *snapshot);
/* "db1:5432 app" */
char *live_place(const Snapshot *snapshot);
/* How many waited over time, oldest first, as a line of as many columns. most: the highest. */
char *live_sparkline(const guint *blocked, guint n, gboolean unicode, guint *most);
/* "last answer 4s ago" */
char *live_age(gint64 age_us);
/* "locks seen 8s ago, the same still wait": of a look that stands; is_same: so they do. */
char *live_seen(gint64 age_us, gboolean is_same);
/* "PAUSED  seen 4s ago": of a picture that stays as it is. */
char *live_paused(gint64 age_us);
/* "Next try in 4s.", and once that time has come "Trying again ...". */
char *live_next_try(gint64 wait_us);

/* What became of an item, short enough for its row: "gone after 8ms"; "" while nothing is known. */
char *live_item_result(const Plan *plan, const Outcome *outcome, guint item, Ink *ink);

/* All about one session for the pane below the list: as status says it, with so many lines of its
 * statement at most. */
void live_append_detail(GString *out, const WaitGraph *graph, const EdgeIndex *edges,
                        const Plan *advice, guint session, guint statement_lines,
                        const RenderStyle *style);
/* The same of an incident that may be over. */
void live_append_incident(GString *out, const LiveIncident *incident, gint64 now,
                          guint statement_lines, const RenderStyle *style);

#endif
