#ifndef PGUNLOCK_RENDER_ROLE_WORDS_H
#define PGUNLOCK_RENDER_ROLE_WORDS_H

/* What the guard's role lacks on a server for what its policy wants there. */

#include "model/privileges.h"
#include "policy/policy.h"

#include <glib.h>

/* Our role on a server. Borrowed. */
typedef struct {
	const char *server; /* its name in the policy file */
	const char *user;
	int version_num;
	OwnPrivileges own;
} ServerRole;

/* A sentence each (char *, safe text), the GRANT that helps at its end; the caller's. Empty when
 * nothing is lacking, and when what the role may do isn't known. What a single session takes beyond
 * that (a superuser's is left to superusers) shows when it is about that one. */
GPtrArray *role_lacks_words(const Policy *policy, const ServerRole *role);

#endif
