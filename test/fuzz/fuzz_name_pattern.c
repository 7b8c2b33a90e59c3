#include "fuzz.h"

#include "base/error.h"
#include "base/name_matcher.h"
#include "base/pattern.h"
#include "base/text.h"

/* Whatever a person types, the expression that goes to the server stays anchored at both ends. */
static void check_part(const NamePatternPart *part)
{
	if (part->regex == NULL)
		return;
	g_assert_true(g_str_has_prefix(part->regex, "^("));
	g_assert_true(g_str_has_suffix(part->regex, ")$"));
}

/* What is matched here is a pattern for the server, too; and what has neither wildcard nor quote
 * means itself. */
static void check_matcher(const char *text, const NamePattern *pattern)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(NameMatcher) matcher = name_matcher_new(text, &error);
	const char *literal = pattern != NULL ? pattern->relation.literal : NULL;

	if (matcher == NULL) {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
		return;
	}
	g_assert_nonnull(pattern);
	name_matcher_matches(matcher, NULL, "public", "login_sessions");
	if (literal != NULL && pattern->schema.regex == NULL)
		g_assert_cmpint(name_matcher_matches(matcher, NULL, "public", literal), ==, ANSWER_YES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = text_repair((const char *) data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(NamePattern) pattern = name_pattern_parse(text, &error);
	check_matcher(text, pattern);
	if (pattern == NULL) {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		return 0;
	}
	g_assert_no_error(error);
	g_assert_nonnull(pattern->relation.regex);
	g_assert_cmpstr(pattern->original, ==, text);
	check_part(&pattern->relation);
	check_part(&pattern->schema);
	return 0;
}
