#include "base/sql_ident.h"

#include "base/sql_words.h"
#include "base/text.h"

#include <string.h>

static gboolean is_bare(const char *name)
{
	if (!g_ascii_islower(name[0]) && name[0] != '_')
		return FALSE;
	for (const char *c = name + 1; *c != '\0'; c++) {
		if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && *c != '_')
			return FALSE;
	}
	return !sql_word_needs_quotes(name);
}

static gboolean can_be_shown(const char *name)
{
	g_autofree char *safe = text_safe(name);

	return strcmp(safe, name) == 0;
}

void sql_quote_append(GString *out, const char *name)
{
	g_string_append_c(out, '"');
	for (const char *c = name; *c != '\0'; c++) {
		if (*c == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

/* U&"..." (SQL Syntax, Identifiers and Key Words): what a terminal must not get, and what safe text
 * would leave out, as \XXXX or \+XXXXXX. */
static void append_escaped(GString *out, const char *name)
{
	g_autofree char *valid = text_repair(name, strlen(name));
	gboolean after_blank = FALSE;

	g_string_append(out, "U&\"");
	for (const char *at = valid; *at != '\0'; at = text_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!text_char_is_plain(c, after_blank))
			g_string_append_printf(out, c < 0x10000 ? "\\%04X" : "\\+%06X", c);
		else if (c == '"' || c == '\\')
			g_string_append_printf(out, "%c%c", (char) c, (char) c);
		else
			g_string_append_unichar(out, c);
		after_blank = c == ' ';
	}
	g_string_append_c(out, '"');
}

void sql_ident_append(GString *out, const char *name)
{
	if (is_bare(name))
		g_string_append(out, name);
	else if (can_be_shown(name))
		sql_quote_append(out, name);
	else
		append_escaped(out, name);
}

char *sql_ident(const char *name)
{
	GString *out = g_string_new(NULL);

	sql_ident_append(out, name);
	return g_string_free(out, FALSE);
}
