#ifndef PGUNLOCK_HISTORY_HISTORY_H
#define PGUNLOCK_HISTORY_HISTORY_H

/*
 * The guard's memory: incidents, who waited, statements, acts, notices and samples in one SQLite
 * file. This is the side that writes; history/reader.h reads, from this or any other process,
 * meanwhile, too.
 *
 * Nothing here waits for the disk: what is to be recorded is copied, queued, and written by a
 * thread of the history's own, in order. So a full or hanging disk delays no act. When a write
 * fails it is tried again until it succeeds; what has to be given up because too much is queued is
 * counted: first samples, statements and mere changes, which later ones make up for. Trouble, and
 * its end, is told once each, in the default main context. A file that is moved away meanwhile is
 * made anew.
 *
 * A finished incident that was written survives kill -9 of this process and, since its transaction
 * is synced to the disk, a power failure.
 */

#include "model/blocker.h"
#include "model/incident.h"
#include "model/incident_record.h"

#include <glib.h>

typedef struct {
	gint64 keep_us;   /* incidents that ended longer ago are removed; 0: kept for ever */
	gint64 max_bytes; /* of the file: the oldest are removed beyond; 0: no limit */
} HistoryOptions;

/* 90 days, 1 GiB. */
#define HISTORY_OPTIONS_DEFAULT                                                                    \
	{                                                                                              \
		.keep_us = 90 * DURATION_DAY, .max_bytes = G_GINT64_CONSTANT(1) << 30                      \
	}

/* error: a write failed, the first one after all went well; or NULL: writing works again, and
 * n_lost records had to be given up meanwhile. error is borrowed. */
typedef void (*HistoryTrouble)(const GError *error, guint64 n_lost, gpointer user_data);

typedef struct History History;

/* Whether a history can be at this path: its folder is there, and it is no folder itself. An error
 * is the one that history_open would give. Makes nothing. */
gboolean history_check_place(const char *path, GError **error);

/*
 * Opens the file, or makes it (mode 0640 less the umask; its folder must be there), brings an older
 * schema up to date, and starts the thread. Waits for the disk. NULL and an error, with a hint,
 * when that can't be done: no permission, no folder, a file that is something else or damaged, a
 * schema that is newer than this program knows, another guard that writes to it.
 */
History *history_open(const char *path, const HistoryOptions *options, HistoryTrouble trouble,
                      gpointer user_data, GError **error);
/* Writes what is queued first, as long as that works, and waits for it. No trouble is told any
 * more. */
void history_free(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)

/* The file, as it was given to history_open; borrowed. */
const char *history_path(const History *history);

/* After the policy was loaded again. */
void history_set_options(History *history, const HistoryOptions *options);

/*
 * Incidents that a former process left open on this server: for incident_tracker_resume, before the
 * server's first look. Of Incident, with their waiters, the caller's (the array doesn't free them).
 * Empty when there are none. They were read when the history was opened; the second call for a
 * server gets none.
 */
GPtrArray *history_take_open(History *history, const char *server);
/* How many were left open and not taken so far, on servers for which this is TRUE. */
guint history_n_open(const History *history,
                     gboolean (*counts)(const char *server, gpointer user_data),
                     gpointer user_data);
/* Those that nobody took, because their servers are no longer watched, end at their last_seen. To
 * be called when all servers are set up. */
void history_end_others(History *history);

/* What a tracker told, all of one look: written in one transaction. Gives those that begin their
 * ids. */
void history_record(History *history, const IncidentEvent *events, guint n);

/* A statement that was seen in the open transaction of an incident's root; the same one of the same
 * began_at is kept once. To be called after history_record for the incident. id 0 is ignored. */
void history_add_statement(History *history, const StatementRecord *statement);

/* Something is about to be done (settled_at TIMESTAMP_NONE), or was not done in a dry run. Returns
 * its id, for history_settle_act. The record's own id isn't looked at. */
gint64 history_add_act(History *history, const ActRecord *act);
/* What came of it: settled_at, result, message and n_freed of the record are taken. */
void history_settle_act(History *history, gint64 id, const ActRecord *act);

void history_add_notice(History *history, const NoticeRecord *notice);

/*
 * The facts of all who blocked at one moment on one server, for policies to be replayed over:
 * history_read_samples of the reader gives them back. blockers: of const Blocker, not kept.
 * Nobody blocked any more: an empty one, once, so that a replay knows until when the last one held.
 */
void history_add_sample(History *history, const char *server, gint64 taken_at,
                        const Blocker *const *blockers, guint n);

/* Blocks until all that was queued is written, or a write has failed. */
void history_flush(History *history);

/* How the queue stands, for metrics. */
typedef struct {
	guint n_queued;
	guint64 n_written; /* records */
	guint64 n_lost;
	gboolean in_trouble;
	gint64 bytes; /* the size of the file at the last look at it */
} HistoryState;
void history_state(History *history, HistoryState *state);

#endif
