#ifndef PGUNLOCK_RENDER_RENDER_H
#define PGUNLOCK_RENDER_RENDER_H

/*
 * From model and plan to bytes. All wording is in this room. Every function appends to out; text
 * ends with a newline, JSON is one document without one (with pretty, broken into lines).
 */

#include "model/wait_graph.h"
#include "plan/alarm.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "render/style.h"

#include <glib.h>

/* status: the one-screen answer */
void render_status_text(GString *out, const WaitGraph *graph, const RenderStyle *style);
void render_status_json(GString *out, const WaitGraph *graph, gboolean pretty);

/* tree */
void render_tree_text(GString *out, const WaitGraph *graph, const RenderStyle *style);
void render_tree_json(GString *out, const WaitGraph *graph, EdgeSelection shown, gboolean pretty);
void render_tree_dot(GString *out, const WaitGraph *graph);
/* Below the tree of a look that was taken age_us ago and took look_us, when it still stands but for
 * so many who wait by now and didn't, and the other way round. */
void render_standing_text(GString *out, gint64 age_us, gint64 look_us, guint n_more, guint n_less,
                          const RenderStyle *style);

/* locks: those with these indexes in the snapshot, in this order */
void render_locks_text(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks,
                       const RenderStyle *style);
void render_locks_json(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks,
                       gboolean pretty);
void render_locks_csv(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks);

/* show: all about one session; an index of the snapshot */
void render_show_text(GString *out, const WaitGraph *graph, guint session,
                      const RenderStyle *style);
void render_show_json(GString *out, const WaitGraph *graph, guint session, gboolean pretty);

/* check: the line of a monitoring plug-in, whatever the terminal is; and the one for an error */
void render_check(GString *out, const WaitGraph *graph, const Alarm *alarm,
                  const AlarmThresholds *thresholds);
void render_check_error(GString *out, const GError *error);

/* cancel, terminate, release: the plan, with the alternatives that go with it */
void render_plan_text(GString *out, const Plan *plan, const RenderStyle *style);
/* "End 1 session, free 12 waiters? [y/N] ", without a newline */
void render_plan_question(GString *out, const Plan *plan);
/* Progress, a line each as it comes: "  4711  signalled" ... */
void render_item_progress(GString *out, const Plan *plan, const Outcome *outcome, guint item,
                          const RenderStyle *style);
/* The last word: freed or not, how many moved on, who is next. */
void render_outcome_text(GString *out, const Plan *plan, const Outcome *outcome,
                         const WaitGraph *after, const RenderStyle *style);
/* After Ctrl-C: what was signalled already and what wasn't. */
void render_interrupted_text(GString *out, const Plan *plan, const Outcome *outcome,
                             const RenderStyle *style);
/* After the connection was lost or a look failed: what was signalled, and that its result is not
 * known. */
void render_broken_off_text(GString *out, const Plan *plan, const Outcome *outcome,
                            const RenderStyle *style);
/* cancel, terminate, release in JSON. outcome NULL: --dry-run, or nothing to do; its results are
 * then empty. exit: the exit code of the command. */
void render_acts_json(GString *out, const Plan *plan, const Outcome *outcome, int exit,
                      gboolean pretty);
/* The same of several rounds in one document: the plans, the results and the waiters that moved on
 * of all of them; who still waits and who is next as after the last. n is at least 1. */
typedef struct {
	const Plan *plan;
	const Outcome *outcome; /* NULL: nothing was carried out */
} RenderRound;
void render_rounds_json(GString *out, const RenderRound *rounds, guint n, int exit,
                        gboolean pretty);
/* One line of the audit log, without newline. at: microseconds since 1970; os_user: who ran it;
 * rule: of a policy, or NULL: a person's command. outcome may be NULL (written before the signals).
 */
void render_audit_line(GString *out, const Plan *plan, const Outcome *outcome, gint64 at,
                       const char *os_user, const char *rule);

/* The warnings of a snapshot, a sentence each (char *, owned), not yet safe for a terminal. The
 * caller's. */
GPtrArray *render_warnings(const Snapshot *snapshot);
/* The same for below any text output, with an empty line before; nothing when there are none. What
 * the output above says already is left out. */
void render_warnings_text(GString *out, const Snapshot *snapshot, const RenderStyle *style);

/* The same of any warnings (char *), without leaving one out. */
void render_warning_texts(GString *out, const GPtrArray *warnings, const RenderStyle *style);

/* An error as it is printed: "pgunlock: error: ..." and "hint: ..." lines, or JSON. Commands that
 * the hint quotes get the style's connection options. */
void render_error_text(GString *out, const GError *error, const RenderStyle *style);
void render_error_json(GString *out, const GError *error, const RenderStyle *style,
                       gboolean pretty);

/* Shared words */
/* "row (0,1) of login_sessions (transaction 725)", "table orders", "transaction 725", "advisory key
 * 42 (nightly-import)": safe text. A relation of another database than the connection's has that
 * database's name in front; elsewhere schema public is left out. row_tag may be NULL. */
void render_target(GString *out, const Snapshot *snapshot, const LockTag *tag,
                   const LockTag *row_tag);
/* Why an act was refused, and the SQL that would allow it (NULL when there is none), with the names
 * of the roles filled in. Free both. */
char *render_refusal(const Plan *plan, guint item, char **grant);

#endif
