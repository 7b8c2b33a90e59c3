#include "base/sql_tokens.h"

#include "base/sql_words.h"

#include <string.h>

static gboolean is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static gboolean is_word_start(char c)
{
	return g_ascii_isalpha(c) || c == '_' || (guchar) c >= 0x80;
}

static gboolean is_word(char c)
{
	return is_word_start(c) || g_ascii_isdigit(c) || c == '$';
}

static gboolean is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static gboolean begins(const char *at, const char *end, const char *what)
{
	gsize len = strlen(what);

	return (gsize) (end - at) >= len && memcmp(at, what, len) == 0;
}

const char *sql_skip_white(const char *at, const char *end)
{
	while (at < end && is_white(*at))
		at++;
	return at;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && is_word(*at))
		at++;
	return at;
}

static const char *skip_line(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return at;
}

static const char *skip_comment(const char *at, const char *end)
{
	guint depth = 0;

	while (at < end) {
		if (begins(at, end, "/*")) {
			depth++;
			at += 2;
		} else if (begins(at, end, "*/")) {
			at += 2;
			if (--depth == 0)
				return at;
		} else {
			at++;
		}
	}
	return end;
}

/* Where a string goes on after its closing quote: after white space with the end of a line in it,
 * behind the next quote. Else NULL. */
static const char *continued(const char *at, const char *end)
{
	const char *next = sql_skip_white(at, end);

	if (next == end || *next != '\'' ||
	    (!memchr(at, '\n', (gsize) (next - at)) && !memchr(at, '\r', (gsize) (next - at))))
		return NULL;
	return next + 1;
}

/* at: behind the opening quote. A quote in it is doubled, or, with has_escapes, stands behind a
 * backslash. */
static const char *skip_quoted(const char *at, const char *end, char quote, gboolean has_escapes)
{
	const char *next;

	while (at < end) {
		if (*at == '\\' && has_escapes) {
			at += MIN(2, end - at);
		} else if (*at != quote) {
			at++;
		} else if (at + 1 < end && at[1] == quote) {
			at += 2;
		} else if (quote == '\'' && (next = continued(at + 1, end)) != NULL) {
			at = next;
		} else {
			return at + 1;
		}
	}
	return end;
}

/* Behind $tag$; NULL: there is none at at. */
static const char *skip_dollar_tag(const char *at, const char *end)
{
	const char *tag = at + 1;

	if (tag < end && is_word_start(*tag))
		while (tag < end && is_word(*tag) && *tag != '$')
			tag++;
	return tag < end && *tag == '$' ? tag + 1 : NULL;
}

/* body: behind the opening tag, which is at at. */
static const char *skip_dollar_string(const char *at, const char *body, const char *end)
{
	gsize len = (gsize) (body - at);

	while ((gsize) (end - body) >= len) {
		const char *next = memchr(body, '$', (gsize) (end - body));
		if (!next || (gsize) (end - next) < len)
			break;
		if (memcmp(next, at, len) == 0)
			return next + len;
		body = next + 1;
	}
	return end;
}

static gboolean is_digit(char c, gboolean is_hexadecimal)
{
	return is_hexadecimal ? g_ascii_isxdigit(c) : g_ascii_isdigit(c);
}

/* 1_000: behind the line a digit has to follow. */
static const char *skip_digits(const char *at, const char *end, gboolean is_hexadecimal)
{
	while (at < end && (is_digit(*at, is_hexadecimal) ||
	                    (*at == '_' && at + 1 < end && is_digit(at[1], is_hexadecimal))))
		at++;
	return at;
}

static const char *skip_number(const char *at, const char *end)
{
	const char *exponent;

	if (*at == '0' && at + 2 < end && is_in(at[1], "xXoObB") && g_ascii_isxdigit(at[2]))
		return skip_digits(at + 2, end, at[1] == 'x' || at[1] == 'X');
	at = skip_digits(at, end, FALSE);
	/* Two dots are a range in PL/pgSQL. */
	if (at < end && *at == '.' && !begins(at, end, ".."))
		at = skip_digits(at + 1, end, FALSE);
	if (at == end || !is_in(*at, "eE"))
		return at;
	exponent = at + 1;
	if (exponent < end && is_in(*exponent, "+-"))
		exponent++;
	return exponent < end && g_ascii_isdigit(*exponent) ? skip_digits(exponent, end, FALSE) : at;
}

