#include "policy/limits.h"

#include <string.h>

static gboolean is_name_character(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '$' || (guchar) c >= 0x80;
}

/* Behind the text constant that begins here; a statement that was cut may end inside of it. */
static const char *skip_text(const char *quote, gboolean has_escapes)
{
	const char *at = quote + 1;

	while (*at != '\0') {
		gboolean is_pair =
		    (has_escapes && *at == '\\' && at[1] != '\0') || (*at == '\'' && at[1] == '\'');

		if (*at == '\'' && !is_pair)
			return at + 1;
		at += is_pair ? 2 : 1;
	}
	return at;
}

static const char *skip_number(const char *at)
{
	while (g_ascii_isalnum(*at) || *at == '_' || *at == '.')
		at++;
	return at;
}

/* A quoted name: as it is. */
static const char *copy_name(GString *shape, const char *at)
{
	gsize length = 1 + strcspn(at + 1, "\"");

	length += at[length] == '"';
	g_string_append_len(shape, at, (gssize) length);
	return at + length;
}

static char last_of(const GString *shape)
{
	return (char) (shape->len > 0 ? shape->str[shape->len - 1] : ' ');
}

/* What begins here, into the shape; what follows it. */
static const char *append_next(GString *shape, const char *at)
{
	gboolean is_in_name = is_name_character(last_of(shape));

	if (g_ascii_isspace(*at)) {
		if (last_of(shape) != ' ')
			g_string_append_c(shape, ' ');
		return at + 1;
	}
	if (*at == '"')
		return copy_name(shape, at);
	if (*at == '\'') {
		gboolean has_escapes = last_of(shape) == 'e';

		g_string_append_c(shape, '?');
		return skip_text(at, has_escapes);
	}
	if (g_ascii_isdigit(*at) && !is_in_name) {
		g_string_append_c(shape, '?');
		return skip_number(at);
	}
	g_string_append_c(shape, g_ascii_tolower(*at));
	return at + 1;
}

char *statement_shape(const char *statement)
{
	GString *shape = g_string_new(NULL);
	g_autofree char *looked_at = g_strndup(statement, STATEMENT_MATCHED_BYTES);

	for (const char *at = looked_at; *at != '\0';)
		at = append_next(shape, at);
	return g_strchomp(g_string_free(shape, FALSE));
}
