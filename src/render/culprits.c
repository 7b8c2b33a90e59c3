#include "render/culprits.h"

#include "base/text.h"
#include "render/act_words.h"
#include "render/advice.h"
#include "render/cost_words.h"
#include "render/headline.h"
#include "render/line.h"
#include "render/lock_facts.h"
#include "render/refusal.h"
#include "render/replay_words.h"
#include "render/session_words.h"
#include "render/target.h"

#include <string.h>

enum {
	MAX_SHOWN = 5, /* of those that hold it together */
	MAX_HELD = 3,  /* things that one of them holds */
};

void culprits_append_headline(const Culprits *culprits, guint session)
{
	g_autofree char *prefix = g_strnfill(culprits->labels.margin, ' ');
	Line line;

	line_begin(&line, culprits->out, culprits->style, prefix);
	line_blanks(&line, 2);
	headline_append(&line, culprits->graph, session);
	line_end(&line);
}

static void append_pooler(const Culprits *culprits, guint index)
{
	g_autofree char *text =
	    session_pooler_text(culprits->snapshot, snapshot_session(culprits->snapshot, index));

	if (*text != '\0')
		labels_text(&culprits->labels, "behind", text);
}

static void append_held(const Culprits *culprits, guint session, guint max)
{
	g_autoptr(GPtrArray) held = lock_held_texts(culprits->graph, session, max);

	for (guint i = 0; i < held->len; i++)
		labels_text(&culprits->labels, i == 0 ? "holds" : "", g_ptr_array_index(held, i));
}

static void append_wanted(const Culprits *culprits, guint session)
{
	g_autofree char *text = lock_wanted_text(culprits->graph, session);

	labels_text(&culprits->labels, "wants", text);
}

void culprits_append_statement(const Culprits *culprits, guint session, guint max_lines)
{
	labels_session_statement(&culprits->labels, snapshot_session(culprits->snapshot, session),
	                         max_lines);
}

/* The co-holders without whom nobody moves: "5104, 5105". */
static char *companions_text(const Culprits *culprits, const PlanItem *item)
{
	GString *text = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < plan_n_items(culprits->plan); i++) {
		const PlanItem *other = plan_item(culprits->plan, i);

		if (other->group != item->group || other == item)
			continue;
		g_autofree char *name =
		    session_name_text(snapshot_session(culprits->snapshot, other->session));
		if (n++ < MAX_SHOWN)
			g_string_append_printf(text, "%s%s", n > 1 ? ", " : "", name);
	}
	if (n > MAX_SHOWN)
		g_string_append_printf(text, " and %u more", n - MAX_SHOWN);
	return g_string_free(text, FALSE);
}

/* What would be done to the session, why, and why not. */
typedef struct {
	Act act;
	ActReason reason;
	ActRefusal refusal;
} Ending;

static gboolean nobody_can_end(ActRefusal refusal)
{
	return refusal == REFUSAL_STARTUP || refusal == REFUSAL_SYSTEM_PROCESS;
}

/* "12 sessions: 1 directly, 11 behind that one; ending this one frees all" */
static void append_blocks(const Culprits *culprits, guint session, const Ending *ending)
{
	const PlanItem *item = advice_item(culprits->plan, session);
	guint total = wait_graph_blocked_total(culprits->graph, session);
	guint alone = item != NULL ? item->frees : wait_graph_freed_alone(culprits->graph, session);
	const char *verb = ending->act == ACT_CANCEL ? "cancelling" : "ending";
	guint direct;
	g_autofree char *sessions = count_text(total, "session", "sessions");
	g_autoptr(GString) text = g_string_new(sessions);

	if (total == 0) {
		labels_text(&culprits->labels, "blocks", "nobody");
		return;
	}
	edge_index_blocks(culprits->edges, session, &direct);
	if (direct < total)
		g_string_append_printf(text, ": %u directly, %u behind %s", direct, total - direct,
		                       direct == 1 ? "that one" : "those");
	if (nobody_can_end(ending->refusal)) {
		labels_text(&culprits->labels, "blocks", text->str);
		return;
	}
	g_string_append_printf(text, "; %s this one frees ", verb);
	if (alone >= total)
		g_string_append(text, total == 1 ? "it" : "all");
	else if (alone > 0)
		g_string_append_printf(text, "%u of them", alone);
	else
		g_string_append(text, "nobody");
	if (alone > 0 && wait_graph_row_may_be_shared(culprits->graph, session))
		g_string_append(text, UNLESS_SHARED);
	if (item != NULL && item->group != 0 && alone < total) {
		g_autofree char *others = companions_text(culprits, item);
		g_string_append_printf(text, " as long as %s hold%s it, too", others,
		                       strchr(others, ',') == NULL ? "s" : "");
	}
	labels_text(&culprits->labels, "blocks", text->str);
}

