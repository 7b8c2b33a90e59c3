#include "base/json_writer.h"

#include "base/text.h"
#include "base/timestamp.h"

#include <string.h>

/* What is open around the next value, innermost last. A document stands in a level of its own that
 * takes one value. */
typedef enum { LEVEL_DOCUMENT, LEVEL_OBJECT, LEVEL_ARRAY } LevelKind;

typedef struct {
	LevelKind kind;
	gboolean has_members;
} Level;

struct JsonWriter {
	GString *out;
	gboolean pretty;
	gboolean has_key; /* a key is written and waits for its value */
	Level level;      /* the innermost */
	GArray *outer;    /* of Level */
};

#define require(condition, message)                                                                \
	do {                                                                                           \
		if (G_UNLIKELY(!(condition)))                                                              \
			g_error("JSON: %s", (message));                                                        \
	} while (0)

JsonWriter *json_writer_new(GString *out, gboolean pretty)
{
	JsonWriter *json = g_new0(JsonWriter, 1);
	json->out = out;
	json->pretty = pretty;
	json->level.kind = LEVEL_DOCUMENT;
	json->outer = g_array_new(FALSE, FALSE, sizeof(Level));
	return json;
}

void json_writer_free(JsonWriter *json)
{
	if (json == NULL)
		return;
	require(json->level.kind == LEVEL_DOCUMENT, "the document ends inside an object or an array");
	g_array_unref(json->outer);
	g_free(json);
}

static void begin_line(JsonWriter *json, guint depth)
{
	g_string_append_c(json->out, '\n');
	for (guint i = 0; i < depth; i++)
		g_string_append_len(json->out, "  ", 2);
}

/* The comma and the line break that a new member of an object or an array needs. */
static inline void begin_member(JsonWriter *json)
{
	if (json->level.has_members)
		g_string_append_c(json->out, ',');
	json->level.has_members = TRUE;
	if (json->pretty)
		begin_line(json, json->outer->len);
}

static inline void begin_value(JsonWriter *json)
{
	switch (json->level.kind) {
	case LEVEL_OBJECT:
		require(json->has_key, "a value without a key in an object");
		json->has_key = FALSE;
		break;
	case LEVEL_ARRAY:
		begin_member(json);
		break;
	case LEVEL_DOCUMENT:
		require(!json->level.has_members, "a second value in a document");
		json->level.has_members = TRUE;
		break;
	}
}

static void begin_level(JsonWriter *json, LevelKind kind, char bracket)
{
	begin_value(json);
	g_string_append_c(json->out, bracket);
	g_array_append_val(json->outer, json->level);
	json->level = (Level){.kind = kind};
}

static void end_level(JsonWriter *json, LevelKind kind, char bracket)
{
	require(json->level.kind == kind, "an end that fits no begin");
	require(!json->has_key, "a key without a value");
	gboolean had_members = json->level.has_members;
	json->level = g_array_index(json->outer, Level, json->outer->len - 1);
	g_array_set_size(json->outer, json->outer->len - 1);
	if (json->pretty && had_members)
		begin_line(json, json->outer->len);
	g_string_append_c(json->out, bracket);
}

void json_begin_object(JsonWriter *json)
{
	begin_level(json, LEVEL_OBJECT, '{');
}

void json_end_object(JsonWriter *json)
{
	end_level(json, LEVEL_OBJECT, '}');
}

void json_begin_array(JsonWriter *json)
{
	begin_level(json, LEVEL_ARRAY, '[');
}

void json_end_array(JsonWriter *json)
{
	end_level(json, LEVEL_ARRAY, ']');
}

static void append_u16(GString *out, guint unit)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = {
	    '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
	g_string_append_len(out, escape, sizeof(escape));
}

