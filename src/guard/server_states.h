#ifndef PGUNLOCK_GUARD_SERVER_STATES_H
#define PGUNLOCK_GUARD_SERVER_STATES_H

/*
 * What becomes of a server that is guarded: a table of states and events, without I/O. The guard
 * feeds it events and carries out the actions that it names.
 */

#include <glib.h>

typedef enum {
	SERVER_OFF,        /* not begun, or ended */
	SERVER_CONNECTING, /* an attempt is under way */
	SERVER_WAITING,    /* until the next attempt */
	SERVER_ASKING,     /* connected and watched; the lease has been asked for */
	SERVER_FOLLOWING,  /* another guard has the lease */
	SERVER_LEADING,    /* the lease is ours: acts are carried out */
	SERVER_SPLIT,      /* a guard in another database has it: nobody acts */
	SERVER_WATCHING,   /* no lease is wanted: nothing is to be acted on */
	SERVER_RENEWING,   /* the acts in hand are finished, no more begin, then it begins anew */
	SERVER_STOPPING,   /* the same, then it ends */
	SERVER_N_STATES
} ServerState;

typedef enum {
	SERVER_BEGIN,
	SERVER_CONNECTED,
	SERVER_FAILED,    /* the attempt to connect */
	SERVER_RETRY,     /* the time until the next attempt is over */
	SERVER_GOT_LEASE, /* answers to the question for it: */
	SERVER_REFUSED_LEASE,
	SERVER_SPLIT_LEASE,
	SERVER_NO_LEASE, /* or none is wanted */
	SERVER_POLLED,   /* a look has come */
	SERVER_LOST,     /* the connection */
	SERVER_RENEW,    /* a reload: other ways to connect, or to act */
	SERVER_STOP,
	SERVER_SETTLED, /* no act is under way any more */
	SERVER_N_EVENTS
} ServerEvent;

typedef enum {
	SERVER_DO_NOTHING,
	SERVER_DO_CONNECT,
	SERVER_DO_WAIT,      /* for the next attempt, longer each time */
	SERVER_DO_WATCH,     /* over the new connection, and ask for the lease */
	SERVER_DO_ASK_AGAIN, /* for the lease */
	SERVER_DO_LEAD,      /* look at once: no earlier look may be acted on */
	SERVER_DO_LEAVE,     /* let go of the connection and of the acts over it, then wait */
	SERVER_DO_RENEW,     /* let go of the connection, and connect */
	SERVER_DO_FINISH,    /* no new acts; tell when those in hand are settled */
	SERVER_DO_END,       /* let go of the connection for good */
	SERVER_N_ACTIONS
} ServerAction;

typedef struct {
	ServerState next;
	ServerAction action;
} ServerStep;

/* Every state has a row for every event; one that makes no sense there (an answer that comes late)
 * leaves it as it is. */
ServerStep server_step(ServerState state, ServerEvent event);

/* "leading", as in metrics and logs. */
const char *server_state_name(ServerState state);
const char *server_event_name(ServerEvent event);
const char *server_action_name(ServerAction action);

/* Whether rules are carried out, or, in a dry run, told. */
gboolean server_state_judges(ServerState state);

#endif
