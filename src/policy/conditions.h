#ifndef PGUNLOCK_POLICY_CONDITIONS_H
#define PGUNLOCK_POLICY_CONDITIONS_H

/*
 * The values that a rule's conditions can have: each is parsed from the text behind the equals
 * sign, and answers whether a fact meets it. A fact that is NULL is not known, and neither is the
 * answer then.
 *
 * Lists are separated by commas. An item with ! in front is one that must not match; a list matches
 * when one of the others does (or there are no others) and none of these. Errors are usage errors
 * that say what is wrong with the value; the caller adds the place.
 */

#include "base/answer.h"
#include "model/blocker.h"
#include "model/lock_mode.h"

#include <glib.h>

/* Globs: * for any characters, ? for one. */
typedef struct GlobList GlobList;
GlobList *glob_list_parse(const char *text, gboolean ignore_case, GError **error);
void glob_list_free(GlobList *list);
/* As it was written. Borrowed. */
const char *glob_list_text(const GlobList *list);
Answer glob_list_matches(const GlobList *list, const char *text);
/* The items themselves, without the !; NULL behind the last. Borrowed. */
const char *glob_list_item(const GlobList *list, guint index);

/* Addresses and networks: 10.0.0.0/8, 2001:db8::/32, 10.1.2.3, and local for Unix sockets. */
typedef struct ClientList ClientList;
ClientList *client_list_parse(const char *text, GError **error);
void client_list_free(ClientList *list);
/* address and port as in Blocker. */
Answer client_list_matches(const ClientList *list, const char *address, gint32 port);

/* psql's patterns. A relation is meant by any of its names. */
typedef struct TableList TableList;
TableList *table_list_parse(const char *text, GError **error);
void table_list_free(TableList *list);
Answer table_list_matches(const TableList *list, const BlockerTarget *target);

/* Lock modes, globs of them among it. */
gboolean lock_mode_list_parse(const char *text, LockModeSet *modes, GError **error);

/* A time of day from which and one up to which, "22:00-06:00"; the latter doesn't belong to it. */
typedef struct DayHours DayHours;
DayHours *day_hours_parse(const char *text, GError **error);
void day_hours_free(DayHours *hours);
/* second_of_day: local time, from 0 to 86399 */
gboolean day_hours_contain(const DayHours *hours, guint second_of_day);

/* A regular expression (PCRE), in any case, somewhere in the first 8 kB of a statement. */
#define STATEMENT_MATCHED_BYTES 8192
typedef struct StatementPattern StatementPattern;
StatementPattern *statement_pattern_parse(const char *text, GError **error);
void statement_pattern_free(StatementPattern *pattern);
/* Unknown also for a statement that is no valid text, and when matching takes too many steps. */
Answer statement_pattern_matches(const StatementPattern *pattern, const char *statement);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GlobList, glob_list_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClientList, client_list_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TableList, table_list_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DayHours, day_hours_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatementPattern, statement_pattern_free)

#endif
