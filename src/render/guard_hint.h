#ifndef PGUNLOCK_RENDER_GUARD_HINT_H
#define PGUNLOCK_RENDER_GUARD_HINT_H

/* Errors of connections hint at options of the command line (-h, -d), which the guard doesn't take:
 * it connects as its policy file says. */

/* A hint for whoever writes a conninfo: with libpq's keywords in place of options. NULL when it is
 * about an option that has none, or hint is NULL. Free with g_free. */
char *render_guard_hint(const char *hint);

#endif
