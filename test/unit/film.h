#ifndef PGUNLOCK_TEST_FILM_H
#define PGUNLOCK_TEST_FILM_H

/* One look after the other at a server, each in a line: for what is made out of many looks. */

#include "model/wait_graph.h"

/* Second 0 of a film. */
#define FILM_START G_GINT64_CONSTANT(1700000000000000)
#define FILM_AT(second) (FILM_START + (gint64) ((second) *1e6))
/* The oids and names of its database. */
#define FILM_DATABASE 5
#define FILM_SERVER_STARTED (FILM_START - G_GINT64_CONSTANT(1000000000))

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
} FilmLook;

/*
 * A look at this second. Sessions are separated by ";", each is its pid and then any of these
 * words: tx@S        in a transaction since second S; else in none born@S      connected at second
 * S; else an hour before second 0 holds=R     an AccessExclusiveLock on relation R; shares=R an
 * AccessShareLock waits=R@S   waits for a RowExclusiveLock on relation R since second S; waits=R
 * without a waitstart, as on a 13; wants=R@S: for an AccessExclusiveLock runs@S      its statement
 * began at second S; else with its wait, or its transaction idle        idle in transaction; else
 * active hidden      the server doesn't tell about it prepared    no session, but the prepared
 * transaction "order-PID" Relations 500 to 599 are tables "table_500" in schema public; others have
 * no names. "restarted" in the place of a session: the server was started at that second.
 */
FilmLook film_look(double second, const char *words);
void film_look_clear(FilmLook *look);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FilmLook, film_look_clear)

#endif
