#include "render/statement.h"

#include "base/sql_tokens.h"
#include "base/text.h"

#include <string.h>

/* A statement's beginning may be indented deeply, but not for ever. */
#define MAX_BYTES_READ 16384

static const Ink token_inks[] = {
    [SQL_TOKEN_BLANK] = INK_PLAIN,    [SQL_TOKEN_KEYWORD] = INK_KEYWORD,
    [SQL_TOKEN_NAME] = INK_PLAIN,     [SQL_TOKEN_STRING] = INK_LITERAL,
    [SQL_TOKEN_NUMBER] = INK_LITERAL, [SQL_TOKEN_PARAMETER] = INK_LITERAL,
    [SQL_TOKEN_COMMENT] = INK_DIM,    [SQL_TOKEN_OPERATOR] = INK_PLAIN,
    [SQL_TOKEN_OTHER] = INK_PLAIN,
};

static void append(GString *text, GByteArray *inks, const char *bytes, gsize len, Ink ink)
{
	guint before = inks->len;

	g_string_append_len(text, bytes, (gssize) len);
	g_byte_array_set_size(inks, (guint) text->len);
	if (inks->len > before)
		memset(inks->data + before, (int) ink, inks->len - before);
}

/* Whether a comment ends with its line, and something follows that would read as if it belonged to
 * it once the lines are one. It is then written in the other form, so that what is shown still
 * means the same, also where it is pasted. */
static gboolean is_line_comment(const SqlToken *token, const char *stop)
{
	const char *end = token->text + token->length;

	return token->kind == SQL_TOKEN_COMMENT && token->text[0] == '-' &&
	       sql_skip_white(end, stop) < stop &&
	       !g_strstr_len(token->text, (gssize) token->length, "*/") &&
	       !g_strstr_len(token->text, (gssize) token->length, "/*");
}

/* The tokens are those of the statement as it is: where its lines end, comments do. */
static void read_head(GString *head, GByteArray *inks, const char *text, guint max_columns)
{
	const char *stop = text + strnlen(text, MAX_BYTES_READ);
	const char *comment_end = NULL; /* of one that is written in the other form */
	SqlToken token = {.text = text};
	guint columns = 0;
	SqlScan scan;

	sql_scan_begin(&scan, text, (gsize) (stop - text));
	/* One column more than asked for, so that whoever cuts it sees that something was cut. */
	while (text < stop && columns <= max_columns) {
		const char *next = sql_skip_white(text, stop);

		while (text >= token.text + token.length && sql_scan_next(&scan, &token))
			continue;
		if (comment_end && next > comment_end) {
			append(head, inks, " */", 3, INK_DIM);
			columns += 3;
			comment_end = NULL;
		}
		if (text == token.text && is_line_comment(&token, stop)) {
			append(head, inks, "/*", 2, INK_DIM);
			comment_end = text + token.length;
			next = text + 2;
		} else if (next > text) {
			if (head->len > 0 && *next != '\0')
				append(head, inks, " ", 1, token_inks[token.kind]);
		} else {
			next = text_next_char(text);
			append(head, inks, text, (gsize) (next - text), token_inks[token.kind]);
		}
		/* A zero-width character counts too: there may be a million of them. */
		columns++;
		text = next;
	}
}

/* Where another ink begins. Marks stay with their character, which may have only so many. */
static gsize run_end(const GString *head, const GByteArray *inks, gsize from)
{
	gsize end = from;

	while (end < head->len && (end == from || inks->data[end] == inks->data[from] ||
	                           g_unichar_ismark(g_utf8_get_char(head->str + end))))
		end += (gsize) (text_next_char(head->str + end) - (head->str + end));
	return MIN(end, head->len);
}

StatementText statement_text(const Session *session, guint max_columns)
{
	g_autoptr(GString) head = g_string_new(NULL);
	g_autoptr(GByteArray) head_inks = g_byte_array_new();
	GByteArray *inks = g_byte_array_new();
	GString *safe = g_string_new(NULL);

	if (session->query && !session->hidden)
		read_head(head, head_inks, session->query, max_columns);
	for (gsize at = 0; at < head->len;) {
		gsize end = run_end(head, head_inks, at);
		g_autofree char *run = g_strndup(head->str + at, end - at);

		text_append_safe(safe, run);
		append(safe, inks, "", 0, (Ink) head_inks->data[at]);
		at = end;
	}
	return (StatementText){g_string_free(safe, FALSE), g_byte_array_free(inks, FALSE)};
}

void statement_text_clear(StatementText *statement)
{
	g_clear_pointer(&statement->text, g_free);
	g_clear_pointer(&statement->inks, g_free);
}

char *session_statement_excerpt(const Session *session, guint max_columns)
{
	g_auto(StatementText) statement = statement_text(session, max_columns);

	return g_steal_pointer(&statement.text);
}
