#ifndef PGUNLOCK_POLICY_POLICY_PRIVATE_H
#define PGUNLOCK_POLICY_POLICY_PRIVATE_H

/* What policy.c (the parsed file), policy_parse.c (from the file to it) and policy_check.c (what
 * doesn't fit together) share. */

#include "base/ini.h"
#include "policy/keys.h"

struct Policy {
	char *file;
	/* The objects of the file's sections by kind: PolicyGuard (always one in the end),
	 * PolicyServer, PolicyNotify, Rule. */
	GPtrArray *objects[POLICY_SECTION_COUNT];
};

/* Frees an object of a section with all that its keys have put there. */
void policy_object_free(PolicySection section, gpointer object);

/* What no single key tells: names that lead nowhere, keys that exclude each other. */
gboolean policy_check(const Policy *policy, const IniFile *ini, GError **error);

#endif
