#ifndef PGUNLOCK_PLAN_ALARM_H
#define PGUNLOCK_PLAN_ALARM_H

/* Whether somebody should be called: what a monitoring system measures, held against thresholds. */

#include "model/wait_graph.h"

#include <glib.h>

/* The values are the exit codes of the monitoring plug-ins' convention. */
typedef enum {
	ALARM_OK = 0,
	ALARM_WARNING = 1,
	ALARM_CRITICAL = 2,
	ALARM_UNKNOWN = 3,
} AlarmLevel;

typedef enum {
	ALARM_BLOCKED,         /* sessions that wait */
	ALARM_ROOTS,           /* root blockers */
	ALARM_LONGEST_WAIT,    /* microseconds */
	ALARM_OLDEST_IDLE,     /* the longest idle in a transaction, microseconds */
	ALARM_OLDEST_PREPARED, /* the oldest prepared transaction, microseconds */
	ALARM_N_MEASURES
} AlarmMeasure;

#define ALARM_NO_THRESHOLD G_MAXINT64

/* A measure above its threshold raises the level; one that equals it doesn't, as the convention has
 * it. One that has a threshold and can't be seen is ALARM_UNKNOWN, which is better than WARNING and
 * CRITICAL only. */
typedef struct {
	gint64 warning[ALARM_N_MEASURES];
	gint64 critical[ALARM_N_MEASURES];
} AlarmThresholds;

typedef struct {
	gint64 value[ALARM_N_MEASURES];
	gboolean is_known[ALARM_N_MEASURES]; /* FALSE: what would count may be hidden from us */
	AlarmLevel level[ALARM_N_MEASURES];
	AlarmLevel worst;
	guint idle_session;     /* whose the value is; NO_SESSION when there is none */
	guint prepared_session; /* likewise */
	guint n_hidden;         /* sessions whose state we may not see */
} Alarm;

Alarm alarm_of(const WaitGraph *graph, const AlarmThresholds *thresholds);

#endif
