#ifndef PGUNLOCK_PG_PARAMS_H
#define PGUNLOCK_PG_PARAMS_H

/* The values of a statement's parameters $1, $2, ..., in PostgreSQL's text form. The statements
 * cast each one, so that the same text can stand there as a literal. */

#include "model/lock_tag.h"

#include <glib.h>

typedef struct PgParams PgParams;

PgParams *pg_params_new(void);
void pg_params_free(PgParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgParams, pg_params_free)

void pg_params_add_text(PgParams *params, const char *value); /* NULL is NULL */
void pg_params_add_int(PgParams *params, gint64 value);
/* A setting in milliseconds, like statement_timeout: at least 1, because 0 means that there is no
 * limit. */
void pg_params_add_timeout(PgParams *params, gint64 timeout_us);
void pg_params_add_bool(PgParams *params, gboolean value);
/* Microseconds since 1970; TIMESTAMP_NONE is NULL. */
void pg_params_add_timestamp(PgParams *params, gint64 value);
void pg_params_add_oids(PgParams *params, const GArray *oids);     /* of guint32 */
PgParams *pg_params_of_oids(const guint32 *oids, guint n);         /* these alone, as one array */
void pg_params_add_tids(PgParams *params, const GArray *tags);     /* of LockTag: page and tuple */
void pg_params_add_int4s(PgParams *params, const GArray *numbers); /* of gint32 */

int pg_params_n(const PgParams *params);
const char *const *pg_params_values(const PgParams *params);

/* A string, any bytes, as an SQL literal in quotes: safe text that means just these bytes. */
void pg_append_literal(GString *out, const char *value);

/* The statement with its parameters written in as literals. Free with g_free. */
char *pg_params_substitute(const PgParams *params, const char *sql);

#endif
