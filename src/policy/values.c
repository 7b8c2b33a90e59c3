#include "policy/values.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/pattern.h"

#include <string.h>

/* The largest port of TCP. */
#define MOST_PORT 65535

gboolean value_read_text(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                         G_GNUC_UNUSED GError **error)
{
	*(char **) value = g_strdup(text);
	return TRUE;
}

gboolean value_read_text_or_off(G_GNUC_UNUSED const PolicyKey *key, const char *text,
                                gpointer value, G_GNUC_UNUSED GError **error)
{
	*(char **) value = strcmp(text, "off") == 0 ? NULL : g_strdup(text);
	return TRUE;
}

gboolean value_read_web_address(G_GNUC_UNUSED const PolicyKey *key, const char *text,
                                gpointer value, GError **error)
{
	g_autoptr(GUri) address = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
	const char *scheme = address != NULL ? g_uri_get_scheme(address) : "";
	const char *host = address != NULL ? g_uri_get_host(address) : NULL;

	if ((strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0) || host == NULL ||
	    *host == '\0') {
		error_set(error, PGUNLOCK_ERROR_USAGE, "that is no http(s) address");
		return FALSE;
	}
	*(char **) value = g_strdup(text);
	return TRUE;
}

gboolean value_read_command(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                            GError **error)
{
	g_auto(GStrv) words = NULL;

	/* GLib's words show the whole of it, and a command may well have a secret in it. */
	if (!g_shell_parse_argv(text, NULL, &words, NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "it has a quote that isn't closed, or no program");
		return FALSE;
	}
	*(char **) value = g_strdup(text);
	return TRUE;
}

void value_clear_text(gpointer value)
{
	g_free(*(char **) value);
}

gboolean value_read_boolean(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                            GError **error)
{
	gboolean is_true = strcmp(text, "true") == 0;

	if (!is_true && strcmp(text, "false") != 0) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is neither true nor false", text);
		return FALSE;
	}
	*(gboolean *) value = is_true;
	return TRUE;
}

static gboolean check_bounds(const PolicyKey *key, const char *text, gint64 number, GError **error)
{
	if (key->least <= number && number <= key->most)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is too %s", text,
	          number < key->least ? "little" : "much");
	return FALSE;
}

gboolean value_read_count(const PolicyKey *key, const char *text, gpointer value, GError **error)
{
	guint64 number = 0;

	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &number, NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no number", text);
		return FALSE;
	}
	*(guint *) value = (guint) number;
	return check_bounds(key, text, (gint64) number, error);
}

gboolean value_read_duration(const PolicyKey *key, const char *text, gpointer value, GError **error)
{
	gint64 *duration_us = value;

	return duration_parse(text, duration_us, error) && check_bounds(key, text, *duration_us, error);
}

gboolean value_read_size(const PolicyKey *key, const char *text, gpointer value, GError **error)
{
	/* As in PostgreSQL's own settings a kB is 1024 bytes. */
	static const struct {
		const char *name;
		gint64 bytes;
	} units[] = {
	    {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", G_GINT64_CONSTANT(1) << 40}};
	gsize n_digits = strspn(text, "0123456789");
	g_autofree char *digits = g_strndup(text, n_digits);
	gint64 number;

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(text + n_digits, units[i].name) != 0 ||
		    !g_ascii_string_to_signed(digits, 10, 0, G_MAXINT64 / units[i].bytes, &number, NULL))
			continue;
		*(gint64 *) value = number * units[i].bytes;
		return check_bounds(key, text, number * units[i].bytes, error);
	}
	error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no size", text);
	return FALSE;
}

gboolean value_read_rate(const PolicyKey *key, const char *text, gpointer value, GError **error)
{
	PolicyRate *rate = value;
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);
	guint64 n = 0;

	if (g_strv_length(parts) != 2 ||
	    !g_ascii_string_to_unsigned(g_strstrip(parts[0]), 10, 1, G_MAXINT32, &n, NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no number of times in a span of time",
		          text);
		return FALSE;
	}
	rate->n = (guint) n;
	return duration_parse(g_strstrip(parts[1]), &rate->within_us, error) &&
	       check_bounds(key, text, rate->within_us, error);
}

gboolean value_read_modes(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                          GError **error)
{
	return lock_mode_list_parse(text, value, error);
}

gboolean value_read_action(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                           GError **error)
{
	for (RuleAction action = 0; action < RULE_ACTION_COUNT; action++) {
		if (strcmp(text, rule_action_name(action)) == 0) {
			*(RuleAction *) value = action;
			return TRUE;
		}
	}
	error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no action", text);
	return FALSE;
}

