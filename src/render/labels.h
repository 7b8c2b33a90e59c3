#ifndef PGUNLOCK_RENDER_LABELS_H
#define PGUNLOCK_RENDER_LABELS_H

/* "        blocks    12 sessions: ...": facts, each behind its label, all in one column. */

#include "render/line.h"
#include "render/statement.h"

#include <glib.h>

typedef struct {
	GString *out;
	const RenderStyle *style;
	guint margin; /* of the labels */
	guint column; /* of the facts */
} Labels;

/* As wide as the labels of what is shown of one session need; narrower on a narrow terminal. */
Labels labels_new(GString *out, const RenderStyle *style);

/* Begins a line, its label written; the lines after the first are indented. */
void labels_begin(const Labels *labels, Line *line, const char *label);
void labels_text(const Labels *labels, const char *label, const char *text);
/* A statement, at most max_lines lines, the last one cut; nothing when it is empty. */
void labels_statement(const Labels *labels, const char *label, const StatementText *statement,
                      guint max_lines);
/* Words and what to type for it, without a label. */
void labels_command(const Labels *labels, const char *words, const char *command);
/* What a session runs, or last ran. */
void labels_session_statement(const Labels *labels, const Session *session, guint max_lines);

#endif
