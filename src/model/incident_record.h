#ifndef PGUNLOCK_MODEL_INCIDENT_RECORD_H
#define PGUNLOCK_MODEL_INCIDENT_RECORD_H

/* What a history keeps beside the incident itself: statements, acts, notices, and all of that
 * together as it is read back. Plain data; strings are valid UTF-8 (but statements are any text:
 * not safe for a terminal), owned; times are microseconds since 1970. */

#include "model/incident.h"

#include <glib.h>

/* A statement that was seen in the root's open transaction. */
typedef struct {
	gint64 incident;
	char *session;   /* as in JSON: "pid:4711" */
	gint64 began_at; /* query_start: tells two runs of one statement apart. By the server's clock */
	gint64 seen_at;  /* by the server's clock */
	char *statement;
} StatementRecord;

/* Something that was done, or, in a dry run, would have been. */
typedef struct {
	gint64 id;
	gint64 incident; /* 0: none (a rule with even_if_not_blocking) */
	char *server;
	gint64 at;         /* by the server's clock, as all of an incident */
	char *act;         /* as in the plan's JSON: "terminate" */
	char *by;          /* the name of the rule, or of a person */
	gboolean dry_run;  /* it was not done */
	char *session;     /* "pid:4711" */
	char *session_id;  /* the server log's %c, or NULL */
	gint64 settled_at; /* likewise. TIMESTAMP_NONE: its result isn't known (yet): the guard may have
	                      been killed meanwhile */
	char *result;  /* as in JSON: "freed"; NULL as long as it isn't known, and in a dry run. What
	                  wasn't done: "refused", "limited", "breaker_open", "unknown" */
	char *message; /* why it was refused, held back, or failed, or has no result; or NULL */
	guint n_freed; /* waiters that moved on */
} ActRecord;

/* What was said to whom. */
typedef struct {
	gint64 incident; /* 0: none */
	char *server;    /* NULL: none */
	gint64 at;       /* by our own clock */
	char *event;     /* "incident_started", "act", "breaker_opened", ...: notify names them */
	char *notifier;  /* name of the [notify] section */
	gboolean delivered;
	guint n_tries;
	char *message; /* the error, or NULL */
} NoticeRecord;

void statement_record_free(StatementRecord *record);
void act_record_free(ActRecord *record);
void notice_record_free(NoticeRecord *record);
StatementRecord *statement_record_copy(const StatementRecord *record);
ActRecord *act_record_copy(const ActRecord *record);
NoticeRecord *notice_record_copy(const NoticeRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatementRecord, statement_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActRecord, act_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NoticeRecord, notice_record_free)

/* " --history FILE", shell-quoted, to stand behind a command that is suggested; "" for NULL and for
 * the default file. Free with g_free. */
char *history_option_text(const char *path);

/* An incident with all that is known of it. */
typedef struct {
	Incident *incident; /* its waiters are filled only where that was asked for */
	guint n_waiters;
	GPtrArray *statements; /* of StatementRecord, in the order in which they began */
	GPtrArray *acts;       /* of ActRecord, in order */
	GPtrArray *notices;    /* of NoticeRecord, in order */
	gint64 next;           /* id of the incident that follows it, 0: none */
} IncidentRecord;

/* With empty arrays. Takes the incident. */
IncidentRecord *incident_record_new(Incident *incident);
void incident_record_free(IncidentRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IncidentRecord, incident_record_free)

#endif
