#ifndef PGUNLOCK_DEMO_DEMO_H
#define PGUNLOCK_DEMO_DEMO_H

/*
 * The login incident, played on a server of its own: an application's pool of connections logs
 * users in; one crashed half-way and left the row of the login table locked. Shows the jam and its
 * end with the very commands that one would type.
 */

#include <glib.h>

typedef struct {
	const char *bindir; /* of the server's programs, or NULL: to be found */
	gboolean keep;      /* leave the server up */
	gboolean color;     /* what "auto" came to: the commands that are run are to do the same */
} DemoOptions;

/* Prints to standard output with print. Runs the default main context. On success everybody logged
 * in again. Errors: NOT_FOUND without server programs, INTERRUPTED after Ctrl-C, NOT_FREED when the
 * waiters didn't get through. The server is gone afterwards in any case but keep. */
typedef void (*DemoPrint)(const char *text, gpointer user_data);
gboolean demo_run(const DemoOptions *options, DemoPrint print, gpointer user_data, GError **error);

#endif
