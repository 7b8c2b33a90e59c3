#ifndef PGUNLOCK_DEMO_THROWAWAY_SERVER_H
#define PGUNLOCK_DEMO_THROWAWAY_SERVER_H

/*
 * A server of one's own in a temporary directory, reachable only through a socket in there: run as
 * an unprivileged user when we are root, stopped and removed without a trace.
 */

#include <glib.h>

typedef struct ThrowawayServer ThrowawayServer;

/* error is the callee's. */
typedef void (*ThrowawayServerDone)(GError *error, gpointer user_data);

/* Makes the directory; nothing runs yet. NULL and an error when it can't be made. */
ThrowawayServer *throwaway_server_new(const char *bindir, GError **error);

/* Runs initdb, then starts postgres. done is called from the default main context once postgres
 * runs (which is before it lets anybody in), or when either failed, with what they printed last; a
 * program that can't even be started is told of before this returns. */
void throwaway_server_start(ThrowawayServer *server, ThrowawayServerDone done, gpointer user_data);

/* NULL as long as it runs; else an error with what it printed last. Free with g_error_free. */
GError *throwaway_server_died(const ThrowawayServer *server);

/* The directory: of the socket and of everything else. Its port is the default one. */
const char *throwaway_server_directory(const ThrowawayServer *server);
/* For people: the command line that stops it and removes the directory. Free with g_free. */
char *throwaway_server_stop_command(const ThrowawayServer *server);

/* Ends whatever runs and waits for its end, at most some seconds; removes the directory. */
void throwaway_server_destroy(ThrowawayServer *server);
/* Forgets about it and leaves it up. */
void throwaway_server_leave(ThrowawayServer *server);

#endif
