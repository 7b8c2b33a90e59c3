#include "base/row_ref.h"

#include "base/error.h"
#include "base/sql_ident.h"

#include <string.h>

/* Database, schema, table. */
#define MAX_PARTS 3

static gboolean is_blank(char c)
{
	return c != '\0' && strchr(" \t\n\r\f\v", c) != NULL;
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* As PostgreSQL's lexer has it (ident_start and ident_cont in src/backend/parser/scan.l). */
static gboolean begins_name(char c)
{
	return g_ascii_isalpha(c) || c == '_' || (guchar) c >= 0x80;
}

static gboolean goes_on_in_name(char c)
{
	return begins_name(c) || g_ascii_isdigit(c) || c == '$';
}

/* A name in quotes, from the opening one on; moves *text behind it. NULL when it isn't closed, or
 * empty. */
static char *take_quoted(const char **text)
{
	g_autoptr(GString) name = g_string_new(NULL);
	const char *p = *text + 1;

	for (;; p++) {
		if (*p == '\0')
			return NULL;
		if (*p == '"' && *++p != '"')
			break;
		g_string_append_c(name, *p);
	}
	*text = p;
	return name->len > 0 ? g_strdup(name->str) : NULL;
}

static char *take_name(const char **text)
{
	const char *end = *text;

	if (*end == '"')
		return take_quoted(text);
	if (!begins_name(*end))
		return NULL;
	while (goes_on_in_name(*end))
		end++;
	/* The server folds ASCII alone in UTF-8. */
	char *name = g_ascii_strdown(*text, end - *text);

	*text = end;
	return name;
}

/* Takes "a.b.c" from the beginning of text; moves *text behind it. Names stand in the order
 * written; an empty array when there is no such thing. */
static GPtrArray *take_names(const char **text)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *rest = *text;

	for (;;) {
		char *name = names->len < MAX_PARTS ? take_name(&rest) : NULL;

		if (name == NULL) {
			g_ptr_array_set_size(names, 0);
			return names;
		}
		g_ptr_array_add(names, name);
		if (*rest != '.')
			break;
		rest++;
	}
	*text = rest;
	return names;
}

/* The condition without the WHERE before it. */
static const char *skip_where(const char *text)
{
	static const char where[] = "where";
	const char *rest = skip_blanks(text);
	const char *behind = rest + strlen(where);

	if (g_ascii_strncasecmp(rest, where, strlen(where)) != 0 || goes_on_in_name(*behind))
		return rest;
	return skip_blanks(behind);
}

static RowRef *ref_of(const GPtrArray *names, const char *condition)
{
	RowRef *ref = g_new0(RowRef, 1);
	char **const parts[] = {&ref->table, &ref->schema, &ref->database};

	for (guint i = 0; i < MIN(names->len, G_N_ELEMENTS(parts)); i++)
		*parts[i] = g_strdup(g_ptr_array_index(names, names->len - 1 - i));
	ref->condition = g_strchomp(g_strdup(condition));
	return ref;
}

static RowRef *refuse(GError **error, const char *what, const char *text)
{
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s: \"%s\"", what, text);
	error_set_hint(error,
	               "write a table and a condition as in SQL: login_sessions WHERE user_id = 42; "
	               "double quotes keep upper case");
	return NULL;
}

RowRef *row_ref_new(const char *table, const char *condition, GError **error)
{
	const char *rest = skip_blanks(table);
	g_autoptr(GPtrArray) names = NULL;

	if (!g_utf8_validate(table, -1, NULL))
		return refuse(error, "this is not valid UTF-8", table);
	if (!g_utf8_validate(condition, -1, NULL))
		return refuse(error, "this is not valid UTF-8", condition);
	names = take_names(&rest);
	if (names->len == 0 || *skip_blanks(rest) != '\0')
		return refuse(error, "this is not a table's name", table);
	if (*skip_where(condition) == '\0')
		return refuse(error, "a condition is missing after the table", table);
	return ref_of(names, skip_where(condition));
}

RowRef *row_ref_parse(const char *text, GError **error)
{
	const char *rest = skip_blanks(text);
	g_autoptr(GPtrArray) names = NULL;

	if (!g_utf8_validate(text, -1, NULL))
		return refuse(error, "this is not valid UTF-8", text);
	names = take_names(&rest);
	if (names->len == 0 || (*rest != '\0' && !is_blank(*rest)))
		return refuse(error, "this does not begin with a table's name", text);
	if (*skip_where(rest) == '\0')
		return refuse(error, "a condition is missing after the table", text);
	return ref_of(names, skip_where(rest));
}

void row_ref_free(RowRef *ref)
{
	if (ref == NULL)
		return;
	g_free(ref->database);
	g_free(ref->schema);
	g_free(ref->table);
	g_free(ref->condition);
	g_free(ref);
}

/* Whether the name means itself without quotes here: unlike SQL a word that is reserved does. */
static gboolean needs_quotes(const char *name)
{
	if (!begins_name(*name))
		return TRUE;
	for (const char *c = name; *c != '\0'; c++)
		if (!goes_on_in_name(*c) || g_ascii_isupper(*c))
			return TRUE;
	return FALSE;
}

char *row_ref_table_text(const RowRef *ref)
{
	const char *const names[] = {ref->database, ref->schema, ref->table};
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (names[i] == NULL)
			continue;
		if (text->len > 0)
			g_string_append_c(text, '.');
		if (needs_quotes(names[i]))
			sql_quote_append(text, names[i]);
		else
			g_string_append(text, names[i]);
	}
	return g_string_free(text, FALSE);
}

char *row_ref_to_text(const RowRef *ref)
{
	g_autofree char *table = row_ref_table_text(ref);

	return g_strdup_printf("%s WHERE %s", table, ref->condition);
}

char *row_ref_table_sql(const RowRef *ref)
{
	GString *sql = g_string_new(NULL);

	if (ref->schema != NULL) {
		sql_quote_append(sql, ref->schema);
		g_string_append_c(sql, '.');
	}
	sql_quote_append(sql, ref->table);
	return g_string_free(sql, FALSE);
}
