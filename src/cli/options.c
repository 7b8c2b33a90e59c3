#include "cli/options.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/timestamp.h"
#include "cli/command_table.h"
#include "cli/commands.h"
#include "cli/option_table.h"
#include "cli/option_value.h"
#include "model/incident_record.h"

#include <getopt.h>
#include <string.h>

#define MOST_ROWS_LISTED 1000

/* What getopt_long returns for a row: beyond all letters. */
#define FIRST_LONG_CODE 256

typedef struct {
	struct option *longs; /* one a row, then zeros */
	GString *shorts;
} GetoptTables;

/* may_lack: those whose optional arguments are so here. */
static void getopt_tables_init(GetoptTables *tables, CommandBits may_lack)
{
	tables->longs = g_new0(struct option, option_table_n() + 1);
	/* The colon: a missing argument is told apart from an unknown option. */
	tables->shorts = g_string_new(":");
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		gboolean takes = option_takes_argument(row);
		int how = row->optional_for & may_lack ? optional_argument : required_argument;
		tables->longs[i].name = row->name;
		tables->longs[i].has_arg = takes ? how : no_argument;
		tables->longs[i].val = FIRST_LONG_CODE + (int) i;
		/* getopt says '?' of what it doesn't know: that is how -? arrives. */
		if (row->letter && row->letter != '?')
			g_string_append_printf(tables->shorts, "%c%s", row->letter, takes ? ":" : "");
	}
}

static void getopt_tables_clear(GetoptTables *tables)
{
	g_free(tables->longs);
	g_string_free(tables->shorts, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GetoptTables, getopt_tables_clear)

static const OptionRow *row_by_code(int code)
{
	if (code >= FIRST_LONG_CODE)
		return option_table_get((guint) (code - FIRST_LONG_CODE));
	for (guint i = 0; i < option_table_n(); i++)
		if (code != 0 && option_table_get(i)->letter == code)
			return option_table_get(i);
	return NULL;
}

/* named NULL: no command is, or none that there is; then every option may be meant. */
static gboolean may_be_meant(const OptionRow *row, const Command *named)
{
	return row->help && (!named || (row->commands & named->bit));
}

static void hint_at_help(const Command *named, GError **error)
{
	if (named)
		error_set_hint(error, "pgunlock %s --help lists the options", named->name);
	else
		error_set_hint(error, "pgunlock --help lists the options");
}

static void unknown_long(const char *typed, const Command *named, GError **error)
{
	g_autofree char *name = g_strndup(typed + 2, strcspn(typed + 2, "="));
	g_autofree const char **names = g_new0(const char *, option_table_n() + 1);
	g_autoptr(GString) beginnings = g_string_new(NULL);
	for (guint i = 0, n = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		if (!may_be_meant(row, named))
			continue;
		names[n++] = row->name;
		if (g_str_has_prefix(row->name, name))
			g_string_append_printf(beginnings, "%s--%s", beginnings->len ? ", " : "", row->name);
	}
	if (beginnings->len > 0) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s could be %s", name, beginnings->str);
		error_set_hint(error, "write the option's whole name");
		return;
	}
	error_set(error, PGUNLOCK_ERROR_USAGE, "there is no option --%s", name);
	const char *nearest = nearest_name(name, names);
	if (nearest)
		error_set_hint(error, "--%s", nearest);
	else
		hint_at_help(named, error);
}

/* code is '?' or ':', as getopt_long returned it. */
static void getopt_failed(int code, char *const *argv, const Command *named, GError **error)
{
	const OptionRow *row = row_by_code(optopt);
	if (code == ':' && row) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s needs an argument: %s", row->name,
		          row->argument);
		if (row->letter == 'h')
			error_set_hint(error, "%s; the help is --help", row->help);
		else
			error_set_hint(error, "%s", row->help ? row->help : row->name);
	} else if (row) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s takes no argument", row->name);
		error_set_hint(error, "--%s alone", row->name);
	} else if (optopt) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "there is no option -%c", optopt);
		hint_at_help(named, error);
	} else {
		unknown_long(argv[optind - 1], named, error);
	}
}

