#ifndef PGUNLOCK_NOTIFY_JOURNAL_H
#define PGUNLOCK_NOTIFY_JOURNAL_H

/*
 * The guard's own log: the systemd journal with fields where standard error leads there (it is told
 * by $JOURNAL_STREAM, systemd.exec(5)); syslog(3) where asked for; else lines on standard error,
 * with the time in front. All of a message is made safe for a terminal. Writing it never fails for
 * the caller: what can't be written to the journal goes to standard error, and what can't be
 * written there is lost, as nothing is left to say so.
 */

#include "render/notice.h"

#include <glib.h>

typedef enum {
	JOURNAL_AUTOMATIC, /* the journal, else standard error */
	JOURNAL_STDERR,
	JOURNAL_SYSLOG, /* syslog(3), facility daemon */
} JournalWay;

/* The numbers of syslog(3). */
typedef enum {
	JOURNAL_ERROR = 3,
	JOURNAL_WARNING = 4,
	JOURNAL_NOTICE = 5,
	JOURNAL_INFO = 6,
	JOURNAL_DEBUG = 7,
} JournalPriority;

typedef struct Journal Journal;

Journal *journal_new(JournalWay way);
void journal_free(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)

/* What is less urgent than this isn't written. JOURNAL_INFO at first. */
void journal_set_least(Journal *journal, JournalPriority least);

/* One line; server is the name in the policy file that it is about, or NULL. The format's text
 * needs no newline. */
void journal_log(Journal *journal, JournalPriority priority, const char *server, const char *format,
                 ...) G_GNUC_PRINTF(4, 5);
/* An error and its hint. */
void journal_error(Journal *journal, JournalPriority priority, const char *server,
                   const GError *error);
/* A notice, with all its facts. */
void journal_notice(Journal *journal, const Notice *notice);

#endif
