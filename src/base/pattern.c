#include "base/pattern.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* Database, schema, relation. */
#define MAX_PARTS 3

/* What a regular expression of PostgreSQL gives a meaning to (documentation, "Regular Expression
 * Details"). */
#define REGEX_SPECIAL "|*+?()[]{}.^$\\"

/* Of these, what psql hands on as it is when it stands outside quotes. A backslash isn't among
 * them: it could undo the bracket that anchors the expression. */
#define REGEX_HANDED_ON "|+(){}^"

static gboolean char_equal(const char *a, const char *b, gboolean ignore_case)
{
	gunichar x = g_utf8_get_char(a);
	gunichar y = g_utf8_get_char(b);
	return x == y || (ignore_case && g_unichar_tolower(x) == g_unichar_tolower(y));
}

gboolean glob_matches(const char *glob, const char *text, gboolean ignore_case)
{
	/* Only the last star met ever takes more: what the ones before it took, the shortest that fits,
	 * leaves the most to those behind. */
	const char *after_star = NULL;
	const char *star_end = NULL;
	while (*text != '\0') {
		if (*glob == '*') {
			after_star = ++glob;
			star_end = text;
		} else if (*glob == '?' || (*glob != '\0' && char_equal(glob, text, ignore_case))) {
			glob = text_next_char(glob);
			text = text_next_char(text);
		} else if (after_star != NULL) {
			glob = after_star;
			star_end = text_next_char(star_end);
			text = star_end;
		} else {
			return FALSE;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

/* One part while it is read. */
typedef struct {
	GString *regex;
	GString *name; /* the part as a name, of use while is_plain */
	gboolean is_plain;
	gboolean has_quotes;
	guint depth; /* of round brackets */
} PartReader;

static void part_reader_init(PartReader *part)
{
	*part = (PartReader){
	    .regex = g_string_new("^("),
	    .name = g_string_new(NULL),
	    .is_plain = TRUE,
	};
}

static void part_reader_clear(PartReader *part)
{
	if (part->regex != NULL)
		g_string_free(part->regex, TRUE);
	if (part->name != NULL)
		g_string_free(part->name, TRUE);
	*part = (PartReader){0};
}

static void append_literal(PartReader *part, char c)
{
	if (strchr(REGEX_SPECIAL, c) != NULL)
		g_string_append_c(part->regex, '\\');
	g_string_append_c(part->regex, c);
	g_string_append_c(part->name, c);
}

static void append_special(PartReader *part, const char *regex)
{
	g_string_append(part->regex, regex);
	part->is_plain = FALSE;
}

/* From behind the opening quote; returns what follows the closing one, or NULL without one. */
static const char *read_quoted(PartReader *part, const char *text)
{
	part->has_quotes = TRUE;
	for (; *text != '\0'; text++) {
		if (*text == '"' && *++text != '"')
			return text;
		append_literal(part, *text);
	}
	return NULL;
}

/* A set of characters, [a-z] or [^a-z], from the opening bracket; returns what follows the closing
 * one, or NULL without one or when there is nothing in it. */
static const char *read_set(PartReader *part, const char *text)
{
	append_special(part, "[");
	text++;
	if (*text == '^')
		g_string_append_c(part->regex, *text++);
	gsize length = strcspn(text, "]");
	if (length == 0 || text[length] == '\0')
		return NULL;
	for (const char *end = text + length; text < end; text++) {
		if (*text == '\\' || *text == '[')
			g_string_append_c(part->regex, '\\');
		g_string_append_c(part->regex, g_ascii_tolower(*text));
	}
	g_string_append_c(part->regex, ']');
	return text + 1;
}

/* A character of a regular expression that is handed on. FALSE when it closes a round bracket that
 * nobody has opened: that would be the one that anchors the expression. */
static gboolean read_handed_on(PartReader *part, char c)
{
	if (c == ')' && part->depth-- == 0)
		return FALSE;
	if (c == '(')
		part->depth++;
	append_special(part, (const char[]){c, '\0'});
	return TRUE;
}

/* Reads up to a separating dot or the end, which it returns; NULL and what is wrong in *complaint
 * when it can't. */
static const char *read_part(PartReader *part, const char *text, const char **complaint)
{
	*complaint = NULL;
	while (*text != '\0' && *text != '.') {
		if (*text == '"') {
			*complaint = "a quote is not closed";
			text = read_quoted(part, text + 1);
		} else if (*text == '[') {
			*complaint = "[ ] is empty or not closed";
			text = read_set(part, text);
		} else if (*text == '*' || *text == '?') {
			append_special(part, *text++ == '*' ? ".*" : ".");
		} else if (strchr(REGEX_HANDED_ON, *text) != NULL) {
			*complaint = "a ) has no ( before it";
			text = read_handed_on(part, *text) ? text + 1 : NULL;
		} else {
			/* The server folds ASCII alone, and so does psql. */
			append_literal(part, g_ascii_tolower(*text++));
		}
		if (text == NULL)
			return NULL;
	}
	*complaint = part->depth > 0                          ? "a ( has no ) behind it"
	             : part->is_plain && part->name->len == 0 ? "a name is missing"
	                                                      : NULL;
	return *complaint == NULL ? text : NULL;
}

static NamePatternPart finish_part(PartReader *part)
{
	g_string_append(part->regex, ")$");
	NamePatternPart finished = {
	    .regex = g_string_free(g_steal_pointer(&part->regex), FALSE),
	    .case_sensitive = part->has_quotes,
	    .literal = part->is_plain ? g_strdup(part->name->str) : NULL,
	};
	part_reader_clear(part);
	return finished;
}

static void clear_part(NamePatternPart *part)
{
	g_free(part->regex);
	g_free(part->literal);
}

/* Reads all parts in the order written; returns how many, or 0 and what is wrong in *complaint. */
static guint read_parts(const char *text, NamePatternPart parts[MAX_PARTS], const char **complaint)
{
	for (guint n = 0; n < MAX_PARTS; n++) {
		PartReader reader;
		part_reader_init(&reader);
		text = read_part(&reader, text, complaint);
		if (text == NULL) {
			part_reader_clear(&reader);
			return 0;
		}
		parts[n] = finish_part(&reader);
		if (*text == '\0')
			return n + 1;
		text++;
	}
	*complaint = "it has more than three parts";
	return 0;
}

static const char *assign_parts(NamePattern *pattern, const char *text)
{
	NamePatternPart parts[MAX_PARTS] = {0};
	const char *complaint = NULL;
	guint n = read_parts(text, parts, &complaint);
	if (n == MAX_PARTS && parts[0].literal == NULL) {
		complaint = "the database has to be a plain name";
		n = 0;
	}
	if (n == 0) {
		for (guint i = 0; i < MAX_PARTS; i++)
			clear_part(&parts[i]);
		return complaint;
	}
	pattern->relation = parts[n - 1];
	if (n > 1)
		pattern->schema = parts[n - 2];
	if (n > 2) {
		pattern->database = g_steal_pointer(&parts[0].literal);
		pattern->database_case_sensitive = parts[0].case_sensitive;
		clear_part(&parts[0]);
	}
	return NULL;
}

NamePattern *name_pattern_parse(const char *text, GError **error)
{
	NamePattern parsed = {0};
	const char *complaint =
	    g_utf8_validate(text, -1, NULL) ? assign_parts(&parsed, text) : "it is not valid UTF-8";
	if (complaint != NULL) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "invalid table pattern \"%s\": %s", text, complaint);
		error_set_hint(error, "write [database.]schema.table; * and ? stand for any characters and "
		                      "for one, \"double quotes\" take everything as it is");
		return NULL;
	}
	parsed.original = g_strdup(text);
	return g_memdup2(&parsed, sizeof(parsed));
}

void name_pattern_free(NamePattern *pattern)
{
	if (pattern == NULL)
		return;
	clear_part(&pattern->relation);
	clear_part(&pattern->schema);
	g_free(pattern->database);
	g_free(pattern->original);
	g_free(pattern);
}
