#ifndef PGUNLOCK_TEST_BLOCKER_LOOK_H
#define PGUNLOCK_TEST_BLOCKER_LOOK_H

/* A scene with names, and the facts of one of its sessions. */

#include "scene.h"

#include "model/blocker.h"

#define TABLE 20500       /* login_2026, a partition of login */
#define PARTITION 20501   /* login_2026_01, one of that */
#define INDEX 20502       /* of the latter */
#define ROOT_TABLE 20503  /* login, whose ancestors are not known */
#define OTHER_TABLE 20600 /* orders */

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Blocker *blocker;
} Look;

void look_clear(Look *look);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

/* Names of the database, the user and the tables above. */
void add_blocker_names(Snapshot *snapshot);
void add_blocker_table(Names *names, guint32 oid, const char *name, char kind, guint32 table);

/* Ends the scene, and looks at the session with this pid. */
Look look_at(Scene *scene, gint32 pid);
/* At 100, which holds a relation that 101 wants. */
Look look_at_relation(guint32 relation);

gint64 blocker_ago(double seconds);

#endif
