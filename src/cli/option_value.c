#include "cli/option_value.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/moment.h"

#include <string.h>

typedef gboolean (*ReadValue)(const OptionRow *row, const char *text, gpointer value,
                              GError **error);
typedef void (*ClearValue)(gpointer value);

static gboolean read_flag(G_GNUC_UNUSED const OptionRow *row, G_GNUC_UNUSED const char *text,
                          gpointer value, G_GNUC_UNUSED GError **error)
{
	*(gboolean *) value = TRUE;
	return TRUE;
}

static gboolean read_sets(const OptionRow *row, G_GNUC_UNUSED const char *text, gpointer value,
                          GError **error)
{
	int *which = value;
	if (*which != 0 && *which != row->value) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "contradicts an earlier option");
		return FALSE;
	}
	*which = row->value;
	return TRUE;
}

static gboolean read_text(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                          G_GNUC_UNUSED GError **error)
{
	char **copy = value;
	g_free(*copy);
	*copy = g_strdup(text);
	return TRUE;
}

/* Which words there are depends on the command: the error is set where that is known. */
static gboolean read_choice(const OptionRow *row, const char *text, gpointer value,
                            G_GNUC_UNUSED GError **error)
{
	g_auto(GStrv) words = g_strsplit(row->words, "|", -1);
	for (int i = 0; words[i]; i++) {
		if (*text && strcmp(text, words[i]) == 0) {
			*(int *) value = i;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean read_duration(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                              GError **error)
{
	return duration_parse(text, value, error);
}

static gboolean read_moment(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                            GError **error)
{
	g_autoptr(GTimeZone) local = g_time_zone_new_local();
	return moment_parse(text, g_get_real_time(), local, value, error);
}

static gboolean read_range(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                           GError **error)
{
	MomentRange *range = value;
	const char *dots = strstr(text, "..");
	if (!dots) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no time FROM..TO", text);
		error_set_hint(error, "for example 2h..now, or 03:00..03:30");
		return FALSE;
	}
	g_autofree char *from = g_strndup(text, (gsize) (dots - text));
	if (!read_moment(row, from, &range->from, error) ||
	    !read_moment(row, dots + 2, &range->to, error))
		return FALSE;
	if (range->from < range->to)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" ends before it begins", text);
	return FALSE;
}

static gboolean read_count(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                           GError **error)
{
	guint64 count = 0;
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &count, NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is not a whole number", text);
		return FALSE;
	}
	*(guint *) value = (guint) count;
	return TRUE;
}

static gboolean read_table(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                           GError **error)
{
	NamePattern **pattern = value;
	*pattern = name_pattern_parse(text, error);
	return *pattern != NULL;
}

static gboolean read_row(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                         GError **error)
{
	RowRef **ref = value;
	*ref = row_ref_parse(text, error);
	return *ref != NULL;
}

static gboolean read_advisory(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                              GError **error)
{
	AdvisoryChoice *choice = value;
	choice->is_given = TRUE;
	choice->has_key = text != NULL;
	return !text || advisory_key_parse(text, &choice->key, error);
}

static gboolean read_modes(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                           GError **error)
{
	LockModeSet modes = 0;
	if (!lock_mode_pattern_parse(text, &modes, error))
		return FALSE;
	*(LockModeSet *) value = (LockModeSet) (*(LockModeSet *) value | modes);
	return TRUE;
}

static gboolean read_session(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                             GError **error)
{
	SessionRef **ref = value;
	*ref = session_ref_parse(text, error);
	return *ref != NULL;
}

static gboolean read_sessions(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                              GError **error)
{
	GPtrArray **refs = value;
	SessionRef *ref = session_ref_parse(text, error);
	if (!ref)
		return FALSE;
	if (!*refs)
		*refs = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_ptr_array_add(*refs, ref);
	return TRUE;
}

static gboolean read_kinds(G_GNUC_UNUSED const OptionRow *row, const char *text, gpointer value,
                           GError **error)
{
	return protected_kinds_parse(text, value, error);
}

static void clear_text(gpointer value)
{
	g_clear_pointer((char **) value, g_free);
}

static void clear_table(gpointer value)
{
	g_clear_pointer((NamePattern **) value, name_pattern_free);
}

static void clear_row(gpointer value)
{
	g_clear_pointer((RowRef **) value, row_ref_free);
}

static void clear_session(gpointer value)
{
	g_clear_pointer((SessionRef **) value, session_ref_free);
}

static void clear_sessions(gpointer value)
{
	g_clear_pointer((GPtrArray **) value, g_ptr_array_unref);
}

static const struct {
	ReadValue read;
	ClearValue clear; /* NULL: owns nothing */
} kinds[] = {
    [OPTION_FLAG] = {read_flag, NULL},
    [OPTION_SETS] = {read_sets, NULL},
    [OPTION_TEXT] = {read_text, clear_text},
    [OPTION_FILE] = {read_text, clear_text},
    [OPTION_CHOICE] = {read_choice, NULL},
    [OPTION_DURATION] = {read_duration, NULL},
    [OPTION_MOMENT] = {read_moment, NULL},
    [OPTION_RANGE] = {read_range, NULL},
    [OPTION_COUNT] = {read_count, NULL},
    [OPTION_TABLE] = {read_table, clear_table},
    [OPTION_ROW] = {read_row, clear_row},
    [OPTION_ADVISORY] = {read_advisory, NULL},
    [OPTION_MODES] = {read_modes, NULL},
    [OPTION_SESSION] = {read_session, clear_session},
    [OPTION_SESSIONS] = {read_sessions, clear_sessions},
    [OPTION_KINDS] = {read_kinds, NULL},
};

gboolean option_value_read(const OptionRow *row, const char *text, const Command *command,
                           Options *options, GError **error)
{
	GError *cause = NULL;
	if (kinds[row->kind].read(row, text, G_STRUCT_MEMBER_P(options, row->offset), &cause))
		return TRUE;
	if (!cause) {
		const char *words = option_words(row, command);
		error_set(&cause, PGUNLOCK_ERROR_USAGE, "\"%s\" is none of %s", text,
		          words ? words : option_words(row, NULL));
	}
	g_propagate_prefixed_error(error, cause, "--%s: ", row->name);
	return FALSE;
}

void option_value_clear(const OptionRow *row, Options *options)
{
	if (kinds[row->kind].clear)
		kinds[row->kind].clear(G_STRUCT_MEMBER_P(options, row->offset));
}
