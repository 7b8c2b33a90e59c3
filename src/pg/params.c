#include "pg/params.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <string.h>

struct PgParams {
	GPtrArray *values; /* of char *, NULL for NULL */
};

PgParams *pg_params_new(void)
{
	PgParams *params = g_new0(PgParams, 1);

	params->values = g_ptr_array_new_with_free_func(g_free);
	return params;
}

void pg_params_free(PgParams *params)
{
	if (params == NULL)
		return;
	g_ptr_array_unref(params->values);
	g_free(params);
}

void pg_params_add_text(PgParams *params, const char *value)
{
	g_ptr_array_add(params->values, g_strdup(value));
}

void pg_params_add_int(PgParams *params, gint64 value)
{
	g_ptr_array_add(params->values, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

void pg_params_add_timeout(PgParams *params, gint64 timeout_us)
{
	pg_params_add_int(params, MAX(timeout_us / DURATION_MS, 1));
}

void pg_params_add_bool(PgParams *params, gboolean value)
{
	pg_params_add_text(params, value ? "true" : "false");
}

void pg_params_add_timestamp(PgParams *params, gint64 value)
{
	g_ptr_array_add(params->values, timestamp_to_rfc3339(value));
}

void pg_params_add_oids(PgParams *params, const GArray *oids)
{
	GString *text = g_string_new("{");

	for (guint i = 0; i < oids->len; i++)
		g_string_append_printf(text, i > 0 ? ",%u" : "%u", g_array_index(oids, guint32, i));
	g_string_append_c(text, '}');
	g_ptr_array_add(params->values, g_string_free(text, FALSE));
}

PgParams *pg_params_of_oids(const guint32 *oids, guint n)
{
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(guint32));
	PgParams *params = pg_params_new();

	g_array_append_vals(array, oids, n);
	pg_params_add_oids(params, array);
	return params;
}

void pg_params_add_tids(PgParams *params, const GArray *tags)
{
	GString *text = g_string_new("{");

	for (guint i = 0; i < tags->len; i++) {
		const LockTag *tag = &g_array_index(tags, LockTag, i);

		g_string_append_printf(text, "%s\"(%u,%u)\"", i > 0 ? "," : "", tag->page, tag->tuple);
	}
	g_string_append_c(text, '}');
	g_ptr_array_add(params->values, g_string_free(text, FALSE));
}

void pg_params_add_int4s(PgParams *params, const GArray *numbers)
{
	GString *text = g_string_new("{");

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, i > 0 ? ",%d" : "%d", g_array_index(numbers, gint32, i));
	g_string_append_c(text, '}');
	g_ptr_array_add(params->values, g_string_free(text, FALSE));
}

int pg_params_n(const PgParams *params)
{
	return (int) params->values->len;
}

const char *const *pg_params_values(const PgParams *params)
{
	return (const char *const *) params->values->pdata;
}

static gboolean needs_quotes(const char *value)
{
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
		return FALSE;
	return value[0] == '\0' || value[strspn(value, "0123456789")] != '\0';
}

/* E'': a doubled backslash means one, whatever standard_conforming_strings is, and \xHH is a byte,
 * whatever the encodings are. */
void pg_append_literal(GString *out, const char *value)
{
	g_autoptr(GString) body = g_string_new(NULL);
	gboolean has_escapes = FALSE;

	for (const char *at = value; *at != '\0';) {
		gunichar c = g_utf8_get_char_validated(at, -1);
		gboolean is_valid = c != (gunichar) -1 && c != (gunichar) -2;
		gsize length = is_valid ? (gsize) (text_next_char(at) - at) : 1;
		gboolean plain = is_valid && text_char_is_plain(c, at > value && at[-1] == ' ');

		if (*at == '\'' || *at == '\\')
			g_string_append_c(body, *at);
		for (gsize i = 0; i < length && !plain; i++)
			g_string_append_printf(body, "\\x%02X", (guchar) at[i]);
		if (plain)
			g_string_append_len(body, at, (gssize) length);
		has_escapes = has_escapes || !plain || *at == '\\';
		at += length;
	}
	g_string_append_printf(out, "%s'%s'", has_escapes ? "E" : "", body->str);
}

static void append_value(GString *out, const char *value)
{
	if (value == NULL)
		g_string_append(out, "NULL");
	else if (needs_quotes(value))
		pg_append_literal(out, value);
	else
		g_string_append(out, value);
}

char *pg_params_substitute(const PgParams *params, const char *sql)
{
	GString *out = g_string_new(NULL);

	while (*sql != '\0') {
		if (sql[0] == '$' && g_ascii_isdigit(sql[1])) {
			char *end;
			guint64 number = g_ascii_strtoull(sql + 1, &end, 10);

			g_assert(number >= 1 && number <= params->values->len);
			append_value(out, g_ptr_array_index(params->values, number - 1));
			sql = end;
		} else {
			g_string_append_c(out, *sql++);
		}
	}
	return g_string_free(out, FALSE);
}
