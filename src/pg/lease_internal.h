#ifndef PGUNLOCK_PG_LEASE_INTERNAL_H
#define PGUNLOCK_PG_LEASE_INTERNAL_H

/* The lease as a condition of the statements that act. */

#include "pg/request.h"

/* Adds the condition: what is added next is only carried out while this session has the lease and
 * nobody else has. */
void lease_add_condition(PgRequest *request);
/* Adds the same by itself, as a question. */
void lease_add_question(PgRequest *request);
/* The answer to either. FALSE and an error (of purpose, as in pg_result_check) when it isn't met.
 */
gboolean lease_condition_check(const PGresult *result, const char *purpose, GError **error);

#endif