static void append_replay(const Culprits *culprits, guint session)
{
	g_autofree char *note = replay_note(culprits->graph, session);

	if (note != NULL)
		labels_text(&culprits->labels, "replay", note);
}

static void append_refusal(const Culprits *culprits, guint session, ActRefusal refusal)
{
	Line line;

	labels_begin(&culprits->labels, &line, "refused");
	refusal_append(&line, culprits->graph, session, refusal);
	line_end(&line);
}

/* What nobody can end, or not in a way that is known, needs no words on what ending it costs. */
static gboolean is_hopeless(ActRefusal refusal)
{
	return nobody_can_end(refusal) || refusal == REFUSAL_SELF ||
	       refusal == REFUSAL_IDENTITY_HIDDEN || refusal == REFUSAL_LOGGING_IN;
}

static Ending ending_of(const Culprits *culprits, guint session)
{
	const PlanItem *item = advice_item(culprits->plan, session);
	Ending ending = {.reason = REASON_PROCESS};

	if (item != NULL)
		return (Ending){item->act, item->reason, item->refusal};
	ending.act = act_to_free(snapshot_session(culprits->snapshot, session), &ending.reason);
	ending.refusal = act_refusal(culprits->snapshot, session, ending.act, 0);
	return ending;
}

ActRefusal culprits_refusal_of_prepared(const Culprits *culprits, guint session)
{
	return act_refusal(culprits->snapshot, session, ACT_ROLLBACK_PREPARED, 0);
}

static void append_prepared_ending(const Culprits *culprits, guint index)
{
	const Session *session = snapshot_session(culprits->snapshot, index);
	const char *database = names_database(snapshot_names(culprits->snapshot), session->database);
	ActRefusal refusal = culprits_refusal_of_prepared(culprits, index);
	g_autoptr(GString) text = g_string_new("only by ROLLBACK PREPARED or COMMIT PREPARED");

	if (session->database != 0) {
		g_string_append(text, database != NULL ? " in database " : " in ");
		target_append_database(text, culprits->snapshot, session->database);
	}
	g_string_append(text, ". It may be half of a distributed commit: its coordinator knows which. "
	                      "No session stands behind it, and a restart of the server does not clear "
	                      "it.");
	if (refusal != REFUSAL_NONE)
		append_refusal(culprits, index, refusal);
	labels_text(&culprits->labels, "ending", text->str);
}

static void append_ending(const Culprits *culprits, guint session, const Ending *ending)
{
	if (snapshot_session(culprits->snapshot, session)->kind == SESSION_KIND_PREPARED) {
		append_prepared_ending(culprits, session);
		return;
	}
	/* First what counts: where there is little room the rest is cut. */
	if (ending->refusal != REFUSAL_NONE)
		append_refusal(culprits, session, ending->refusal);
	if (ending->act != ACT_NONE && !is_hopeless(ending->refusal)) {
		g_autofree char *cost = act_cost_text(culprits->graph, session, ending->act);
		const char *escalation =
		    act_escalation_text(COMMAND_RELEASE, snapshot_session(culprits->snapshot, session),
		                        ending->act, ending->reason);
		g_autofree char *text = g_strdup_printf(
		    "%s, because %s. %s%s%s", act_verb(ending->act), reason_text(ending->reason), cost,
		    escalation != NULL ? " " : "", escalation != NULL ? escalation : "");

		labels_text(&culprits->labels, "ending", text);
	}
}

/* In few words: only that it is refused and why. */
static void append_brief_refusal(const Culprits *culprits, guint session, const Ending *ending)
{
	gboolean is_prepared =
	    snapshot_session(culprits->snapshot, session)->kind == SESSION_KIND_PREPARED;
	ActRefusal refusal =
	    is_prepared ? culprits_refusal_of_prepared(culprits, session) : ending->refusal;

	if (refusal == REFUSAL_NONE)
		return;
	g_autofree char *why = refusal_text(culprits->snapshot, session, refusal);
	labels_text(&culprits->labels, "refused", why);
}

void culprits_append(const Culprits *culprits, guint session, gboolean in_full)
{
	Ending ending = ending_of(culprits, session);

	culprits_append_headline(culprits, session);
	append_pooler(culprits, session);
	if (wait_graph_wait(culprits->graph, session, NULL) != NULL)
		append_wanted(culprits, session);
	else
		append_held(culprits, session, in_full ? MAX_HELD : 1);
	if (in_full)
		culprits_append_statement(culprits, session, culprits->statement_lines);
	append_blocks(culprits, session, &ending);
	append_replay(culprits, session);
	if (in_full)
		append_ending(culprits, session, &ending);
	else
		append_brief_refusal(culprits, session, &ending);
}
