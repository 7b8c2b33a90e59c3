#include "base/sql_ident.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Words that can't stand everywhere as a name without quotes: those of pg_get_keywords() that are
 * not of category U, of all majors up to 18. Sorted by bytes. */
/* clang-format off */
static const char *const reserved_words[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
    "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists",
    "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant",
    "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner", "inout",
    "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "json",
    "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query",
    "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading", "least",
    "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national", "natural",
    "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on",
    "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position",
    "precision", "primary", "real", "references", "returning", "right", "row", "select",
    "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
    "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat",
    "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic",
    "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement",
    "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize",
    "xmltable",
};
/* clang-format on */

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *) b);
}

static gboolean is_bare(const char *name)
{
	if (!g_ascii_islower(name[0]) && name[0] != '_')
		return FALSE;
	for (const char *c = name + 1; *c != '\0'; c++) {
		if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && *c != '_')
			return FALSE;
	}
	return bsearch(name, reserved_words, G_N_ELEMENTS(reserved_words), sizeof reserved_words[0],
	               compare_words) == NULL;
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
