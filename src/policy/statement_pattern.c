#include "base/error.h"
#include "base/text.h"
#include "policy/conditions.h"

#include <string.h>

/* Steps of matching one statement: some hundredths of a second. An expression that needs more than
 * that for 8 kB would hold up everybody who is watched. */
#define STEP_LIMIT "(*LIMIT_MATCH=1000000)"

struct StatementPattern {
	GRegex *regex;
};

/* Without the expression, which g_regex_new repeats in front of what is wrong with it. */
static void set_error(GError **error, const GError *cause)
{
	const char *colon = g_strrstr(cause->message, ": ");

	error_set(error, PGUNLOCK_ERROR_USAGE, "it is no regular expression: %s",
	          colon != NULL ? colon + 2 : cause->message);
}

StatementPattern *statement_pattern_parse(const char *text, GError **error)
{
	/* What isn't text GRegex takes on trust, and comes to grief. */
	if (!g_utf8_validate(text, -1, NULL)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "it is not valid UTF-8");
		return NULL;
	}
	g_autofree char *limited = g_strconcat(STEP_LIMIT, text, NULL);
	g_autoptr(GError) cause = NULL;
	/* Many statements are of several lines: for a dot a line's end is a character like others. */
	StatementPattern pattern = {
	    .regex = g_regex_new(limited, G_REGEX_CASELESS | G_REGEX_DOTALL, 0, &cause)};

	if (pattern.regex == NULL) {
		set_error(error, cause);
		return NULL;
	}
	return g_memdup2(&pattern, sizeof(pattern));
}

void statement_pattern_free(StatementPattern *pattern)
{
	if (pattern == NULL)
		return;
	g_regex_unref(pattern->regex);
	g_free(pattern);
}

/* How many bytes of it are looked at: whole characters. */
static gsize matched_length(const char *statement)
{
	gsize length = strnlen(statement, STATEMENT_MATCHED_BYTES + 1);

	if (length <= STATEMENT_MATCHED_BYTES)
		return length;
	const char *last = g_utf8_find_prev_char(statement, statement + STATEMENT_MATCHED_BYTES + 1);

	return (gsize) (last - statement);
}

Answer statement_pattern_matches(const StatementPattern *pattern, const char *statement)
{
	g_autoptr(GError) error = NULL;

	if (statement == NULL)
		return ANSWER_UNKNOWN;
	gsize length = matched_length(statement);
	/* Where it was cut is not its end. */
	GRegexMatchFlags flags = statement[length] != '\0' ? G_REGEX_MATCH_NOTEOL : 0;

	if (!g_utf8_validate(statement, (gssize) length, NULL) ||
	    memmem(statement, length, TEXT_REPLACEMENT, strlen(TEXT_REPLACEMENT)) != NULL)
		return ANSWER_UNKNOWN;
	gboolean is_match =
	    g_regex_match_full(pattern->regex, statement, (gssize) length, 0, flags, NULL, &error);

	return error != NULL ? ANSWER_UNKNOWN : answer_of(is_match);
}
