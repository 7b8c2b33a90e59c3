#include "model/advisory_labels.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* Both ends count. */
typedef struct {
	gint64 first;
	gint64 last;
} Range;

typedef struct {
	gboolean is_pair;
	Range ranges[2]; /* the second only of a pair */
	char *name;
	guint section; /* in databases; 0: all databases */
} Label;

struct AdvisoryLabels {
	GArray *labels;       /* of Label */
	GPtrArray *databases; /* of char *: by section, the first is NULL */
};

/* A line while it is read. */
typedef struct {
	const char *file;
	guint number;
	GError **error;
} Place;

static gboolean wrong(const Place *place, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean wrong(const Place *place, const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	error_set(place->error, PGUNLOCK_ERROR_USAGE, "%s, line %u: %s", place->file, place->number,
	          text);
	error_set_hint(place->error, "%s", hint);
	return FALSE;
}

static void clear_label(gpointer data)
{
	g_free(((Label *) data)->name);
}

/* Reads the number at *text, and goes behind it. */
static gboolean take_number(const char **text, const Range *limits, gint64 *number)
{
	const char *end = *text + (**text == '-');

	while (g_ascii_isdigit(*end))
		end++;
	g_autofree char *digits = g_strndup(*text, (gsize) (end - *text));

	*text = end;
	return g_ascii_string_to_signed(digits, 10, limits->first, limits->last, number, NULL);
}

static const char *skip_blanks(const char *text)
{
	while (g_ascii_isspace(*text))
		text++;
	return text;
}

/* "5", "1-9", "-5..5", "*" */
static gboolean read_range(const char *text, const Range *limits, Range *range)
{
	if (strcmp(text, "*") == 0) {
		*range = *limits;
		return TRUE;
	}
	if (!take_number(&text, limits, &range->first))
		return FALSE;
	range->last = range->first;
	if (*text == '\0')
		return TRUE;
	text = skip_blanks(text);
	if (g_str_has_prefix(text, ".."))
		text += strlen("..");
	else if (*text == '-' && range->first >= 0)
		text++;
	else
		return FALSE;
	text = skip_blanks(text);
	return take_number(&text, limits, &range->last) && *text == '\0';
}

static gboolean read_key(char *text, Label *label)
{
	static const Range bigint = {G_MININT64, G_MAXINT64};
	static const Range integer = {G_MININT32, G_MAXINT32};
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);

	label->is_pair = g_strv_length(parts) == 2;
	if (label->is_pair)
		return read_range(g_strstrip(parts[0]), &integer, &label->ranges[0]) &&
		       read_range(g_strstrip(parts[1]), &integer, &label->ranges[1]);
	return g_strv_length(parts) == 1 && read_range(parts[0], &bigint, &label->ranges[0]);
}

static gboolean read_section(AdvisoryLabels *labels, char *text, guint *section, const Place *place)
{
	gsize length = strlen(text);
	char *name = text + 1;

	if (text[length - 1] == ']') {
		text[length - 1] = '\0';
		g_strstrip(name);
		if (strcmp(name, "all databases") == 0) {
			*section = 0;
			return TRUE;
		}
		if (g_str_has_prefix(name, "database ") &&
		    *g_strstrip(name += strlen("database ")) != '\0') {
			g_ptr_array_add(labels->databases, g_strdup(name));
			*section = labels->databases->len - 1;
			return TRUE;
		}
	}
	return wrong(place, "a section is [database NAME] or [all databases]",
	             "this is not the head of a section");
}

static gboolean read_label(AdvisoryLabels *labels, char *text, guint section, const Place *place)
{
	char *equals = strchr(text, '=');
	Label label = {.section = section};

	if (equals == NULL)
		return wrong(place, "a line is KEY = NAME, as in 42 = nightly-import",
		             "there is no = between a key and its name");
	*equals = '\0';
	g_strstrip(text);
	if (!read_key(text, &label))
		return wrong(place,
		             "a key is a number, a range (1000-1999, -5..5) or *, or two of these with a "
		             "comma between",
		             "\"%s\" is not the key of an advisory lock", text);
	if (label.ranges[0].first > label.ranges[0].last ||
	    label.ranges[1].first > label.ranges[1].last)
		return wrong(place, "the smaller number comes first", "the range \"%s\" is empty", text);
	g_strstrip(equals + 1);
	g_autofree char *name = text_repair(equals + 1, strlen(equals + 1));

	if (*name == '\0')
		return wrong(place, "a line is KEY = NAME, as in 42 = nightly-import",
		             "key \"%s\" has no name", text);
	label.name = g_steal_pointer(&name);
	g_array_append_val(labels->labels, label);
	return TRUE;
}

/* line: its bytes, with a NUL behind them. */
static gboolean read_line(AdvisoryLabels *labels, char *line, gsize length, guint *section,
                          const Place *place)
{
	if (strlen(line) != length)
		return wrong(place, "the file is text, a line KEY = NAME for each key",
		             "there is a NUL byte in it");
	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return TRUE;
	if (*line == '[')
		return read_section(labels, line, section, place);
	return read_label(labels, line, *section, place);
}

AdvisoryLabels *advisory_labels_parse(const char *bytes, gsize length, const char *file,
                                      GError **error)
{
	g_autoptr(AdvisoryLabels) labels = g_new0(AdvisoryLabels, 1);
	Place place = {file, 0, error};
	guint section = 0;

	labels->labels = g_array_new(FALSE, FALSE, sizeof(Label));
	g_array_set_clear_func(labels->labels, clear_label);
	labels->databases = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(labels->databases, NULL);
	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		gsize line_length = newline != NULL ? (gsize) (newline - bytes) : length;
		gsize taken = line_length + (newline != NULL);
		g_autofree char *line = g_malloc(line_length + 1);

		memcpy(line, bytes, line_length);
		line[line_length] = '\0';
		place.number++;
		if (!read_line(labels, line, line_length, &section, &place))
			return NULL;
		bytes += taken;
		length -= taken;
	}
	return g_steal_pointer(&labels);
}

void advisory_labels_free(AdvisoryLabels *labels)
{
	if (!labels)
		return;
	g_array_unref(labels->labels);
	g_ptr_array_unref(labels->databases);
	g_free(labels);
}

static gboolean contains(const Range *range, gint64 number)
{
	return range->first <= number && number <= range->last;
}

static gboolean matches(const Label *label, const AdvisoryKey *key)
{
	if (label->is_pair != key->is_pair)
		return FALSE;
	if (!key->is_pair)
		return contains(&label->ranges[0], key->number);
	return contains(&label->ranges[0], key->first) && contains(&label->ranges[1], key->second);
}

const char *advisory_labels_find(const AdvisoryLabels *labels, const char *database,
                                 const AdvisoryKey *key)
{
	for (guint i = 0; i < labels->labels->len; i++) {
		const Label *label = &g_array_index(labels->labels, Label, i);
		const char *only = g_ptr_array_index(labels->databases, label->section);

		if ((only == NULL || g_strcmp0(only, database) == 0) && matches(label, key))
			return label->name;
	}
	return NULL;
}
