#ifndef PGUNLOCK_PG_LIBPQ_H
#define PGUNLOCK_PG_LIBPQ_H

/* libpq, with its two types fit for g_autoptr. */

#include <glib.h>
#include <libpq-fe.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGconn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

#endif
