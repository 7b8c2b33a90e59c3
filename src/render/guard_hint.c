#include "render/guard_hint.h"

#include <glib.h>
#include <string.h>

/* In this order: what is longer first. */
static const struct {
	const char *option;
	const char *keyword;
} WORDS[] = {
    /* advice for the one who types, and the guard is a service */
    {", or on the server's own host run: sudo -u postgres pgunlock", ""},
    {"the password with -W, in PGPASSWORD or ~/.pgpass",
     "the password in ~/.pgpass or a service file"},
    {" (on the server's own host: sudo -u postgres pgunlock)", ""},
    {"; a longer --timeout waits longer", ""},
    {" (or PGHOST and PGPORT)", ""},
    {" (or PGHOST)", ""},
    {"are -h and -p right", "are host and port in its conninfo right"},
    {"is -h right", "is host in its conninfo right"},
    {"the address itself with -h", "the address itself as hostaddr"},
    {"with -h and -p", "with host and port"},
    {"the role with -U and the database with -d",
     "the role as user and the database as dbname in its conninfo"},
    {"(-U)", "(user)"},
    {"-h ", "host="},
    {"-U ", "user="},
    {"-d ", "dbname="},
};

char *render_guard_hint(const char *hint)
{
	if (hint == NULL)
		return NULL;
	g_autoptr(GString) text = g_string_new(hint);

	for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++)
		g_string_replace(text, WORDS[i].option, WORDS[i].keyword, 0);
	/* "-p 5432", but not "gdb -p PID" or "mkdir -p 2026" */
	g_autoptr(GRegex) port = g_regex_new("(?<!mkdir )-p (?=[0-9])", 0, 0, NULL);
	g_autofree char *replaced = g_regex_replace_literal(port, text->str, -1, 0, "port=", 0, NULL);
	gboolean has_option =
	    g_regex_match_simple("(?<!top)(?<!gdb)(?<!mkdir) -[hpUdWw]\\b|--[a-z]|^-", replaced, 0, 0);

	return has_option ? NULL : g_steal_pointer(&replaced);
}