gboolean option_is_typed(const Options *options, const char *name)
{
	for (guint i = 0; i < options->typed->len; i++) {
		const OptionRow *row = g_ptr_array_index(options->typed, i);
		if (strcmp(row->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* next, the word behind an option without its optional argument, or NULL: may it be meant so? */
static gboolean check_glued(const OptionRow *row, const char *next, const Command *named,
                            GError **error)
{
	gboolean is_option = next && next[0] == '-' && !g_ascii_isdigit(next[1]);
	if (!named || !option_argument_is_optional(row, named) || !next || is_option ||
	    command_find(next, NULL))
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s takes the argument of --%s only with =", named->name,
	          row->name);
	error_set_hint(error, "--%s=%s", row->name, next);
	return FALSE;
}

/* next: the word behind it. */
static gboolean read_option(const OptionRow *row, const char *next, const Command *named,
                            Options *options, GError **error)
{
	if (!optarg && !check_glued(row, next, named, error))
		return FALSE;
	gboolean again = g_ptr_array_find(options->typed, row, NULL);
	if (again && !option_may_repeat(row)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s is given twice", row->name);
		error_set_hint(error,
		               "one pattern can match several; each selection is a command of its own");
		return FALSE;
	}
	/* Rows are constants. */
	g_ptr_array_add(options->typed, (gpointer) (guintptr) row);
	return option_value_read(row, optarg, named ? named : command_default(), options, error);
}

/* getopt_long, from the first word on. */
static void restart_getopt(void)
{
	opterr = 0;
	/* 0 and not 1: glibc then forgets what it knew of another command line. */
	optind = 0;
	optopt = 0;
}

static const Command *find_named_so(int argc, char *const *argv, CommandBits may_lack)
{
	g_auto(GetoptTables) tables = {0};
	/* getopt reorders it. */
	g_autofree char **words = g_new0(char *, (gsize) argc + 1);
	for (int i = 0; i < argc; i++)
		words[i] = argv[i];
	getopt_tables_init(&tables, may_lack);
	restart_getopt();
	while (getopt_long(argc, words, tables.shorts->str, tables.longs, NULL) != -1)
		continue;
	return words[optind] ? command_find(words[optind], NULL) : NULL;
}

/* The command may stand behind the options that are about it. NULL where none is named, or none
 * that there is. Whether an argument may lack depends on the command: with it first. */
static const Command *find_named(int argc, char *const *argv)
{
	const Command *named = find_named_so(argc, argv, 0);
	return named ? named : find_named_so(argc, argv, FOR_ALL);
}

/* Goes on after an error, so that the format is known in which to tell the first one. The first
 * argument that is no option is at *first_argument then. */
static gboolean read_options(int argc, char **argv, Options *options, int *first_argument,
                             GError **error)
{
	g_auto(GetoptTables) tables = {0};
	g_autoptr(GError) first = NULL;
	int code;

	const Command *named = find_named(argc, argv);
	getopt_tables_init(&tables, named ? named->bit : 0);
	restart_getopt();
	while ((code = getopt_long(argc, argv, tables.shorts->str, tables.longs, NULL)) != -1) {
		GError **keep = first ? NULL : &first;
		gboolean is_known = code != ':' && (code != '?' || optopt == '?');
		if (is_known)
			read_option(row_by_code(code), argv[optind], named, options, keep);
		else
			getopt_failed(code, argv, named, keep);
		optopt = 0;
	}
	*first_argument = optind;
	if (!first)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}

static void not_for_command(const OptionRow *row, const Command *command, GError **error)
{
	g_autoptr(GString) others = g_string_new(NULL);
	for (guint i = 0; i < command_table_n(); i++)
		if (command_table_get(i)->bit & row->commands)
			g_string_append_printf(others, "%s%s", others->len ? ", " : "",
			                       command_table_get(i)->name);
	error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s is not for %s", row->name, command->name);
	error_set_hint(error, "it is for %s", others->str);
}

const char *format_name(Format format)
{
	static const char *const names[] = {
	    [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_DOT] = "dot",
	    [FORMAT_SVG] = "svg",   [FORMAT_CSV] = "csv",
	};
	return names[format];
}

static gboolean check_options(const Command *command, const Options *options, GError **error)
{
	for (guint i = 0; i < options->typed->len; i++) {
		const OptionRow *row = g_ptr_array_index(options->typed, i);
		/* Whoever has typed them already may add "help". */
		if (row->group == GROUP_CONNECTION && command == &command_help)
			continue;
		if (!(row->commands & command->bit)) {
			not_for_command(row, command, error);
			return FALSE;
		}
	}
	g_auto(GStrv) possible = g_strsplit(command->formats ? command->formats : "text", "|", -1);
	if (!g_strv_contains((const char *const *) possible, format_name((Format) options->format))) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "%s has no format %s", command->name,
		          format_name((Format) options->format));
		error_set_hint(error, "--format %s", command->formats);
		return FALSE;
	}
	if (options->timeout_us == 0) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--timeout 0 leaves no time to look");
		error_set_hint(error, "--timeout 10s is the default");
		return FALSE;
	}
	/* Rows are compared with one another: of more than that a person wants no list. */
	guint most = command == &command_row ? MOST_ROWS_LISTED : G_MAXINT32;
	if (options->limit < 1 || options->limit > most) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--limit must be between 1 and %u", most);
		error_set_hint(error, "--limit 100 is the default; a narrower condition reads fewer rows");
		return FALSE;
	}
	if (options->password && options->no_password) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "-w and -W contradict each other");
		error_set_hint(error, "without either the password is asked for when the server wants one");
		return FALSE;
	}
	return TRUE;
}

