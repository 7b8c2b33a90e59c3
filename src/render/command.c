#include "render/command.h"

#include "base/text.h"

#include <string.h>

/* Escapes byte by byte what isn't plain ASCII, so that nothing depends on the terminal's encoding.
 */
static char *dollar_quote(const char *word)
{
	GString *out = g_string_new("$'");

	for (const char *c = word; *c != '\0'; c++) {
		if (*c == '\'' || *c == '\\')
			g_string_append_printf(out, "\\%c", *c);
		else if (*c >= ' ' && *c < 0x7f)
			g_string_append_c(out, *c);
		else
			/* Octal: at most three digits, where hexadecimal has no end. */
			g_string_append_printf(out, "\\%03o", (guchar) *c);
	}
	g_string_append_c(out, '\'');
	return g_string_free(out, FALSE);
}

static gboolean is_safe(const char *word)
{
	g_autofree char *safe = text_safe(word);

	return g_strcmp0(safe, word) == 0;
}

char *command_quote(const char *word)
{
	return is_safe(word) ? text_shell_quote(word) : dollar_quote(word);
}

char *command_text(const RenderStyle *style, const char *command, const char *options,
                   const Snapshot *snapshot, const guint *sessions, guint n_sessions,
                   const char *tail)
{
	GString *out = g_string_new("pgunlock ");

	g_string_append(out, command);
	g_string_append(out, style->connection_args);
	if (options != NULL)
		g_string_append_printf(out, " %s", options);
	for (guint i = 0; i < n_sessions; i++) {
		g_autofree char *name = session_exact_name(snapshot_session(snapshot, sessions[i]));
		g_autofree char *quoted = command_quote(name);

		g_string_append_printf(out, " %s", quoted);
	}
	if (tail != NULL)
		g_string_append_printf(out, " %s", tail);
	return g_string_free(out, FALSE);
}

/* Those that take connection options, which the table of options in cli knows, too. */
static const char *const CONNECTING[] = {"cancel", "check",  "doctor",    "locks", "release", "row",
                                         "show",   "status", "terminate", "top",   "tree"};

static gboolean is_connecting(const char *word, gsize length)
{
	for (guint i = 0; i < G_N_ELEMENTS(CONNECTING); i++)
		if (strlen(CONNECTING[i]) == length && strncmp(CONNECTING[i], word, length) == 0)
			return TRUE;
	return FALSE;
}

#define QUOTED_COMMAND "\"pgunlock "

char *command_hint(const char *hint, const char *connection_args)
{
	if (hint == NULL)
		return NULL;
	GString *out = g_string_new(NULL);
	const char *quoted;

	while ((quoted = strstr(hint, QUOTED_COMMAND)) != NULL) {
		const char *word = quoted + strlen(QUOTED_COMMAND);
		gsize length = strcspn(word, " \"");

		g_string_append_len(out, hint, word + length - hint);
		if (is_connecting(word, length))
			g_string_append(out, connection_args);
		hint = word + length;
	}
	g_string_append(out, hint);
	return g_string_free(out, FALSE);
}
