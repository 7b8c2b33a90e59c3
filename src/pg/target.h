#ifndef PGUNLOCK_PG_TARGET_H
#define PGUNLOCK_PG_TARGET_H

/* What the room itself needs of a PgTarget: libpq's view of it. */

#include "pg/connection.h"

#include <glib.h>

/* Where libpq would go for this target, with the target's conninfo, its service and the environment
 * taken into account. Lists as libpq takes them, separated by commas; NULL where nothing says. */
typedef struct {
	char *host;
	char *hostaddr;
	char *port;
	char *connect_timeout;
	char *session_attrs; /* target_session_attrs: which of several it takes */
	gboolean has_database;
	char *database; /* NULL: none is named */
} TargetFacts;

void target_facts_clear(TargetFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TargetFacts, target_facts_clear)

/* Asks libpq, without connecting to anything. On a conninfo that can't be parsed or a service that
 * doesn't exist FALSE and a usage error; facts is cleared. */
gboolean pg_target_look_up(const PgTarget *target, TargetFacts *facts, GError **error);

/* A connection must be to this place, whatever else the target says (NULL: no more is known of it),
 * and to the server that was started then. Strings are copied. */
void pg_target_pin(PgTarget *target, const char *host, const char *hostaddr, const char *port,
                   gint64 started_at);
/* TIMESTAMP_NONE: to any. */
gint64 pg_target_started_at(const PgTarget *target);

/* The usage error for options that libpq can't use, with what it says (PQerrorMessage). */
void pg_target_set_error(GError **error, const char *message);

/* Keywords and values for PQconnectStartParams with expand_dbname: two arrays that end with NULL
 * and borrow the target's strings. As in psql a conninfo given as dbname overrides the other
 * options; what is appended afterwards overrides everything. */
typedef struct {
	GArray *keywords; /* of const char * */
	GArray *values;
} TargetParameters;

void target_parameters_init(TargetParameters *parameters, const PgTarget *target);
/* Borrows both. Nothing is appended for a NULL value. */
void target_parameters_append(TargetParameters *parameters, const char *keyword, const char *value);
void target_parameters_clear(TargetParameters *parameters);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TargetParameters, target_parameters_clear)

const char *const *target_parameters_keywords(TargetParameters *parameters);
const char *const *target_parameters_values(TargetParameters *parameters);

#endif