/* "127.0.0.1:9719", "[::1]:9719", "9719" of this machine alone. */
gboolean value_read_address(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                            GError **error)
{
	PolicyAddress *address = value;
	const char *colon = strrchr(text, ':');
	const char *host = colon != NULL ? text : "127.0.0.1";
	gsize length = colon != NULL ? (gsize) (colon - text) : strlen(host);
	guint64 port = 0;

	if (strcmp(text, "off") == 0)
		return TRUE;
	gboolean has_brackets = length > 2 && host[0] == '[' && host[length - 1] == ']';

	if (length == 0 || (!has_brackets && strcspn(host, ":[]") < length) ||
	    !g_ascii_string_to_unsigned(colon != NULL ? colon + 1 : text, 10, 1, MOST_PORT, &port,
	                                NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no address with a port", text);
		return FALSE;
	}
	address->host = g_strndup(host + has_brackets, length - (has_brackets ? 2 : 0));
	address->port = (guint16) port;
	return TRUE;
}

void value_clear_address(gpointer value)
{
	g_free(((PolicyAddress *) value)->host);
}

gboolean value_read_names(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                          GError **error)
{
	GlobList **list = value;

	*list = glob_list_parse(text, FALSE, error);
	return *list != NULL;
}

/* The words of a key, ending with NULL; the array is the caller's, the words are not. */
static GPtrArray *words_of(const PolicyKey *key)
{
	GPtrArray *words = g_ptr_array_new();
	const char *word;

	for (guint i = 0; (word = key->word(i)) != NULL; i++)
		g_ptr_array_add(words, (gpointer) (gsize) word);
	g_ptr_array_add(words, NULL);
	return words;
}

static gboolean is_met(const char *glob, const char *const *words)
{
	for (; *words != NULL; words++)
		if (glob_matches(glob, *words, TRUE))
			return TRUE;
	return FALSE;
}

/* only_known: else a word is wrong only when it looks like one that is mistyped; a glob never is.
 */
static gboolean check_word(const PolicyKey *key, const char *glob, gboolean only_known,
                           GError **error)
{
	g_autoptr(GPtrArray) known = words_of(key);
	const char *const *words = (const char *const *) known->pdata;
	const char *near = nearest_name(glob, words);

	if (is_met(glob, words) || (!only_known && (near == NULL || strpbrk(glob, "*?") != NULL)))
		return TRUE;
	if (near != NULL)
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no %s, but \"%s\" is one", glob,
		          key->name, near);
	else
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no %s", glob, key->name);
	return FALSE;
}

static gboolean read_words(const PolicyKey *key, const char *text, GlobList **list,
                           gboolean only_known, GError **error)
{
	const char *glob;

	*list = glob_list_parse(text, TRUE, error);
	if (*list == NULL)
		return FALSE;
	for (guint i = 0; (glob = glob_list_item(*list, i)) != NULL; i++)
		if (!check_word(key, glob, only_known, error))
			return FALSE;
	return TRUE;
}

gboolean value_read_words(const PolicyKey *key, const char *text, gpointer value, GError **error)
{
	return read_words(key, text, value, TRUE, error);
}

gboolean value_read_open_words(const PolicyKey *key, const char *text, gpointer value,
                               GError **error)
{
	return read_words(key, text, value, FALSE, error);
}

void value_clear_globs(gpointer value)
{
	glob_list_free(*(GlobList **) value);
}

gboolean value_read_clients(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                            GError **error)
{
	ClientList **list = value;

	*list = client_list_parse(text, error);
	return *list != NULL;
}

void value_clear_clients(gpointer value)
{
	client_list_free(*(ClientList **) value);
}

gboolean value_read_tables(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                           GError **error)
{
	TableList **list = value;

	*list = table_list_parse(text, error);
	return *list != NULL;
}

void value_clear_tables(gpointer value)
{
	table_list_free(*(TableList **) value);
}

gboolean value_read_hours(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                          GError **error)
{
	DayHours **hours = value;

	*hours = day_hours_parse(text, error);
	return *hours != NULL;
}

void value_clear_hours(gpointer value)
{
	day_hours_free(*(DayHours **) value);
}

gboolean value_read_statement(G_GNUC_UNUSED const PolicyKey *key, const char *text, gpointer value,
                              GError **error)
{
	StatementPattern **pattern = value;

	*pattern = statement_pattern_parse(text, error);
	return *pattern != NULL;
}

void value_clear_statement(gpointer value)
{
	statement_pattern_free(*(StatementPattern **) value);
}
