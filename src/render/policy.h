#ifndef PGUNLOCK_RENDER_POLICY_H
#define PGUNLOCK_RENDER_POLICY_H

/* The policy file in words: what was read of it (guard --check-config), and what it says of
 * sessions (guard --explain). No secret of the file is ever shown: of a conninfo, a webhook and a
 * command nothing but that it is there. */

#include "policy/verdict.h"
#include "render/style.h"

#include <glib.h>

/* warnings: as below. */
void render_policy_text(GString *out, const Policy *policy, const GPtrArray *warnings,
                        const RenderStyle *style);
void render_policy_json(GString *out, const Policy *policy, const GPtrArray *warnings,
                        gboolean pretty);

/* A session that the policy was asked about. Borrowed. */
typedef struct {
	PolicyCase judged;
	/* Why nothing would be done although a rule decides so (protected, a privilege that lacks, a
	 * limit that is used up): half a sentence, any text. NULL: nothing is in the way. */
	const char *refusal;
} ExplainedSession;

/* warnings: what couldn't be seen, or may be a mistake, a sentence each (char *), not yet safe for
 * a terminal; NULL for none. */
void render_explain_text(GString *out, const Policy *policy, const ExplainedSession *sessions,
                         guint n, const GPtrArray *warnings, const RenderStyle *style);
void render_explain_json(GString *out, const Policy *policy, const ExplainedSession *sessions,
                         guint n, const GPtrArray *warnings, gboolean pretty);

/* Half a sentence that says why it can't be told whether the rule matches: "its user is not known".
 * Safe text; free with g_free. */
char *render_unknown_words(const Verdict *verdict);

/* Half a sentence, that a [server] section is the same server as this one. Where the databases that
 * the two connect to are known (else NULL) and differ, what follows from that, too. Free with
 * g_free. */
char *render_twin_words(const char *section, const char *database, const char *own_database);

#endif
