#ifndef PGUNLOCK_RENDER_NOTICE_H
#define PGUNLOCK_RENDER_NOTICE_H

/*
 * What the guard tells people, and the documents that it becomes: JSON for programs
 * (docs/schema/notice.schema.json), a message that Slack-compatible receivers show, a line and
 * fields for a log. Everything that came from a server is cut to a bound and made safe on the way;
 * nothing here does I/O.
 */

#include "model/wait_graph.h"
#include "plan/outcome.h"

#include <glib.h>

typedef enum {
	NOTICE_INCIDENT_STARTED,
	NOTICE_INCIDENT_ESCALATED, /* still there, and worse: longer or more than before */
	NOTICE_ACTED,              /* by a rule; in a dry run: would have */
	NOTICE_INCIDENT_ENDED,
	NOTICE_BREAKER_OPENED,  /* ended again and again, and blocks again: left alone from now on */
	NOTICE_POLICY_UNKNOWN,  /* a rule's condition could not be judged: nothing was done */
	NOTICE_HISTORY_TROUBLE, /* what happens can't be recorded */
	NOTICE_NOTICES_LOST,    /* earlier notices did not reach this receiver; made by notify itself */
	N_NOTICE_KINDS,
} NoticeKind;

/* As in JSON: "incident_started". */
const char *notice_kind_name(NoticeKind kind);

/* The session that the notice is about: none when neither pid nor gid_bytes nor transaction is set.
 * Strings are borrowed, any bytes, NULL where not known; times are the server's clock in
 * microseconds since 1970, or TIMESTAMP_NONE. */
typedef struct {
	gint32 pid; /* 0 for a prepared transaction */
	gint64 backend_start;
	const char *gid;       /* of a prepared transaction; NULL when it could not be read */
	const char *gid_bytes; /* the same as the server has it */
	guint32 transaction;   /* of a prepared transaction */
	const char *user;
	const char *database;
	const char *application_name;
	const char *client_addr;
	const char *backend_type;
	const char *state;
	gint64 state_since;
	gint64 xact_start;
	const char *query; /* its statement, or the last one */
} NoticeSession;

/* Plain data; strings are borrowed until the call that gets it returns. What a kind has no use for
 * stays zero. */
typedef struct {
	NoticeKind kind;
	gint64 at;           /* when it was noticed: the guard's clock, microseconds since 1970 */
	gint64 seen_at;      /* the same by the server's clock: when the look was taken. TIMESTAMP_NONE:
	                        no look */
	const char *server;  /* its name in the policy file; NULL: about the guard itself */
	gint64 incident;     /* its number in the history; 0: none */
	const char *history; /* the file that it is in; NULL: the default one */
	gint64 started_at;   /* of the incident, by the server's clock; TIMESTAMP_NONE: not known */
	NoticeSession session; /* the root blocker, the one acted on, the one that couldn't be judged */
	const char *target;    /* what is locked, as render_target writes it; NULL: not known */

	/* started, escalated, acted: now; ended: the most there were, and the longest there was */
	guint blocked;
	gint64 longest_wait_us; /* WAITED_UNKNOWN: not known */

	/* acted, breaker, unknown; of the others the rule that the notice is sent for, or NULL */
	const char *rule;
	Act act;
	gboolean is_dry_run;
	ItemResult result; /* acted, not in a dry run */
	gint64 took_us;    /* from the signal to the result */
	guint granted;     /* waiters that got their lock, that gave up, that still wait */
	guint gave_up;
	guint still_waiting;

	/* Why: the server's words for an act that it refused, the key that could not be judged, what
	 * the history's store said, how the incident ended. Half a sentence; NULL: nothing to add. */
	const char *reason;

	guint n_lost; /* lost: how many, and since when by the guard's clock */
	gint64 lost_since;
} Notice;

/* A notice of which nothing is known yet but this. server is borrowed, may be NULL. */
Notice notice_begin(NoticeKind kind, const char *server, gint64 at);

/* How urgent, by the numbers of syslog(3): 3 error, 4 warning, 5 notice, 6 informational. */
int notice_priority(const Notice *notice);

/* The whole in one or two sentences of safe text, no newline:
 * "main: 4711 (login-service, app_rw@10.0.3.7) blocks 143 sessions, the longest for 4m12s, on row
 * (0,1) of login_sessions". */
char *notice_headline(const Notice *notice);

/* pgunlock.notice/1: one document, no newline. Statements are cut to 2,000 characters, which
 * query_truncated tells; other texts of a server to 500. */
void render_notice_json(GString *out, const Notice *notice);

/* The body for an incoming webhook: text and attachments, as Slack, Mattermost, Rocket.Chat and
 * others take it, and the document above under the key "pgunlock". What a server said stands in
 * code spans, where no receiver sees links, mentions or markup in it. */
void render_notice_webhook(GString *out, const Notice *notice);

/* A line for a log, without newline: the headline, and the facts as key=value behind it. */
void render_notice_log(GString *out, const Notice *notice);

/* The same for the journal: "FIELD=value" strings (char *, owned), MESSAGE and PRIORITY among them,
 * MESSAGE_ID one for each kind. Values have no newline. The caller's. */
GPtrArray *render_notice_journal(const Notice *notice);

#endif
