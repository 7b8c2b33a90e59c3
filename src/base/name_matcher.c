#include "base/name_matcher.h"

#include "base/error.h"
#include "base/pattern.h"
#include "base/text.h"

#include <string.h>

/* RE_DUP_MAX of the server (src/include/regex/regcustom.h: DUPMAX). */
#define MOST_REPEATS 255

/* Steps of matching one name: far more than a pattern takes that doesn't go round in circles, and a
 * few milliseconds at the most. */
#define STEP_LIMIT "(*LIMIT_MATCH=100000)"

struct NameMatcher {
	NamePattern *pattern;
	GRegex *relation;
	GRegex *schema; /* NULL: any but the system's */
};

static const char *const SYSTEM_SCHEMAS[] = {"pg_catalog", "information_schema", "pg_toast", NULL};

/* Behind the bracket that ends the set that begins here. name_pattern_parse sees to it that there
 * is one, and that the others are escaped. */
static const char *skip_set(const char *regex)
{
	while (*regex != ']')
		regex += *regex == '\\' ? 2 : 1;
	return regex + 1;
}

/* "{2}", "{2,}", "{2,5}": what follows, or NULL when it isn't one. */
static const char *skip_bounds(const char *regex)
{
	char *end;
	guint64 least = g_ascii_strtoull(regex + 1, &end, 10);
	guint64 most = least;

	if (!g_ascii_isdigit(regex[1]))
		return NULL;
	if (*end == ',') {
		most = MOST_REPEATS;
		if (g_ascii_isdigit(end[1]))
			most = g_ascii_strtoull(end + 1, &end, 10);
		else
			end++;
	}
	return *end == '}' && least <= most && most <= MOST_REPEATS ? end + 1 : NULL;
}

/*
 * What the expressions of name_pattern_parse mean to a server they mean here, too, but for
 * quantifiers in odd places: behind another one a + is an error there and makes a possessive
 * quantifier here; bounds that are none are an error there and text here.
 */
static const char *find_odd_quantifier(const char *regex)
{
	gboolean can_repeat = FALSE;

	while (*regex != '\0') {
		if (strchr("+*{", *regex) != NULL) {
			if (!can_repeat)
				return "there is nothing before a + or { } that could be repeated";
			regex = *regex == '{' ? skip_bounds(regex) : regex + 1;
			if (regex == NULL)
				return "what is in { } is no number of times, like {2} or {2,5}";
			can_repeat = FALSE;
		} else if (*regex == '[') {
			regex = skip_set(regex);
			can_repeat = TRUE;
		} else {
			can_repeat = strchr("(|^", *regex) == NULL;
			regex = text_next_char(regex + (*regex == '\\'));
		}
	}
	return NULL;
}

static GRegex *compile(const NamePatternPart *part, const char **complaint)
{
	GRegexCompileFlags flags = G_REGEX_DOTALL | G_REGEX_DOLLAR_ENDONLY;

	if (!part->case_sensitive)
		flags |= G_REGEX_CASELESS;
	*complaint = find_odd_quantifier(part->regex);
	if (*complaint != NULL)
		return NULL;
	g_autofree char *limited = g_strconcat(STEP_LIMIT, part->regex, NULL);
	GRegex *regex = g_regex_new(limited, flags, 0, NULL);

	if (regex == NULL)
		*complaint = "a range in [ ] is in the wrong order, or it is too large";
	return regex;
}

NameMatcher *name_matcher_new(const char *text, GError **error)
{
	g_autoptr(NameMatcher) matcher = g_new0(NameMatcher, 1);
	const char *complaint = NULL;

	matcher->pattern = name_pattern_parse(text, error);
	if (matcher->pattern == NULL)
		return NULL;
	matcher->relation = compile(&matcher->pattern->relation, &complaint);
	if (complaint == NULL && matcher->pattern->schema.regex != NULL)
		matcher->schema = compile(&matcher->pattern->schema, &complaint);
	if (complaint != NULL) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "invalid table pattern \"%s\": %s", text, complaint);
		error_set_hint(error, "what is in \"double quotes\" is taken as it is");
		return NULL;
	}
	return g_steal_pointer(&matcher);
}

void name_matcher_free(NameMatcher *matcher)
{
	if (matcher == NULL)
		return;
	name_pattern_free(matcher->pattern);
	g_clear_pointer(&matcher->relation, g_regex_unref);
	g_clear_pointer(&matcher->schema, g_regex_unref);
	g_free(matcher);
}

/* What isn't text GRegex takes on trust, and comes to grief. */
static Answer regex_matches(const GRegex *regex, const char *name)
{
	g_autoptr(GError) error = NULL;

	if (!g_utf8_validate(name, -1, NULL))
		return ANSWER_UNKNOWN;
	gboolean is_match = g_regex_match_full(regex, name, -1, 0, 0, NULL, &error);

	return error != NULL ? ANSWER_UNKNOWN : answer_of(is_match);
}

static Answer database_matches(const NamePattern *pattern, const char *database)
{
	if (pattern->database == NULL)
		return ANSWER_YES;
	if (database == NULL)
		return ANSWER_UNKNOWN;
	return answer_of(pattern->database_case_sensitive
	                     ? strcmp(pattern->database, database) == 0
	                     : g_ascii_strcasecmp(pattern->database, database) == 0);
}

Answer name_matcher_matches(const NameMatcher *matcher, const char *database, const char *schema,
                            const char *name)
{
	Answer answer = database_matches(matcher->pattern, database);

	answer = answer_and(answer, matcher->schema != NULL
	                                ? regex_matches(matcher->schema, schema)
	                                : answer_of(!g_strv_contains(SYSTEM_SCHEMAS, schema)));
	return answer == ANSWER_NO ? answer
	                           : answer_and(answer, regex_matches(matcher->relation, name));
}