/* A comment ends an operator. */
static const char *skip_operator(const char *at, const char *end)
{
	const char *start = at;

	if (begins(at, end, ".."))
		return at + 2;
	while (at < end && is_in(*at, "~!@#^&|`?+-*/%<>=") &&
	       (at == start || (!begins(at, end, "--") && !begins(at, end, "/*"))))
		at++;
	return at > start ? at : start + 1;
}

/* The letters that may stand right before a quote; NULL at at. */
static const char *skip_prefix(const char *at, const char *end)
{
	if (begins(at, end, "U&") || begins(at, end, "u&"))
		return at + 2 < end && is_in(at[2], "'\"") ? at + 2 : NULL;
	return at + 1 < end && is_in(*at, "eEbBxXnN") && at[1] == '\'' ? at + 1 : NULL;
}

static const char *skip_dollar(const char *at, const char *end, SqlTokenKind *kind)
{
	const char *body;

	if (at + 1 < end && g_ascii_isdigit(at[1])) {
		*kind = SQL_TOKEN_PARAMETER;
		return skip_digits(at + 1, end, FALSE);
	}
	body = skip_dollar_tag(at, end);
	*kind = body ? SQL_TOKEN_STRING : SQL_TOKEN_OTHER;
	return body ? skip_dollar_string(at, body, end) : at + 1;
}

static const char *skip_token(const char *at, const char *end, SqlTokenKind *kind)
{
	const char *quote = skip_prefix(at, end);

	if (!quote && is_in(*at, "'\""))
		quote = at;
	if (quote) {
		*kind = *quote == '"' ? SQL_TOKEN_NAME : SQL_TOKEN_STRING;
		return skip_quoted(quote + 1, end, *quote, is_in(*at, "eE"));
	}
	if (is_white(*at)) {
		*kind = SQL_TOKEN_BLANK;
		return sql_skip_white(at, end);
	}
	if (begins(at, end, "--") || begins(at, end, "/*")) {
		*kind = SQL_TOKEN_COMMENT;
		return *at == '-' ? skip_line(at, end) : skip_comment(at, end);
	}
	if (is_word_start(*at)) {
		*kind = SQL_TOKEN_NAME;
		return skip_word(at, end);
	}
	if (g_ascii_isdigit(*at) || (*at == '.' && at + 1 < end && g_ascii_isdigit(at[1]))) {
		*kind = SQL_TOKEN_NUMBER;
		return skip_number(at, end);
	}
	if (*at == '$')
		return skip_dollar(at, end, kind);
	*kind = g_ascii_ispunct(*at) ? SQL_TOKEN_OPERATOR : SQL_TOKEN_OTHER;
	return skip_operator(at, end);
}

void sql_scan_begin(SqlScan *scan, const char *text, gsize len)
{
	*scan = (SqlScan){.at = text, .end = text + len};
}

gboolean sql_scan_next(SqlScan *scan, SqlToken *token)
{
	SqlTokenKind kind;
	const char *next;

	if (scan->at == scan->end)
		return FALSE;
	next = skip_token(scan->at, scan->end, &kind);
	*token = (SqlToken){kind, scan->at, (gsize) (next - scan->at)};
	/* What belongs to a table or a schema is a name, whatever it is. */
	if (kind == SQL_TOKEN_NAME && !(scan->word.length == 1 && *scan->word.text == '.') &&
	    sql_word_is_keyword(token->text, token->length, scan->word.text, scan->word.length))
		token->kind = SQL_TOKEN_KEYWORD;
	if (kind != SQL_TOKEN_BLANK && kind != SQL_TOKEN_COMMENT)
		scan->word = *token;
	scan->at = next;
	return TRUE;
}
