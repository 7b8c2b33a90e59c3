#ifndef PGUNLOCK_RENDER_STATEMENT_H
#define PGUNLOCK_RENDER_STATEMENT_H

/* A statement as it is shown: its beginning, white space made single blanks. Statements can be
 * megabytes long, and cut off anywhere: no more is read than is shown. */

#include "model/session.h"
#include "render/line.h"

#include <glib.h>

/* Safe text, and the Ink of each of its bytes: keywords, literals and comments stand out. */
typedef struct {
	char *text;
	guint8 *inks;
} StatementText;

/* Of a session: at most about max_columns wide, one column more where something was cut; "" when it
 * has none. */
StatementText statement_text(const Session *session, guint max_columns);
void statement_text_clear(StatementText *statement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StatementText, statement_text_clear)

/* The same without inks. Free with g_free. */
char *session_statement_excerpt(const Session *session, guint max_columns);

#endif
