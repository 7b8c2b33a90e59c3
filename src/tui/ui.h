#ifndef PGUNLOCK_TUI_UI_H
#define PGUNLOCK_TUI_UI_H

/*
 * The screen of top without a terminal and without a server: what is shown, what is selected, what
 * a key does. Fed with looks, trouble, keys and what becomes of acts; answers with intents, and
 * draws itself into a grid. Pure: times are arguments, microseconds of a monotonic clock.
 *
 * The selection is an identity, never a row: when the selected session is gone, nothing is selected
 * until a key chooses again. An act is about an identity too, is planned from a fresh look, and the
 * plan is shown before a y carries it out.
 */

#include "tui/act_result.h"
#include "tui/grid.h"
#include "tui/keymap.h"
#include "tui/rows.h"
#include "tui/top_look.h"

#include <glib.h>

typedef struct {
	gboolean unicode;
	gboolean read_only;
	gboolean has_servers;        /* it is one of several, by this name: */
	const char *server_name;     /* borrowed, or NULL */
	const char *connection_args; /* as in RenderStyle; borrowed */
	gint64 interval_us;
} UiOptions;

typedef enum {
	INTENT_QUIT,
	INTENT_PLAN,      /* make the plan of ui_act */
	INTENT_CARRY_OUT, /* the plan that was shown */
	INTENT_DROP,      /* nobody wants that plan any more */
	INTENT_STOP,      /* stop watching an act that is under way */
	INTENT_LOOK,      /* look now */
	INTENT_INTERVAL,  /* ui_interval has changed */
	INTENT_WRITE,     /* ui_shown to the file ui_written */
	INTENT_THEME,     /* the next one */
	INTENT_MOUSE,     /* take it, or leave it */
	INTENT_BELL,
	INTENT_SERVERS,  /* back to the list of them */
	INTENT_PASSWORD, /* connect with ui_take_password */
} Intent;

/* What an act is about. Strings are the ui's, until the act is over. */
typedef struct {
	PlanCommand command;
	char *identity;        /* as top_look_identity */
	char *name;            /* as a person calls it */
	char *typed;           /* as SessionRef: exact */
	gboolean is_of_waiter; /* release whatever blocks it */
} UiAct;

typedef struct Ui Ui;

Ui *ui_new(const UiOptions *options);
void ui_free(Ui *ui);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ui, ui_free)

/* A key, of the mouse with its row and column. */
void ui_key(Ui *ui, Key key, guint row, guint column, gint64 now);
/* The next thing to be done, in order. FALSE: nothing. */
gboolean ui_take_intent(Ui *ui, Intent *intent);

/* Takes the look. */
void ui_look(Ui *ui, TopLook *look, gint64 now);
/* The last look stands: an answer came all the same. */
void ui_stands(Ui *ui, guint n_more, guint n_less, gint64 now);
/* No answer; the next try is in retry_us, or, where that is negative, never. */
void ui_trouble(Ui *ui, const GError *error, gint64 retry_us, gint64 now);
/* It can't be connected to without a password, or with the one that was given: nothing is tried
 * again by itself. */
void ui_want_password(Ui *ui, const GError *error, gboolean is_rejected);
/* The person goes to this one of several servers: asks for the password when it wants one. */
void ui_enter(Ui *ui);
/* What was typed; the caller's. NULL: nothing. */
char *ui_take_password(Ui *ui);
/* The view wants a look at all locks and sessions; one has come. Takes it. */
gboolean ui_wants_wide_look(const Ui *ui);
void ui_wide_look(Ui *ui, TopLook *look);
/* Or it didn't. */
void ui_wide_trouble(Ui *ui, const GError *error);

/* The act that INTENT_PLAN is about; NULL: none. */
const UiAct *ui_act(const Ui *ui);
/* Its plan, to be shown and asked about; borrowed until ui_act_over. What was typed before must be
 * thrown away by then. */
void ui_act_plan(Ui *ui, const Plan *plan, gint64 now);
/* Its question stands, whether it has been drawn yet or not. */
gboolean ui_act_asks(const Ui *ui);
/* The screen stood still: whatever was typed meanwhile is no answer to that, and has to be thrown
 * away. */
void ui_act_ask_anew(Ui *ui);
/* There is none. */
void ui_act_failed(Ui *ui, const GError *error);
/* An item is signalled or settled. */
void ui_act_progress(Ui *ui, const Plan *plan, const Outcome *outcome, guint item, gint64 now);
/* It is over: what became of it, which it takes. The plan isn't needed any more. */
void ui_act_over(Ui *ui, ActResult *result);

/* A message for the person, until the next key, or for some seconds; a question stays. */
void ui_say(Ui *ui, Face face, const char *text);

gint64 ui_interval(const Ui *ui);
const TopLook *ui_shown(const Ui *ui); /* NULL: none yet */
const char *ui_written(const Ui *ui);

/* How it is there, in half a line: "12 wait for 1, longest 4m12s". Free with g_free. */
char *ui_summary(const Ui *ui, gint64 now, Face *face);

/* Draws the screen as it is now. */
void ui_draw(Ui *ui, Grid *grid, gint64 now);

#endif
