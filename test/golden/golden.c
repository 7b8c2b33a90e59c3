#include "golden.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

void golden_fail(Golden *golden, const char *name, const char *what, const char *line)
{
	golden->n_failed++;
	printf("%s: %s\n", name, what);
	if (line != NULL)
		printf("    %s\n", line);
}

/* As diff -u shows it, from the golden file to what came out. */
static void show_difference(const char *path, const char *actual)
{
	g_autofree char *name = NULL;
	g_autofree char *difference = NULL;
	int fd = g_file_open_tmp("pgunlock-golden-XXXXXX", &name, NULL);

	if (fd < 0 || !g_close(fd, NULL) || !g_file_set_contents(name, actual, -1, NULL))
		return;
	g_autofree char *command = g_strdup_printf("diff -u '%s' '%s'", path, name);
	g_spawn_command_line_sync(command, &difference, NULL, NULL, NULL);
	fputs(difference != NULL ? difference : "", stdout);
	remove(name);
}

void golden_compare(Golden *golden, const char *name, const char *actual)
{
	g_autofree char *path = g_build_filename(golden->directory, name, NULL);
	g_autofree char *expected = NULL;

	golden->n_checked++;
	if (golden->update) {
		g_autoptr(GError) error = NULL;

		if (!g_file_set_contents(path, actual, -1, &error))
			golden_fail(golden, name, error->message, NULL);
		return;
	}
	if (!g_file_get_contents(path, &expected, NULL, NULL)) {
		golden_fail(golden, name, "no golden file yet", NULL);
		return;
	}
	if (strcmp(expected, actual) != 0) {
		golden_fail(golden, name, "differs from the golden file:", NULL);
		show_difference(path, actual);
	}
}

int golden_end(const Golden *golden)
{
	printf("%u files, %u failures\n", golden->n_checked, golden->n_failed);
	if (golden->n_failed > 0 && !golden->update)
		puts("If what came out is right: meson compile -C build update-golden");
	return golden->n_failed > 0;
}
