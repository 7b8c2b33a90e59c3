#ifndef PGUNLOCK_RENDER_STYLE_H
#define PGUNLOCK_RENDER_STYLE_H

/* How text is to look. Renderers append to a GString and do no I/O; all that they print of a
 * server's text is safe for a terminal. */

#include <glib.h>

typedef struct {
	/* Columns; lines never get wider (from 40 on), but for commands and SQL that a person copies:
	 * those stand on a line of their own, in one piece. */
	guint width;
	gboolean color;   /* SGR sequences may be used */
	gboolean unicode; /* box characters and "…" may be used; else ASCII */
	gboolean full;    /* tree: unfold groups of alike waiters */
	/* The connection options as they were typed, quoted for a shell, with a leading blank, or "":
	 * for commands that we suggest. */
	const char *connection_args;
} RenderStyle;

#endif
