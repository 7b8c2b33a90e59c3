#include "fuzz.h"

#include "base/text.h"
#include "render/labels.h"

#include <string.h>

static char *shown(const Session *session, guint width, gboolean color)
{
	const RenderStyle style = {.width = width, .color = color, .unicode = TRUE};
	GString *out = g_string_new(NULL);
	const Labels labels = labels_new(out, &style);

	labels_session_statement(&labels, session, 3);
	return g_string_free(out, FALSE);
}

static char *without_color(const char *text)
{
	GString *plain = g_string_new(NULL);
	Ink ink;

	while (*text != '\0') {
		const char *after = line_skip_ink(text, &ink);
		if (!after)
			g_string_append_c(plain, *text);
		text = after ? after : text + 1;
	}
	return g_string_free(plain, FALSE);
}

/* The first byte chooses the width. Colours change nothing but colours. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	guint width = 40 + data[0] % 100U;
	g_autofree char *query = text_repair((const char *) data + 1, size - 1);
	const Session session = {.query = query};
	g_auto(StatementText) statement = statement_text(&session, width);
	for (gsize i = 0; statement.text[i] != '\0'; i++)
		g_assert_cmpuint(statement.inks[i], <, N_INKS);

	g_autofree char *plain = shown(&session, width, FALSE);
	g_autofree char *colored = shown(&session, width, TRUE);
	g_autofree char *again = without_color(colored);
	g_assert_cmpstr(again, ==, plain);
	g_auto(GStrv) lines = g_strsplit(plain, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), <=, 4);
	for (guint i = 0; lines[i]; i++) {
		g_assert_true(g_utf8_validate(lines[i], -1, NULL));
		g_assert_cmpuint(text_width(lines[i]), <=, width);
	}
	return 0;
}
