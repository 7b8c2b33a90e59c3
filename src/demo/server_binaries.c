#include "demo/server_binaries.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* Debian installs each major in a directory of its own, outside PATH. */
#define DEBIAN_DIR "/usr/lib/postgresql"

static gboolean has_binary(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	return g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test(path, G_FILE_TEST_IS_DIR);
}

static gboolean has_server(const char *dir)
{
	return has_binary(dir, "initdb") && has_binary(dir, "postgres");
}

static char *from_pg_config(void)
{
	g_autofree char *program = g_find_program_in_path("pg_config");
	g_autofree char *output = NULL;
	char *arguments[] = {program, (char[]){"--bindir"}, NULL};
	int status;

	if (!program ||
	    !g_spawn_sync(NULL, arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
	                  &status, NULL) ||
	    !g_spawn_check_wait_status(status, NULL))
		return NULL;
	g_strchomp(output);
	return has_server(output) ? g_steal_pointer(&output) : NULL;
}

static char *from_debian(void)
{
	g_autoptr(GDir) dir = g_dir_open(DEBIAN_DIR, 0, NULL);
	const char *name;
	long newest = 0;
	char *found = NULL;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *bindir = g_build_filename(DEBIAN_DIR, name, "bin", NULL);
		long major = strtol(name, NULL, 10);

		if (major > newest && has_server(bindir)) {
			newest = major;
			g_free(found);
			found = g_steal_pointer(&bindir);
		}
	}
	return found;
}

static char *from_path(void)
{
	g_autofree char *program = g_find_program_in_path("postgres");
	g_autofree char *dir = program ? g_path_get_dirname(program) : NULL;

	return dir && has_server(dir) ? g_steal_pointer(&dir) : NULL;
}

char *server_binaries_find(const char *bindir, GError **error)
{
	char *(*const places[])(void) = {from_pg_config, from_debian, from_path};

	if (bindir) {
		if (has_server(bindir))
			return g_canonicalize_filename(bindir, NULL);
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "there is no initdb and postgres in \"%s\"",
		          bindir);
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		char *found = places[i]();

		if (found)
			return found;
	}
	error_set(error, PGUNLOCK_ERROR_NOT_FOUND,
	          "cannot find PostgreSQL's server programs, initdb and postgres");
	error_set_hint(error, "looked where pg_config says, in " DEBIAN_DIR
	                      " and on PATH; install PostgreSQL's server package, or name the "
	                      "directory with --bindir");
	return NULL;
}
