#include "render/labels.h"

enum { NARROW = 60 }; /* below this the left margin shrinks */

Labels labels_new(GString *out, const RenderStyle *style)
{
	gboolean is_narrow = style->width < NARROW;

	return (Labels){
	    .out = out, .style = style, .margin = is_narrow ? 3 : 8, .column = is_narrow ? 13 : 18};
}

void labels_begin(const Labels *labels, Line *line, const char *label)
{
	g_autofree char *prefix = g_strnfill(labels->column, ' ');

	line_begin(line, labels->out, labels->style, prefix);
	line_blanks(line, labels->margin);
	line_words(line, INK_DIM, label);
	line_pad(line, labels->column);
}

void labels_text(const Labels *labels, const char *label, const char *text)
{
	Line line;

	labels_begin(labels, &line, label);
	line_words(&line, INK_PLAIN, text);
	line_end(&line);
}

void labels_statement(const Labels *labels, const char *label, const StatementText *statement,
                      guint max_lines)
{
	Line line;

	if (*statement->text == '\0')
		return;
	labels_begin(labels, &line, label);
	line_inked_paragraph(&line, statement->inks, statement->text, max_lines);
	line_end(&line);
}

void labels_session_statement(const Labels *labels, const Session *session, guint max_lines)
{
	guint columns = labels->style->width - labels->column;
	g_auto(StatementText) statement = statement_text(session, max_lines * columns);

	labels_statement(labels, session->state == SESSION_STATE_ACTIVE ? "runs" : "last ran",
	                 &statement, max_lines);
}

void labels_command(const Labels *labels, const char *words, const char *command)
{
	Line line;

	labels_begin(labels, &line, "");
	line_words(&line, INK_PLAIN, words);
	line_break(&line);
	line_raw(&line, INK_STRONG, command);
	line_end(&line);
}
