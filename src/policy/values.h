#ifndef PGUNLOCK_POLICY_VALUES_H
#define PGUNLOCK_POLICY_VALUES_H

/* The functions of the table of keys: one pair reads a kind of value into its place and frees it.
 * For keys.c alone. */

#include "policy/keys.h"

/* Into a char *; off makes NULL. */
gboolean value_read_text(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_text_or_off(const PolicyKey *key, const char *text, gpointer value,
                                GError **error);
/* An address, which is a secret: no error shows it. And a command's words, quoted as for a shell.
 */
gboolean value_read_web_address(const PolicyKey *key, const char *text, gpointer value,
                                GError **error);
gboolean value_read_command(const PolicyKey *key, const char *text, gpointer value, GError **error);
void value_clear_text(gpointer value);

/* Into a gboolean, a guint, a gint64 of microseconds, a gint64 of bytes, a PolicyRate, a
 * LockModeSet, a RuleAction. */
gboolean value_read_boolean(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_count(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_duration(const PolicyKey *key, const char *text, gpointer value,
                             GError **error);
gboolean value_read_size(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_rate(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_modes(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_action(const PolicyKey *key, const char *text, gpointer value, GError **error);

/* Into a PolicyAddress. */
gboolean value_read_address(const PolicyKey *key, const char *text, gpointer value, GError **error);
void value_clear_address(gpointer value);

/* Into a GlobList *: over names, whose case counts; over words of which all are known; over words
 * of which some are. */
gboolean value_read_names(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_words(const PolicyKey *key, const char *text, gpointer value, GError **error);
gboolean value_read_open_words(const PolicyKey *key, const char *text, gpointer value,
                               GError **error);
void value_clear_globs(gpointer value);

/* Into a pointer to each of these. */
gboolean value_read_clients(const PolicyKey *key, const char *text, gpointer value, GError **error);
void value_clear_clients(gpointer value);
gboolean value_read_tables(const PolicyKey *key, const char *text, gpointer value, GError **error);
void value_clear_tables(gpointer value);
gboolean value_read_hours(const PolicyKey *key, const char *text, gpointer value, GError **error);
void value_clear_hours(gpointer value);
gboolean value_read_statement(const PolicyKey *key, const char *text, gpointer value,
                              GError **error);
void value_clear_statement(gpointer value);

#endif
