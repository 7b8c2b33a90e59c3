#ifndef PGUNLOCK_TUI_UI_PRIVATE_H
#define PGUNLOCK_TUI_UI_PRIVATE_H

/* What the parts of the screen share. */

#include "tui/ui.h"

/* How far an act has come. */
typedef enum {
	STAGE_NONE,
	STAGE_PLANNING, /* looks, to make the plan */
	STAGE_ASKING,   /* the plan is shown */
	STAGE_REFUSED,  /* the plan is shown, and nothing in it can be done */
	STAGE_RUNNING,
} Stage;

/* What lies over the list. */
typedef enum { OVER_NOTHING, OVER_HELP, OVER_SHOW, OVER_PLAN, OVER_RESULT } Over;

/* A line that is typed. */
typedef enum {
	TYPING_NOTHING,
	TYPING_SEARCH,
	TYPING_FILTER,
	TYPING_FILE,
	TYPING_PASSWORD,
} Typing;

/* What became of an act, on the row of its session, for a while also when that is gone. */
typedef struct {
	char *id;
	char *name;
	char *text;
	Ink ink;
	gint64 at;
} Mark;

/* How many waited at the most in a stretch of time. */
typedef struct {
	gint64 slot;
	guint blocked;
} Sample;

#define SAMPLES 60
#define SAMPLE_US (5 * DURATION_SECOND)

struct Ui {
	UiOptions options;
	GArray *intents; /* of Intent */

	TopLook *look;    /* shown, or NULL */
	TopLook *pending; /* came while paused, or NULL */
	TopLook *wide;    /* of the views that need it, or NULL */
	gint64 looked;    /* when the last look came */
	gint64 seen;      /* when the one that is shown came */
	gint64 answered;  /* when the last answer came; 0: none has */
	guint n_more, n_less;
	char *trouble; /* safe text, or NULL */
	char *wide_trouble;
	gint64 next_try; /* after that trouble; 0: none of its own accord */
	gboolean wants_password;
	gboolean was_rejected; /* the last one that was typed, or came from elsewhere */
	char *password;        /* that was typed, or NULL */
	gboolean is_paused;
	Sample samples[SAMPLES]; /* by slot modulo their number */

	View view;
	guint sorts[N_VIEWS];
	GArray *rows; /* of Row, or NULL: to be made anew */
	guint widths[N_VIEWS][LIVE_N_CELLS];
	guint drawn_rows, drawn_columns;
	GHashTable *closed;
	gboolean unfold_alike;
	GString *filter;
	GString *search;
	char *selected;   /* identity, or NULL */
	gboolean is_gone; /* the selected one isn't there any more */
	guint at;         /* where it is, or was */
	guint top;        /* first row on the screen */
	guint page;       /* rows on the screen */
	guint list_row;   /* where they begin */
	gboolean follows;

	Over over;
	guint over_top, over_lines, over_page;
	gboolean is_in_pane; /* OVER_RESULT: below the list, which goes on, where it has room */
	char *over_session;  /* of OVER_SHOW: identity */
	ActResult *result;   /* of OVER_RESULT */

	Typing typing;
	GString *typed;
	char *said; /* or NULL */
	Face said_face;
	gboolean said_stays; /* until a key */
	gint64 said_at;      /* when it came onto the screen; 0: it has not been drawn yet */
	char *written;

	UiAct act;
	Stage stage;
	const Plan *plan; /* borrowed, or NULL */
	gint64 asked;     /* when the question came onto the screen; 0: it has not been drawn yet */
	gboolean is_read; /* the end of the plan was on the screen, as wide as that is now */
	gboolean is_signalled; /* in STAGE_RUNNING: a signal is known to be out */
	gboolean is_unsent;    /* or it is known that one is not needed, or was refused */
	gboolean wants_away;   /* q or Esc while an act runs: once more does it */
	Action away_by;        /* with that: which */
	GArray *marks;         /* of Mark */

	IncidentTracker *tracker;
	GPtrArray *incidents; /* of LiveIncident, the latest first */
	guint n_incidents;    /* that there have been */
};

void ui_intend(Ui *ui, Intent intent);
RowSource ui_source(const Ui *ui);
/* The rows, made anew when they have to be, and the selection in them. */
GArray *ui_rows(Ui *ui);
/* What is shown has changed: the rows are to be made anew. */
void ui_rows_change(Ui *ui);
/* Asks for a password, if one is wanted. FALSE: none is. */
gboolean ui_ask_password(Ui *ui);
/* Frees what is nobody's business. */
void ui_wipe(char *secret);
/* The selected row, or NULL. */
const Row *ui_selected(Ui *ui);
void ui_select(Ui *ui, guint row);
/* The first one that is still there. */
void ui_select_first(Ui *ui);
/* The look that the present view shows, or NULL. */
const TopLook *ui_view_look(const Ui *ui);

/* ui_acts.c */
void ui_act_begin(Ui *ui, PlanCommand command);
/* A key while a plan is shown or an act runs. TRUE: it was for that. */
gboolean ui_act_key(Ui *ui, Key key, gint64 now);
const Mark *ui_mark(const Ui *ui, const char *id);
void ui_marks_forget(Ui *ui, gint64 now);
/* Lets go what was said a while ago. */
void ui_said_forget(Ui *ui, gint64 now);

/* ui_incidents.c */
void ui_incidents_look(Ui *ui, const TopLook *look, gint64 now);

/* What the server is called: as in the policy file, or by its place, once that is known; safe text.
 * Free with g_free. */
char *ui_server_text(const Ui *ui);
/* How text of render is to look on this grid. */
RenderStyle ui_style(const Ui *ui, const Grid *grid);

/* draw_bottom.c. The message at the bottom, broken to the width of the screen, in a few lines at
 * most, the last one cut, in one face; NULL: there is none. */
char **ui_bottom_message(const Ui *ui, const Grid *grid, gint64 now, Face *face);
/* What is at the bottom: message, or else what is typed, or the keys. */
void ui_draw_bottom(const Ui *ui, Grid *grid, char **message, Face face);

/* draw_over.c: returns FALSE when nothing lies over the list. */
gboolean ui_draw_over(Ui *ui, Grid *grid, guint first_row, guint n_rows, gint64 now);

#endif
