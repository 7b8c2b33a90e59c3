#include "cli/help.h"

#include "base/text.h"
#include "cli/command_table.h"
#include "cli/option_table.h"

#include <string.h>

/* Where the explanations begin: behind most of the option names. */
#define COMMAND_COLUMN 13
#define OPTION_COLUMN 32
#define WIDEST 100

static const char *const headings[OPTION_N_GROUPS] = {
    [GROUP_COMMAND] = "Options",
    [GROUP_SELECTION] = "Which",
    [GROUP_CONNECTION] = "Connection",
    [GROUP_GENERAL] = "General",
};

/* left, then the explanation from column on, wrapped; on the next line where left is too long. */
static void append_entry(GString *out, const char *left, guint column, const char *right,
                         guint width)
{
	guint taken = text_width(left);
	g_string_append(out, left);
	if (taken + 2 > column) {
		g_string_append_c(out, '\n');
		taken = 0;
	}
	g_string_append_printf(out, "%*s", (int) (column - taken), "");
	text_append_wrapped(out, right, width, column, 0, FALSE);
	g_string_append_c(out, '\n');
}

static void append_option(GString *out, const OptionRow *row, const Command *command, guint width)
{
	g_autoptr(GString) left = g_string_new(NULL);
	g_autoptr(GString) right = g_string_new(row->help);
	const char *words = option_words(row, command);

	if (row->letter)
		g_string_append_printf(left, "  -%c, --%s", row->letter, row->name);
	else
		g_string_append_printf(left, "      --%s", row->name);
	if (option_argument_is_optional(row, command)) {
		g_string_append_printf(left, "[=%s]", row->argument);
		g_string_append_printf(right, "; without %s: %s", row->argument, row->without);
	} else if (row->argument) {
		g_string_append_printf(left, " %s", words ? words : row->argument);
	}
	if (row->preset)
		g_string_append_printf(right, " (default %s)", row->preset);
	append_entry(out, left->str, OPTION_COLUMN, right->str, width);
}

/* command NULL: those that every command that connects takes. */
static void append_group(GString *out, OptionGroup group, const Command *command, guint width)
{
	CommandBits bits = command ? command->bit : FOR_SERVER;
	gboolean has_heading = FALSE;
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		if (row->group != group || !row->help || (row->commands & bits) != bits)
			continue;
		if (!has_heading)
			g_string_append_printf(out, "\n%s:\n", headings[group]);
		has_heading = TRUE;
		append_option(out, row, command, width);
	}
}

void help_general(GString *out, guint width)
{
	width = MIN(width, WIDEST);
	g_string_append(out, "pgunlock finds what holds a lock in PostgreSQL and lets it go.\n\n"
	                     "Usage: pgunlock [COMMAND] [OPTION]...\n\n"
	                     "Commands (without one: status):\n");
	for (guint i = 0; i < command_table_n(); i++) {
		const Command *command = command_table_get(i);
		g_autofree char *left = g_strdup_printf("  %s", command->name);
		append_entry(out, left, COMMAND_COLUMN, command->summary, width);
	}
	append_group(out, GROUP_CONNECTION, NULL, width);
	append_group(out, GROUP_GENERAL, NULL, width);
	g_string_append(out,
	                "\nA SESSION is a pid (4711), the server log's %c (6743a1b2.1267), or gid:NAME "
	                "(a prepared\ntransaction). A TIME is 500ms, 30s, 5m, 2h or 1d.\n"
	                "pgunlock COMMAND --help says more about a command.\n");
}

void help_command(GString *out, const Command *command, guint width)
{
	width = MIN(width, WIDEST);
	g_string_append_printf(out, "pgunlock %s: %s\n\nUsage: pgunlock %s%s%s [OPTION]...\n\n%s\n",
	                       command->name, command->summary, command->name,
	                       *command->synopsis ? " " : "", command->synopsis, command->description);
	for (guint group = 0; group < OPTION_N_GROUPS; group++)
		append_group(out, (OptionGroup) group, command, width);
}
