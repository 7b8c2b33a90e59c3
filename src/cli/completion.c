#include "cli/completion.h"

#include "cli/command_table.h"
#include "cli/option_table.h"

static void append_words(GString *out, const char *words)
{
	g_auto(GStrv) list = g_strsplit(words, "|", -1);
	g_autofree char *joined = g_strjoinv(" ", list);
	g_string_append(out, joined);
}

/* The words of a command's choices; which words --format takes depends on the command. */
static void append_choices(GString *out, const Command *command)
{
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		const char *words = option_words(row, command);
		if (!(row->commands & command->bit) || !words || !row->help)
			continue;
		g_string_append_printf(out, "\t%s:--%s) words='", command->name, row->name);
		append_words(out, words);
		g_string_append(out, "' ;;\n");
	}
}

static void append_names(GString *out)
{
	for (guint i = 0; i < command_table_n(); i++)
		g_string_append_printf(out, "%s%s", i ? " " : "", command_table_get(i)->name);
}

static void append_options(GString *out, const Command *command)
{
	g_string_append_printf(out, "\t%s) words='", command->name);
	gboolean is_first = TRUE;
	if (command->words) {
		append_words(out, command->words);
		is_first = FALSE;
	}
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		if (!(row->commands & command->bit) || !row->help)
			continue;
		g_string_append_printf(out, "%s--%s", is_first ? "" : " ", row->name);
		is_first = FALSE;
	}
	g_string_append(out, "' ;;\n");
}

/* Of a command's options whose argument may be left away: only behind = there is one. */
static void append_optional_arguments(GString *out, const Command *command)
{
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		if (option_argument_is_optional(row, command))
			g_string_append_printf(out, "\t%s:--%s) if [[ $glued ]]; then return; fi ;;\n",
			                       command->name, row->name);
	}
}

/* "*:--host|*:-h|..." of the options with a free argument: nothing of ours to offer there */
static void append_free_arguments(GString *out, gboolean are_files)
{
	const char *separator = "";
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		if (!option_takes_argument(row) || option_words(row, NULL) ||
		    (row->kind == OPTION_FILE) != are_files)
			continue;
		g_string_append_printf(out, "%s*:--%s", separator, row->name);
		if (row->letter)
			g_string_append_printf(out, "|*:-%c", row->letter);
		separator = "|";
	}
}

void completion_bash(GString *out)
{
	g_string_append(out, "# bash completion for pgunlock, made by: pgunlock --completion bash\n"
	                     "_pgunlock()\n{\n"
	                     "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n"
	                     "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	                     "\tlocal names='");
	append_names(out);
	g_string_append(
	    out, "' command='' words='' glued='' word\n"
	         "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
	         "\t\tif [[ -z $command && \" $names \" == *\" $word \"* ]]; then command=$word; fi\n"
	         "\tdone\n"
	         "\tif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]} glued=yes; fi\n"
	         "\tif [[ $current == = ]]; then current='' glued=yes; fi\n"
	         "\tcase ${command:-status}:$before in\n");
	for (guint i = 0; i < command_table_n(); i++)
		append_choices(out, command_table_get(i));
	for (guint i = 0; i < command_table_n(); i++)
		append_optional_arguments(out, command_table_get(i));
	g_string_append_c(out, '\t');
	append_free_arguments(out, TRUE);
	g_string_append(out, ")\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	                     "\t\treturn ;;\n\t");
	append_free_arguments(out, FALSE);
	g_string_append(out, ") return ;;\n\tesac\n"
	                     "\tif [[ -z $words ]]; then\n\t\tcase ${command:-status} in\n");
	for (guint i = 0; i < command_table_n(); i++)
		append_options(out, command_table_get(i));
	g_string_append(out,
	                "\t\tesac\n"
	                "\t\tif [[ -z $command || $command == help ]]; then words+=\" $names\"; fi\n"
	                "\tfi\n"
	                "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\n"
	                "complete -F _pgunlock pgunlock\n");
}
