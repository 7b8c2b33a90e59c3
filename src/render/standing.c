#include "base/duration.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"

static void append_change(GString *words, guint n_more, guint n_less)
{
	g_autofree char *more = count_text(n_more, "session waits", "sessions wait");

	if (n_more == 0 && n_less == 0)
		g_string_append(words, "; the same sessions still wait");
	if (n_more > 0)
		g_string_append_printf(words, "; %s besides by now", more);
	if (n_less > 0 && n_more > 0)
		g_string_append_printf(words, ", %u no longer", n_less);
	else if (n_less > 0)
		g_string_append_printf(words, "; %u no longer wait%s", n_less, n_less == 1 ? "s" : "");
}

void render_standing_text(GString *out, gint64 age_us, gint64 look_us, guint n_more, guint n_less,
                          const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	g_autofree char *age = duration_to_text(age_us);
	g_autofree char *look = duration_to_text(look_us);
	g_autoptr(GString) words = g_string_new(NULL);
	Line line;

	g_string_append_printf(words, "seen %s ago", age);
	append_change(words, n_more, n_less);
	g_string_append_printf(words, " (a look takes %s here: --budget)", look);
	g_string_append_c(out, '\n');
	line_begin(&line, out, &readable, "  ");
	line_words(&line, INK_DIM, words->str);
	line_end(&line);
}
