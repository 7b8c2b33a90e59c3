#ifndef PGUNLOCK_PG_REHEARSAL_H
#define PGUNLOCK_PG_REHEARSAL_H

/*
 * Keeps what a later act needs in this connection's caches on the server, while the catalogs can
 * still be read. To plan a statement the server looks functions and operators up, and before it
 * signals it looks at the target's role (pg_signal_backend in
 * src/backend/storage/ipc/signalfuncs.c): what isn't in the cache then hangs while pg_proc or
 * pg_authid is locked. The roles are touched by reading their names.
 */

#include "pg/request.h"

/* Adds the statements that signal, for nobody (pid 0), and that which tells who is logging in. What
 * they answer doesn't matter. */
void pg_rehearse(PgRequest *request);

#endif
