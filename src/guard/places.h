#ifndef PGUNLOCK_GUARD_PLACES_H
#define PGUNLOCK_GUARD_PLACES_H

/*
 * Where the [server] sections of a policy lead once they are connected. Two of them may be the same
 * server under two names, which shows only then; and a backend that has the lease may be this
 * guard's own, of another section, or one that a broken connection left behind. Pure.
 */

#include <glib.h>

typedef struct Places Places;

Places *places_new(void);
void places_free(Places *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Places, places_free)

/* The section is connected, by the backend with this pid, to the cluster with this system
 * identifier (NULL: not known), whose server was started then, and to this database there. */
void places_arrive(Places *places, const char *section, const char *system_identifier,
                   gint64 started_at, gint32 pid, const char *database);
/* Of a section that has arrived; else NULL. Borrowed. */
const char *places_database(const Places *places, const char *section);
/* It isn't connected any more. Its backend may be left on the server. */
void places_leave(Places *places, const char *section);
/* Nothing of what it left there has the lease, which the last one had: it is gone by now, and its
 * pids may become anybody's. */
void places_forget_left(Places *places, const char *section);
/* The section is gone. */
void places_forget(Places *places, const char *section);

/* Another section that is connected to the same cluster; NULL: none. Borrowed. */
const char *places_twin(const Places *places, const char *section);

typedef enum {
	PLACES_NOBODYS, /* not this guard's, as far as is known */
	PLACES_LEFT,    /* left behind by a connection that this section had */
	PLACES_TWINS,   /* of another section, or left behind by it */
} PlacesOwner;

/* Whose backend this is, on the cluster that the section is connected to. twin, which may be NULL:
 * the other section, borrowed. */
PlacesOwner places_owner(const Places *places, const char *section, gint32 pid, const char **twin);

#endif
