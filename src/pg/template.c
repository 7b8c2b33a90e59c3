#include "pg/template.h"

#include <string.h>

/* The piece that a text beginning with "{name}" names, or NULL. */
static const SqlPiece *piece_at(const char *text, const SqlPiece *pieces, guint n_pieces)
{
	for (guint i = 0; i < n_pieces; i++) {
		gsize length = strlen(pieces[i].name);

		if (strncmp(text + 1, pieces[i].name, length) == 0 && text[1 + length] == '}')
			return &pieces[i];
	}
	return NULL;
}

char *sql_template_fill(const char *sql, const SqlPiece *pieces, guint n_pieces)
{
	GString *filled = g_string_new(NULL);

	while (*sql != '\0') {
		const SqlPiece *piece = *sql == '{' ? piece_at(sql, pieces, n_pieces) : NULL;

		if (piece == NULL) {
			g_string_append_c(filled, *sql++);
			continue;
		}
		g_string_append(filled, piece->sql);
		sql += strlen(piece->name) + 2;
	}
	return g_string_free(filled, FALSE);
}
