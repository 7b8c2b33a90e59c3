#ifndef PGUNLOCK_TUI_ACT_RESULT_H
#define PGUNLOCK_TUI_ACT_RESULT_H

/* What became of an act, with all that it takes to say it again: on a screen that has another width
 * now, or without colours once the screen is gone. */

#include "plan/outcome.h"
#include "render/style.h"
#include "tui/top_look.h"

#include <glib.h>

typedef enum {
	ACT_NOTHING_SIGNALLED, /* was stopped before; there is no plan */
	ACT_DONE,
	ACT_STOPPED,    /* nobody watched for the end of it */
	ACT_BROKEN_OFF, /* by trouble */
} ActEnd;

typedef struct {
	ActEnd end;
	TopLook *look; /* that the plan was made of */
	Plan *plan;
	Outcome *outcome;
	TopLook *after; /* or NULL: nobody looked afterwards */
	char *trouble;  /* why it was broken off, or NULL */
	char *log_trouble;
} ActResult;

void act_result_free(ActResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActResult, act_result_free)

void act_result_append(GString *text, const ActResult *result, const RenderStyle *style);

#endif
