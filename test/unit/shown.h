#ifndef PGUNLOCK_TEST_SHOWN_H
#define PGUNLOCK_TEST_SHOWN_H

/* The live screen without a terminal, and looks to show on it. Times are the screen's own clock. */

#include "scene.h"

#include "base/duration.h"
#include "tui/ui.h"

#define SHOWN_START (1000 * DURATION_SECOND)

typedef struct {
	Ui *ui;
	Grid *grid;
	gint64 now;
} Shown;

/* 30 rows of 110 columns. */
Shown shown_begin(gboolean read_only);
void shown_clear(Shown *shown);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shown, shown_clear)
void shown_resize(Shown *shown, guint rows, guint columns);

/* As it is now. Free with g_free. */
char *shown_draw(Shown *shown);
gboolean shown_has(Shown *shown, const char *text);
/* The row that is lit begins with this number; "" for none. */
void shown_assert_lit(Shown *shown, const char *beginning);

/* It is drawn before each key. */
void shown_press_key(Shown *shown, Key key);
void shown_press(Shown *shown, const char *keys);
void shown_assert_intent(Shown *shown, Intent expected);
void shown_assert_no_intent(Shown *shown);

/* 100 blocks the others, from 101 on. */
Snapshot *shown_login(guint n_waiters);
/* Another root before it, behind which more wait. */
Snapshot *shown_login_and_worse(void);
/* A second later this is seen. */
void shown_look(Shown *shown, Snapshot *snapshot);

#endif
