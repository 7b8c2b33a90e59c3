#ifndef PGUNLOCK_DEMO_LOGIN_POOL_H
#define PGUNLOCK_DEMO_LOGIN_POOL_H

/* The application of the demo: connections that log users in. The first one begins a transaction,
 * writes the row, and then does nothing more, as if its process had crashed. */

#include "pg/connection.h"

#include <glib.h>

typedef struct LoginPool LoginPool;

/* error is the callee's. */
typedef void (*LoginPoolDone)(GError *error, gpointer user_data);
/* client counts from 0; took_us: since it sent its statement. error is borrowed. */
typedef void (*LoginPoolLoggedIn)(guint client, gint64 took_us, const GError *error,
                                  gpointer user_data);

LoginPool *login_pool_new(const PgTarget *target, guint n_clients);
void login_pool_free(LoginPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LoginPool, login_pool_free)

/* Makes the login table, and crashes one client half-way: done when the row is locked. */
void login_pool_crash(LoginPool *pool, LoginPoolDone done, gpointer user_data);

/* All clients log in: done when all have sent their statement; logged_in for each that got through
 * (or failed). */
void login_pool_log_in(LoginPool *pool, LoginPoolDone done, LoginPoolLoggedIn logged_in,
                       gpointer user_data);

#endif
