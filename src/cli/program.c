#include "cli/program.h"

#include "base/error.h"
#include "cli/cli.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

char **program_paths(const char *folder, const char *program)
{
	char **paths = g_new0(char *, 3);

	/* First where nobody can put a file who couldn't replace ourselves. */
	paths[0] = g_build_filename(folder, program, NULL);
	paths[1] = g_build_filename(folder, PGUNLOCK_LIBEXEC_FROM_BIN, program, NULL);
	return paths;
}

/* NULL when the system doesn't tell. Behind a file that was replaced since it adds " (deleted)",
 * which is no part of the folder. */
static char *own_folder(void)
{
	g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);
	return path ? g_path_get_dirname(path) : NULL;
}

static void not_found(const Command *command, char **paths, GError **error)
{
	g_autofree char *places = g_strjoinv(" and ", paths);
	error_set(error, PGUNLOCK_ERROR_FAILED,
	          "%s is run by a program of its own, %s, and there is none: looked for %s",
	          command->name, command->program, places);
	error_set_hint(error,
	               "install all of pgunlock: meson install, or the package that has "
	               "libexec/pgunlock/%s",
	               command->program);
}

void program_become(const Command *command, char *const *argv, GError **error)
{
	g_autofree char *folder = own_folder();
	if (!folder) {
		error_set(error, PGUNLOCK_ERROR_FAILED,
		          "cannot tell where pgunlock lies, and %s beside it: /proc/self/exe: %s",
		          command->program, g_strerror(errno));
		return;
	}
	g_auto(GStrv) paths = program_paths(folder, command->program);
	for (guint i = 0; paths[i]; i++) {
		execv(paths[i], argv);
		if (errno != ENOENT && errno != ENOTDIR) {
			error_set(error, PGUNLOCK_ERROR_FAILED, "cannot run %s: %s", paths[i],
			          g_strerror(errno));
			return;
		}
	}
	not_found(command, paths, error);
}

int program_main(int argc, char **argv, const Command *command, CommandRun run)
{
	const CliProgram program = {.command = command, .run = run};

	/* Only the characters are the locale's: numbers and messages stay as programs expect them. */
	setlocale(LC_CTYPE, "");
	return cli_main(argc, argv, &program);
}
