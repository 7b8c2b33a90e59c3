#ifndef PGUNLOCK_AUDIT_AUDIT_H
#define PGUNLOCK_AUDIT_AUDIT_H

/*
 * The log of what was done: one line of JSON an act, appended in one write, so that several
 * processes can share a file. A line is written before the signals go out and one after, so that an
 * act leaves its trace even if this process is killed in between.
 */

#include "render/render.h"

#include <glib.h>

/* Where the log is when nobody says otherwise: pgunlock/audit.jsonl in $XDG_STATE_HOME, by default
 * ~/.local/state. Free with g_free. */
char *audit_default_path(void);

/* Who runs this process: the name of its real user, or "root (sudo: alice)" under sudo. The second
 * half is what sudo put into the environment, no proof. Free with g_free. */
char *audit_os_user(void);

/* Whether the log's folder is there, and the log is none itself, so that a mistyped path is told
 * before there is something to be logged. Makes nothing. */
gboolean audit_check_place(const char *path, GError **error);

/* Appends, by this rule of a policy (NULL: a person's command), what is about to be done (outcome
 * NULL) or what was done to the log at given_path, or at audit_default_path() for NULL. Makes the
 * file (mode 0600) where it is missing; folders (0700) only for the default path, and never the
 * home itself. A failure is the caller's to tell; nothing is written elsewhere instead. */
gboolean audit_append(const char *given_path, const char *rule, const Plan *plan,
                      const Outcome *outcome, GError **error);

#endif
