#ifndef PGUNLOCK_NOTIFY_NOTIFY_H
#define PGUNLOCK_NOTIFY_NOTIFY_H

/*
 * Brings notices to people: each notice goes to the log at once, and to the targets that it is for,
 * a webhook or a command each. All of it happens on the default main context and none of it waits:
 * notifier_send puts the notice into the queue of each target and returns.
 *
 * A target takes its notices one after the other, in order, so that an end never overtakes its
 * start; targets don't wait for one another. A queue is bounded: when it is full, its oldest notice
 * is dropped, and the next one that gets through is followed by a notice that says how many did not
 * (NOTICE_NOTICES_LOST).
 *
 * A webhook is tried again on network errors, 429 and 5xx, each time later (1 s, 2 s, 4 s, ... 60
 * s, with jitter; Retry-After counts), until the notice is ten minutes old. TLS is verified,
 * against the system's authorities or those in the file that $SSL_CERT_FILE names. Redirects are
 * not followed. The address is a secret: only its host is ever shown.
 *
 * A command is run without a shell, the notice as JSON on its standard input; it has 30 s, then it
 * is terminated, then killed. It isn't run again when it fails.
 *
 * The program must ignore SIGPIPE: a command need not read its input.
 */

#include "notify/journal.h"
#include "render/notice.h"

#include <glib.h>

typedef enum {
	NOTIFY_WEBHOOK,      /* value: the address, http:// or https:// */
	NOTIFY_WEBHOOK_FILE, /* value: a file whose first line is the address. One that isn't absolute
	                        is looked for in $CREDENTIALS_DIRECTORY (systemd's LoadCredential=) */
	NOTIFY_WEBHOOK_ENV,  /* value: the environment variable that holds it */
	NOTIFY_COMMAND,      /* value: a program and its arguments, quoted as for a shell */
} NotifyKind;

/* Borrowed. */
typedef struct {
	const char *name; /* in the policy file */
	NotifyKind kind;
	const char *value;
	/* NULL; else nothing can be brought there, and why: value isn't looked at, and each notice for
	 * it fails with that. */
	const char *trouble;
} NotifyTarget;

/* Bounds; times in microseconds. A zero stands for the default. */
typedef struct {
	guint max_queued;        /* a target; 100 */
	guint max_commands;      /* that run at once, over all targets; 8 */
	gint64 attempt_us;       /* for one request, answer included; 10 s */
	gint64 command_us;       /* for one run; 30 s */
	gint64 kill_after_us;    /* from terminate to kill; 2 s */
	gint64 first_delay_us;   /* before the second attempt; 1 s */
	gint64 longest_delay_us; /* 60 s */
	gint64 give_up_after_us; /* age of a notice; 10 min */
} NotifyLimits;

/* What became of a notice, once per target: for the history and the metrics. */
typedef enum {
	NOTICE_SENT,    /* taken: 2xx, exit status 0 */
	NOTICE_FAILED,  /* refused, or too old by now */
	NOTICE_DROPPED, /* the queue was full, or the guard ended first */
} NoticeFate;

/* "sent", "failed", "dropped" */
const char *notice_fate_name(NoticeFate fate);

/* Borrowed for the call. */
typedef struct {
	const char *target;
	NoticeKind kind;
	const char *server; /* of the notice; NULL: none */
	gint64 incident;
	NoticeFate fate;
	guint attempts;
	const char *error; /* safe text, without the address; NULL when sent */
} NoticeReport;

typedef void (*NotifyReportFunc)(const NoticeReport *report, gpointer data);

/* Since the notifier was made; queued: now, the one that is on its way included. */
typedef struct {
	const char *target;
	guint64 sent;
	guint64 failed;
	guint64 dropped;
	guint queued;
} NotifyCounts;

typedef struct Notifier Notifier;

/* journal is borrowed and must outlive the notifier; limits (NULL: all defaults) are copied. No
 * targets at first. */
Notifier *notifier_new(Journal *journal, const NotifyLimits *limits);
/* What is still queued is dropped without a report, commands that run are killed. */
void notifier_free(Notifier *notifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notifier, notifier_free)

/* Called from the main loop, never from inside notifier_send. NULL: nobody. */
void notifier_set_report(Notifier *notifier, NotifyReportFunc report, gpointer data);

/* Whether the target could be taken now; the usage error says why not, and names it. */
gboolean notify_target_check(const NotifyTarget *target, GError **error);

/* Takes these targets in place of those before, all or none: an address that can't be read or is no
 * http(s) address, a command whose quotes don't match, a file of authorities that can't be loaded
 * leave everything as it was and set a usage error. A target that keeps its name keeps its counts
 * and what is queued, which from now on goes to where it leads; what is queued for one that is gone
 * is dropped. Addresses in files are read again at each call. */
gboolean notifier_configure(Notifier *notifier, const NotifyTarget *targets, guint n,
                            GError **error);

/* Logs the notice, and queues it for the targets of these names (n may be 0). Copies what it needs.
 * A name that is none of the targets is a programming error of the caller: it is warned of, and
 * skipped. */
void notifier_send(Notifier *notifier, const Notice *notice, const char *const *targets, guint n);

guint notifier_n_targets(const Notifier *notifier);
/* The name is borrowed until the next notifier_configure. */
NotifyCounts notifier_counts(const Notifier *notifier, guint index);

/* Whether nothing is queued or on its way. */
gboolean notifier_is_idle(const Notifier *notifier);

/* Before the program ends: done is called from the main loop once nothing is left or bound_us have
 * passed, whatever comes first; what is left then is dropped (and reported). No waiting between
 * attempts any more: what has failed is tried once again at once. Once only. */
void notifier_finish(Notifier *notifier, gint64 bound_us, void (*done)(gpointer data),
                     gpointer data);

#endif
