#include "tui/act_result.h"

#include "base/text.h"
#include "render/render.h"

void act_result_free(ActResult *result)
{
	if (!result)
		return;
	outcome_free(result->outcome);
	plan_free(result->plan);
	top_look_free(result->after);
	top_look_free(result->look);
	g_free(result->trouble);
	g_free(result->log_trouble);
	g_free(result);
}

static void append_outcome(GString *text, const ActResult *result, const RenderStyle *style)
{
	const TopLook *last = result->after ? result->after : result->look;

	for (guint i = 0; i < plan_n_items(result->plan); i++)
		render_item_progress(text, result->plan, result->outcome, i, style);
	if (result->end == ACT_STOPPED)
		render_interrupted_text(text, result->plan, result->outcome, style);
	else if (result->end == ACT_BROKEN_OFF)
		render_broken_off_text(text, result->plan, result->outcome, style);
	else
		render_outcome_text(text, result->plan, result->outcome, last->graph, style);
}

void act_result_append(GString *text, const ActResult *result, const RenderStyle *style)
{
	if (result->end == ACT_NOTHING_SIGNALLED)
		g_string_append(text, "Nothing was signalled.\n");
	else
		append_outcome(text, result, style);
	if (result->log_trouble) {
		g_autofree char *safe = text_safe(result->log_trouble);
		g_string_append_printf(text, "\nThe audit log could not be written: %s\n", safe);
	}
	if (result->trouble) {
		g_autofree char *safe = text_safe(result->trouble);
		g_string_append_printf(text, "%s\n", safe);
	}
}
