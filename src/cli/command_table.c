#include "cli/command_table.h"

#include "base/error.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "model/session.h"
#include "render/command.h"

#include <string.h>

static const Command *const commands[] = {
    &command_status, &command_top,    &command_tree,      &command_locks,   &command_row,
    &command_show,   &command_cancel, &command_terminate, &command_release, &command_doctor,
    &command_check,  &command_guard,  &command_history,   &command_demo,    &command_help,
};

/* Words for the same thing in other tools. */
static const struct {
	const char *word;
	const char *command;
} words_from_elsewhere[] = {
    {"kill", "terminate"},   {"stop", "terminate"},  {"end", "terminate"}, {"abort", "cancel"},
    {"interrupt", "cancel"}, {"unlock", "release"},  {"free", "release"},  {"fix", "release"},
    {"ps", "status"},        {"list", "locks"},      {"ls", "locks"},      {"pg_locks", "locks"},
    {"blocked", "status"},   {"blocking", "tree"},   {"blockers", "tree"}, {"describe", "show"},
    {"info", "show"},        {"settings", "doctor"}, {"config", "doctor"}, {"monitor", "check"},
    {"htop", "top"},         {"watch", "top"},       {"log", "history"},   {"incidents", "history"},
    {"past", "history"},     {"live", "top"},        {"daemon", "guard"},  {"policy", "guard"},
};

guint command_table_n(void)
{
	return G_N_ELEMENTS(commands);
}

const Command *command_table_get(guint index)
{
	return commands[index];
}

const Command *command_default(void)
{
	return &command_status;
}

static void hint_at_command(const char *name, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(words_from_elsewhere); i++) {
		if (g_ascii_strcasecmp(name, words_from_elsewhere[i].word) == 0) {
			error_set_hint(error, "pgunlock %s", words_from_elsewhere[i].command);
			return;
		}
	}
	g_autoptr(SessionRef) session = session_ref_parse(name, NULL);
	if (session) {
		g_autofree char *quoted = command_quote(name);
		error_set_hint(error, "pgunlock release %s; pgunlock help lists the commands", quoted);
		return;
	}
	const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		names[i] = commands[i]->name;
	const char *nearest = nearest_name(name, names);
	if (nearest)
		error_set_hint(error, "pgunlock %s", nearest);
	else
		error_set_hint(error,
		               "pgunlock --help lists the commands; a database is named with -d NAME");
}

const Command *command_find(const char *name, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	error_set(error, PGUNLOCK_ERROR_USAGE, "there is no command \"%s\"", name);
	hint_at_command(name, error);
	return NULL;
}
