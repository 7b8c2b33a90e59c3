/*
 * The table of the policy's keys, and its parser, for tests that are no C program.
 *
 *   policy_keys             a line for each key: section, key, its default or "-", "required" or
 *                           "-", divided by tabs
 *   policy_keys FILE...     parses the files; says which can't be, and which of the others act
 */

#include "policy/keys.h"

#include <stdio.h>

static void print_keys(void)
{
	for (guint i = 0; i < policy_n_keys(); i++) {
		const PolicyKey *key = policy_key(i);

		printf("%s\t%s\t%s\t%s\n", policy_section_name(key->section), key->name,
		       key->standard != NULL ? key->standard : "-", key->is_required ? "required" : "-");
	}
}

static gboolean check_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = NULL;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return FALSE;
	}
	g_autoptr(Policy) policy = policy_parse(bytes, length, path, &error);

	if (policy == NULL)
		fprintf(stderr, "%s\n", error->message);
	else
		printf("%s: %s\n", path, policy_guard(policy)->dry_run ? "dry run" : "acts");
	return policy != NULL;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		print_keys();
	for (int i = 1; i < argc; i++)
		status |= !check_file(argv[i]);
	return status;
}
