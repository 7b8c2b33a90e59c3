#ifndef PGUNLOCK_RENDER_TIMELINE_H
#define PGUNLOCK_RENDER_TIMELINE_H

/* The course of an incident, moment after moment. */

#include "model/incident_record.h"

#include <glib.h>

/* In the order in which they stand when they are at the same time. */
typedef enum {
	MOMENT_TRANSACTION, /* the root's began */
	MOMENT_STATEMENT,   /* of the root's transaction */
	MOMENT_WAITER,      /* somebody came to wait */
	MOMENT_PEAK,        /* the most waited at once */
	MOMENT_ACT,
	MOMENT_NOTICE,
	MOMENT_RESULT, /* of an act */
	MOMENT_GAP,    /* nobody looked for a while */
	MOMENT_END,
} MomentKind;

/* As in JSON: "transaction", "statement", ... */
const char *moment_kind_name(MomentKind kind);

typedef struct {
	gint64 at; /* by the server's clock; notices by the guard's */
	MomentKind kind;
	char *session; /* as in JSON: "pid:4711"; NULL: it is about none */
	char *text;    /* safe text: what a person reads */
} Moment;

/* Of Moment, in order; the caller's. */
GPtrArray *timeline_new(const IncidentRecord *record);

#endif
