#ifndef PGUNLOCK_MODEL_SNAPSHOT_PRIVATE_H
#define PGUNLOCK_MODEL_SNAPSHOT_PRIVATE_H

/* A snapshot's inside: for snapshot_builder.c, which makes it, and snapshot.c, which everybody else
 * reads it through. */

#include "model/snapshot.h"

struct Snapshot {
	Arena *arena; /* of all below but the hashes, names, privileges and warnings */
	ServerInfo server;
	gint64 taken_at;
	Session *sessions;
	guint n_sessions;
	Lock *locks; /* by session */
	guint n_locks;
	guint n_locks_there; /* on the server */
	gboolean has_totals_only;
	guint *first_lock; /* of each session, and one more: the end */
	GHashTable *by_pid;
	GHashTable *blocking_pids; /* pid -> BlockingPids in the arena */
	Names *names;
	Privileges *privileges;
	const AdvisoryLabels *advisory_labels;
	gboolean has_pooler;
	guint n_hidden;
	gboolean has_standby_delay;
	gint32 standby_delay_ms;
	GHashTable *in_progress; /* a set of xids */
	GPtrArray *warnings;
};

/* A copy of what a server sent, repaired to UTF-8, in the arena; NULL for NULL. */
const char *snapshot_keep_text(Arena *arena, const char *bytes);

#endif
