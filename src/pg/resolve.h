#ifndef PGUNLOCK_PG_RESOLVE_H
#define PGUNLOCK_PG_RESOLVE_H

/*
 * The places that a connection tries one after the other, with host names turned into addresses.
 * libpq's own lookup blocks, so names are looked up on a thread and libpq gets hostaddr.
 */

#include <glib.h>

/* One address of one host of the list. */
typedef struct {
	char *host;    /* as given: a name, an address, a socket directory; "" for libpq's default */
	char *address; /* "" for a socket directory and for a name that hasn't been looked up */
	char *port;    /* "" for libpq's default */
} PgPlace;

/* From libpq's lists (NULL: not given). NULL when no host is named, so that libpq's default is
 * meant, or when the lists don't go together, which libpq then says. Free with g_ptr_array_unref.
 */
GPtrArray *pg_places_new(const char *host, const char *hostaddr, const char *port);
gboolean pg_places_need_lookup(const GPtrArray *places);

/* The index of the first one, from index first on, that libpq says it is at; the length when there
 * is none. */
guint pg_places_find(const GPtrArray *places, guint first, const char *host, const char *address,
                     const char *port);

/* The places from index first on, as lists for libpq; which has the value of host, address or port.
 * Free with g_free. */
typedef enum { PLACE_HOST, PLACE_ADDRESS, PLACE_PORT } PgPlacePart;
char *pg_places_list(const GPtrArray *places, guint first, PgPlacePart part);

typedef struct PgLookup PgLookup;

/* places: a name with several addresses stands there several times, one that has none not at all;
 * the callee's. problems: a line for each name without an address ("db1: Name or service not
 * known"), borrowed. */
typedef void (*PgLookupDone)(GPtrArray *places, const GPtrArray *problems, gpointer user_data);

/* Looks the names up on a thread of its own; done is called from the context. */
PgLookup *pg_lookup_start(GMainContext *context, const GPtrArray *places, PgLookupDone done,
                          gpointer user_data);
/* Called or not, done will not be called any more. A thread under way ends by itself when the
 * resolver answers. */
void pg_lookup_free(PgLookup *lookup);

#endif
