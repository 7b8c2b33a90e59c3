#include "render/csv.h"

#include "base/text.h"

#include <string.h>

char *csv_seconds(gint64 duration_us)
{
	return g_strdup_printf("%" G_GINT64_FORMAT ".%06d", duration_us / G_USEC_PER_SEC,
	                       (int) (duration_us % G_USEC_PER_SEC));
}

static void append_value(GString *out, const char *value)
{
	g_autoptr(GString) safe = g_string_new(NULL);
	const char *rest = value;
	gboolean quote;

	if (value == NULL)
		return;
	while (*rest != '\0') {
		const char *end = rest + strcspn(rest, "\n");
		g_autofree char *text = g_strndup(rest, (gsize) (end - rest));

		text_append_safe(safe, text);
		rest = end;
		while (*rest == '\n')
			g_string_append_c(safe, *rest++);
	}
	quote = strpbrk(safe->str, ",\"\r\n") != NULL;
	if (!quote) {
		g_string_append(out, safe->str);
		return;
	}
	g_string_append_c(out, '"');
	for (const char *c = safe->str; *c != '\0'; c++) {
		if (*c == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

void csv_append_field(GString *out, const char *value, gboolean is_last)
{
	append_value(out, value);
	g_string_append(out, is_last ? "\r\n" : ",");
}