static void append_escaped(GString *out, gunichar c)
{
	static const char short_forms[] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
	                                   ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
	if (c < G_N_ELEMENTS(short_forms) && short_forms[c] != '\0') {
		g_string_append_c(out, '\\');
		g_string_append_c(out, short_forms[c]);
	} else if (c < 0x10000) {
		append_u16(out, c);
	} else {
		append_u16(out, 0xD800 + ((c - 0x10000) >> 10));
		append_u16(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
	}
}

/* The bytes at the start of a text that are written as they are. */
static gsize plain_length(const char *text)
{
	static const gboolean is_plain[G_MAXUINT8 + 1] = {
	    [' ' ... '!'] = TRUE, ['#' ... '['] = TRUE, [']' ... '~'] = TRUE};
	gsize length = 0;
	while (is_plain[(guchar) text[length]])
		length++;
	return length;
}

/* JSON asks only for quotes, backslashes and C0 controls to be escaped. All that could command a
 * terminal is escaped too: it reads back the same, and JSON is looked at on terminals. */
static void append_valid(GString *out, const char *text)
{
	while (*text != '\0') {
		gsize plain = plain_length(text);
		g_string_append_len(out, text, (gssize) plain);
		text += plain;
		if (*text == '\0')
			break;
		gunichar c = g_utf8_get_char(text);
		const char *next = text_next_char(text);
		if (c < 0x80 || !text_char_is_safe(c))
			append_escaped(out, c);
		else
			g_string_append_len(out, text, next - text);
		text = next;
	}
}

static void append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	gsize plain = plain_length(text);
	if (G_LIKELY(text[plain] == '\0')) {
		g_string_append_len(out, text, (gssize) plain);
	} else if (g_utf8_validate(text, -1, NULL)) {
		append_valid(out, text);
	} else {
		g_autofree char *repaired = text_repair(text, strlen(text));
		append_valid(out, repaired);
	}
	g_string_append_c(out, '"');
}

void json_key(JsonWriter *json, const char *name)
{
	require(json->level.kind == LEVEL_OBJECT, "a key outside of an object");
	require(!json->has_key, "a key after a key");
	begin_member(json);
	append_quoted(json->out, name);
	g_string_append_c(json->out, ':');
	if (json->pretty)
		g_string_append_c(json->out, ' ');
	json->has_key = TRUE;
}

void json_null(JsonWriter *json)
{
	begin_value(json);
	g_string_append_len(json->out, "null", 4);
}

void json_bool(JsonWriter *json, gboolean value)
{
	begin_value(json);
	g_string_append(json->out, value ? "true" : "false");
}

/* Enough for the digits of any guint64. */
#define MAX_DIGITS 20

static void append_digits(GString *out, guint64 number)
{
	char digits[MAX_DIGITS];
	gsize first = MAX_DIGITS;
	do {
		digits[--first] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);
	g_string_append_len(out, digits + first, (gssize) (MAX_DIGITS - first));
}

/* Writes the sign; returns the size, which G_MININT64 has too. */
static guint64 append_sign(GString *out, gint64 number)
{
	if (number >= 0)
		return (guint64) number;
	g_string_append_c(out, '-');
	return 0 - (guint64) number;
}

void json_int(JsonWriter *json, gint64 value)
{
	begin_value(json);
	append_digits(json->out, append_sign(json->out, value));
}

void json_string(JsonWriter *json, const char *value)
{
	if (value == NULL) {
		json_null(json);
		return;
	}
	begin_value(json);
	append_quoted(json->out, value);
}

void json_seconds(JsonWriter *json, gint64 duration_us)
{
	begin_value(json);
	guint64 us = append_sign(json->out, duration_us);
	append_digits(json->out, us / 1000000);
	guint fraction = (guint) (us % 1000000);
	if (fraction == 0)
		return;
	char decimals[6];
	gssize n_decimals = 0;
	for (guint place = 100000; fraction > 0; place /= 10) {
		decimals[n_decimals++] = (char) ('0' + fraction / place);
		fraction %= place;
	}
	g_string_append_c(json->out, '.');
	g_string_append_len(json->out, decimals, n_decimals);
}

void json_timestamp(JsonWriter *json, gint64 timestamp_us)
{
	g_autofree char *text = timestamp_to_rfc3339(timestamp_us);
	json_string(json, text);
}

void json_key_null(JsonWriter *json, const char *name)
{
	json_key(json, name);
	json_null(json);
}

void json_key_bool(JsonWriter *json, const char *name, gboolean value)
{
	json_key(json, name);
	json_bool(json, value);
}

void json_key_int(JsonWriter *json, const char *name, gint64 value)
{
	json_key(json, name);
	json_int(json, value);
}

void json_key_string(JsonWriter *json, const char *name, const char *value)
{
	json_key(json, name);
	json_string(json, value);
}

void json_key_seconds(JsonWriter *json, const char *name, gint64 duration_us)
{
	json_key(json, name);
	json_seconds(json, duration_us);
}

void json_key_timestamp(JsonWriter *json, const char *name, gint64 timestamp_us)
{
	json_key(json, name);
	json_timestamp(json, timestamp_us);
}
