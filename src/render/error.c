#include "base/error.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/command.h"
#include "render/line.h"
#include "render/render.h"

#include <string.h>

/* One line each, however long: what greps a log must find it whole. */
static void append_labelled(GString *out, const RenderStyle *style, const char *before, Ink ink,
                            const char *label, const char *text)
{
	g_autofree char *safe = text_safe(text);
	Line line;

	line_begin(&line, out, style, NULL);
	line_raw(&line, INK_PLAIN, before);
	line_raw(&line, ink, label);
	line_raw(&line, INK_PLAIN, " ");
	line_raw(&line, INK_PLAIN, safe);
	line_end(&line);
}

void render_error_text(GString *out, const GError *error, const RenderStyle *style)
{
	const char *sqlstate = error_sqlstate(error);
	/* The words of a failed statement have it already. */
	gboolean is_missing = sqlstate != NULL && strstr(error->message, sqlstate) == NULL;
	g_autofree char *message = is_missing ? g_strdup_printf("%s (%s)", error->message, sqlstate)
	                                      : g_strdup(error->message);

	g_autofree char *hint = command_hint(error_hint(error), style->connection_args);

	append_labelled(out, style, "pgunlock: ", INK_BAD, "error:", message);
	if (hint != NULL)
		append_labelled(out, style, "", INK_STRONG, "hint:", hint);
}

void render_error_json(GString *out, const GError *error, const RenderStyle *style, gboolean pretty)
{
	g_autofree char *hint = command_hint(error_hint(error), style->connection_args);
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.error/1");
	json_key_string(json, "message", error->message);
	json_key_string(json, "hint", hint);
	json_key_string(json, "sqlstate", error_sqlstate(error));
	json_key_int(json, "exit", error_exit_code(error));
	json_end_object(json);
}
