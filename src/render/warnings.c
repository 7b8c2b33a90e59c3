#include "base/text.h"
#include "render/grant.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"

#include <string.h>

#define SEEING "pg_read_all_stats"

static char *hidden_text(const Snapshot *snapshot)
{
	guint n = snapshot_n_hidden(snapshot);
	g_autofree char *grant = grant_sql(snapshot, SEEING);
	g_autofree char *sessions = count_text(n, "session", "sessions");

	return g_strdup_printf("%s of other roles %s shown without state, statement, times and client; "
	                       "to see them: %s",
	                       sessions, n == 1 ? "is" : "are", grant);
}

GPtrArray *render_warnings(const Snapshot *snapshot)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

	if (snapshot_n_hidden(snapshot) > 0)
		g_ptr_array_add(texts, hidden_text(snapshot));
	for (guint i = 0; i < snapshot_n_warnings(snapshot); i++)
		g_ptr_array_add(texts, g_strdup(snapshot_warning(snapshot, i)));
	return texts;
}

/* SQL at the end of a warning stands on a line of its own, to be copied. */
static const char *find_sql(const char *text)
{
	const char *grant = strstr(text, ": GRANT ");

	return grant != NULL ? grant + strlen(": ") : text + strlen(text);
}

static void append_warning(GString *out, const char *warning, const RenderStyle *style)
{
	g_autofree char *text = text_safe(warning);
	const char *sql = find_sql(text);
	g_autofree char *words = g_strndup(text, (gsize) (sql - text));
	Line line;

	line_begin(&line, out, style, "  ");
	line_words(&line, INK_WARNING, "warning:");
	line_blanks(&line, 1);
	line_words(&line, INK_PLAIN, words);
	if (*sql != '\0') {
		line_break(&line);
		line_raw(&line, INK_STRONG, sql);
	}
	line_end(&line);
}

void render_warning_texts(GString *out, const GPtrArray *warnings, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);

	if (warnings->len > 0)
		g_string_append_c(out, '\n');
	for (guint i = 0; i < warnings->len; i++)
		append_warning(out, g_ptr_array_index(warnings, i), &readable);
}

void render_warnings_text(GString *out, const Snapshot *snapshot, const RenderStyle *style)
{
	g_autoptr(GPtrArray) texts = render_warnings(snapshot);

	/* A refusal has said so, with all that it takes. */
	if (snapshot_n_hidden(snapshot) > 0 && strstr(out->str, "GRANT " SEEING) != NULL)
		g_ptr_array_remove_index(texts, 0);
	render_warning_texts(out, texts, style);
}
