#ifndef PGUNLOCK_TUI_ACTING_H
#define PGUNLOCK_TUI_ACTING_H

/*
 * Carries an act of the screen out, as the commands cancel, terminate and release do: a look, the
 * plan of it, and after the yes another look, which adds nobody who wasn't shown, the signals, the
 * looks that verify, two lines in the audit log. One act at a time.
 */

#include "tui/act_result.h"
#include "tui/side.h"
#include "tui/ui.h"

#include <glib.h>

typedef struct {
	gint64 timeout_us; /* of a look */
	gint64 wait_us;    /* how long waiters are watched */
	gint64 grace_us;   /* how long a cancelled session may still hold before it is terminated */
	gboolean row_keys;
	ProtectedKinds include_protected;
	guint max;                             /* a plan of more sessions is refused */
	const char *audit;                     /* path, or NULL for the default; borrowed */
	const AdvisoryLabels *advisory_labels; /* or NULL; borrowed */
} ActingOptions;

typedef struct {
	/* The plan is borrowed until carrying it out is over, or it is dropped. */
	void (*planned)(const Plan *plan, gpointer user_data);
	void (*failed)(const GError *error, gpointer user_data);
	void (*progress)(const Plan *plan, const Outcome *outcome, guint item, gpointer user_data);
	/* The callee's. */
	void (*over)(ActResult *result, gpointer user_data);
	gpointer user_data;
} ActingCallbacks;

typedef struct Acting Acting;

/* side and watch are borrowed. */
Acting *acting_new(Side *side, Watch *watch, const ActingOptions *options,
                   const ActingCallbacks *callbacks);
/* What is under way is stopped as by acting_stop, without a word. */
void acting_free(Acting *acting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Acting, acting_free)

/* Begins with the look and the plan. act is borrowed for the call. */
void acting_plan(Acting *acting, const UiAct *act);
/* Nobody wants the plan. */
void acting_drop(Acting *acting);
/* Yes. */
void acting_carry_out(Acting *acting);
/* Stops watching: what was signalled stays signalled. over is called before this returns. */
void acting_stop(Acting *acting);

#endif