static gboolean read_session_arguments(char *const *arguments, Options *options, GError **error)
{
	for (; *arguments; arguments++) {
		SessionRef *ref = session_ref_parse(*arguments, error);
		if (!ref)
			return FALSE;
		g_ptr_array_add(options->sessions, ref);
	}
	return TRUE;
}

static gboolean read_row_arguments(char *const *arguments, Options *options, GError **error)
{
	if (!arguments[0] || !arguments[1] || arguments[2]) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "row wants a table and a condition");
		error_set_hint(error,
		               "pgunlock row login_sessions 'user_id = 42'; the condition is one word "
		               "for the shell");
		return FALSE;
	}
	options->row = row_ref_new(arguments[0], arguments[1], error);
	return options->row != NULL;
}

/* "show 17"; without both it is the list. */
static gboolean read_incident_arguments(char *const *arguments, Options *options, GError **error)
{
	guint64 id = 0;
	if (!arguments[0])
		return TRUE;
	gboolean is_show = strcmp(arguments[0], "show") == 0;
	const char *number = is_show ? arguments[1] : arguments[0];
	gboolean is_number = number && g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, &id, NULL);
	if (is_show && is_number && !arguments[2]) {
		options->incident = (gint64) id;
		return TRUE;
	}
	g_autofree char *file = history_option_text(options->history);
	if (is_show && !number)
		error_set(error, PGUNLOCK_ERROR_USAGE, "show which incident?");
	else if (is_show && is_number)
		error_set(error, PGUNLOCK_ERROR_USAGE, "history show takes one incident");
	else if (is_show)
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is not the number of an incident", number);
	else
		error_set(error, PGUNLOCK_ERROR_USAGE, "history takes no argument \"%s\"", arguments[0]);
	if (!is_show && is_number)
		error_set_hint(error, "pgunlock history show %" G_GUINT64_FORMAT "%s", id, file);
	else
		error_set_hint(error,
		               "\"pgunlock history%s\" lists incidents with their numbers, \"pgunlock "
		               "history show 17%s\" shows one",
		               file, file);
	return FALSE;
}

static gboolean read_arguments(char *const *arguments, CommandLine *line, GError **error)
{
	switch (line->command->takes) {
	case TAKES_SESSIONS:
		return read_session_arguments(arguments, &line->options, error);
	case TAKES_ROW:
		return read_row_arguments(arguments, &line->options, error);
	case TAKES_INCIDENT:
		return read_incident_arguments(arguments, &line->options, error);
	case TAKES_COMMAND:
		if (*arguments && !(line->topic = command_find(*arguments++, error)))
			return FALSE;
		break;
	case TAKES_NOTHING:
		break;
	}
	if (*arguments) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "%s takes no argument \"%s\"", line->command->name,
		          *arguments);
		if (line->command->bit == FOR_GUARD)
			error_set_hint(error, "the policy file is named with --config %s", *arguments);
		else
			error_set_hint(error, "pgunlock %s --help; a database is named with -d NAME",
			               line->command->name);
		return FALSE;
	}
	return TRUE;
}

static void options_init(Options *options)
{
	*options = (Options){.since = TIMESTAMP_NONE,
	                     .until = TIMESTAMP_NONE,
	                     .interval_us = -1,
	                     .idle_in_transaction_us = -1,
	                     .warning_blocked = G_MAXUINT,
	                     .critical_blocked = G_MAXUINT};
	options->typed = g_ptr_array_new();
	options->sessions = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	for (guint i = 0; i < option_table_n(); i++)
		if (option_table_get(i)->preset)
			option_value_read(option_table_get(i), option_table_get(i)->preset, command_default(),
			                  options, NULL);
}

gboolean command_line_parse(int argc, char **argv, CommandLine *line, GError **error)
{
	int first_argument = argc;

	*line = (CommandLine){.command = command_default()};
	options_init(&line->options);
	gboolean are_read = read_options(argc, argv, &line->options, &first_argument, error);
	char *const *arguments = argv + first_argument;
	gboolean is_named = *arguments != NULL;
	if (!are_read) {
		const Command *named = is_named ? command_find(*arguments, NULL) : NULL;
		line->command = named ? named : line->command;
		return FALSE;
	}
	if (is_named) {
		const Command *named = command_find(*arguments++, error);
		if (!named)
			return FALSE;
		line->command = named;
	}
	if (line->options.version || line->options.completion)
		return TRUE;
	if (line->options.help && line->command != &command_help) {
		line->topic = is_named ? line->command : NULL;
		line->command = &command_help;
		return TRUE;
	}
	return check_options(line->command, &line->options, error) &&
	       read_arguments(arguments, line, error);
}

void command_line_clear(CommandLine *line)
{
	for (guint i = 0; i < option_table_n(); i++)
		option_value_clear(option_table_get(i), &line->options);
	g_clear_pointer(&line->options.sessions, g_ptr_array_unref);
	g_clear_pointer(&line->options.typed, g_ptr_array_unref);
}
