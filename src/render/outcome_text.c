#include "base/duration.h"
#include "base/text.h"
#include "render/act_words.h"
#include "render/command.h"
#include "render/headline.h"
#include "render/item_words.h"
#include "render/line.h"
#include "render/refusal.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/summary.h"

#include <string.h>

enum { MAX_SUCCESSORS = 5, NARROW = 60 };

static const char *sent_text(const ItemOutcome *item)
{
	switch (item->act) {
	case ACT_CANCEL:
		return "cancel sent";
	case ACT_TERMINATE:
		return item->escalated ? "still holds after the cancel: terminate sent" : "terminate sent";
	case ACT_ROLLBACK_PREPARED:
		return "rolled back";
	case ACT_COMMIT_PREPARED:
		return "committed";
	case ACT_NONE:
		break;
	}
	return "nothing done";
}

static char *refused_text(const Plan *plan, guint index, const ItemOutcome *item)
{
	if (item->message == NULL) {
		g_autofree char *why = render_refusal(plan, index, NULL);
		return g_strdup_printf("refused: %s", why != NULL ? why : "");
	}
	g_autofree char *words = text_safe(item->message);
	if (item->sqlstate == NULL)
		return g_strdup_printf("refused: %s", words);
	return g_strdup_printf("refused by the server: %s (%s)", words, item->sqlstate);
}

char *item_result_text(const Plan *plan, guint index, const ItemOutcome *item)
{
	g_autofree char *took = duration_to_text(item->settled_us - item->signalled_us);

	if (item->went_on)
		return g_strdup("has gone on to other work meanwhile: left alone");
	switch (item->result) {
	case RESULT_NONE:
		return NULL;
	case RESULT_REFUSED:
		return refused_text(plan, index, item);
	case RESULT_ALREADY_GONE:
		return g_strdup("was gone already");
	case RESULT_SIGNALLED:
		return g_strdup(sent_text(item));
	case RESULT_GONE:
		return g_strdup_printf("gone after %s", took);
	case RESULT_FREED:
		return g_strdup_printf("freed after %s", took);
	case RESULT_CANCELLED_STILL_HOLDING:
		return g_strdup("its statement is cancelled, but it still holds the lock: an earlier "
		                "statement of its transaction took it");
	case RESULT_STILL_THERE:
		return g_strdup_printf("still there after %s", took);
	}
	return NULL;
}

Ink item_result_ink(ItemResult result)
{
	switch (result) {
	case RESULT_GONE:
	case RESULT_FREED:
	case RESULT_ALREADY_GONE:
		return INK_GOOD;
	case RESULT_REFUSED:
	case RESULT_CANCELLED_STILL_HOLDING:
	case RESULT_STILL_THERE:
		return INK_BAD;
	case RESULT_NONE:
	case RESULT_SIGNALLED:
		break;
	}
	return INK_PLAIN;
}

void render_item_progress(GString *out, const Plan *plan, const Outcome *outcome, guint item,
                          const RenderStyle *style)
{
	const ItemOutcome *result = outcome_item(outcome, item);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	g_autofree char *name =
	    session_name_text(snapshot_session(snapshot, plan_item(plan, item)->session));
	g_autofree char *text = item_result_text(plan, item, result);
	Line line;

	if (text == NULL)
		return;
	line_begin(&line, out, style, "    ");
	line_blanks(&line, 2);
	line_words(&line, INK_STRONG, name);
	line_blanks(&line, 2);
	line_words(&line, item_result_ink(result->result), text);
	if (result->result == RESULT_REFUSED && result->hint != NULL) {
		g_autofree char *hint = text_safe(result->hint);
		line_break(&line);
		line_words(&line, INK_PLAIN, hint);
	}
	line_end(&line);
}

static guint count_results(const Outcome *outcome, ItemResult result)
{
	guint n = 0;

	for (guint i = 0; i < outcome_n_items(outcome); i++)
		n += outcome_item(outcome, i)->result == result;
	return n;
}

static guint find_id(const Snapshot *snapshot, const char *id)
{
	g_autoptr(SessionRef) ref = session_ref_parse(id, NULL);

	return ref != NULL ? snapshot_find(snapshot, ref) : NO_SESSION;
}

static gboolean ignores_terminate(const ItemOutcome *item)
{
	return item->result == RESULT_STILL_THERE && item->act == ACT_TERMINATE;
}

/* Nothing was done to it, since it is no longer what the plan showed, and it is in the way. */
static gboolean stands_in_the_way(const ItemOutcome *item)
{
	return item->in_the_way;
}

/* Whether it was terminated by this plan and is there all the same, where doing it again is no
 * help; or does something else by now, which has to be seen before it is ended. */
static gboolean is_not_to_be_ended(const Plan *plan, const Outcome *outcome, const char *id)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	for (guint i = 0; i < outcome_n_items(outcome); i++) {
		const ItemOutcome *item = outcome_item(outcome, i);
		g_autofree char *other =
		    session_id(snapshot_session(snapshot, plan_item(plan, i)->session));

		if ((ignores_terminate(item) || stands_in_the_way(item)) && strcmp(other, id) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "4711, 4712": the items that are so. Returns their number. */
static guint append_names(GString *text, const Plan *plan, const Outcome *outcome,
                          gboolean (*is_so)(const ItemOutcome *item))
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	guint n = 0;

	for (guint i = 0; i < outcome_n_items(outcome); i++) {
		if (!is_so(outcome_item(outcome, i)))
			continue;
		g_autofree char *name =
		    session_name_text(snapshot_session(snapshot, plan_item(plan, i)->session));
		g_string_append_printf(text, "%s%s", n++ > 0 ? ", " : "", name);
	}
	return n;
}

static void append_unresponsive(GString *out, const Plan *plan, const Outcome *outcome,
                                const RenderStyle *style)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = append_names(text, plan, outcome, ignores_terminate);
	Line line;

	if (n == 0)
		return;
	g_string_append_printf(text,
	                       " do%s not react to terminate: frozen, or stuck in the kernel. Look at "
	                       "the process on the server's host. Never kill -9 it: that restarts the "
	                       "whole server.",
	                       n == 1 ? "es" : "");
	line_begin(&line, out, style, NULL);
	line_words(&line, INK_BAD, text->str);
	line_end(&line);
}

/* Whether a release of the session would be refused. */
static ActRefusal refusal_of(const Snapshot *snapshot, guint session)
{
	ActReason reason;
	Act act = act_to_free(snapshot_session(snapshot, session), &reason);

	return act_refusal(snapshot, session, act, 0);
}

/* Those who stand in the way now, and the command for them. */
static void append_successors(GString *out, const Plan *plan, const Outcome *outcome,
                              const WaitGraph *after, const RenderStyle *style)
{
	const Snapshot *snapshot = wait_graph_snapshot(after);
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	guint n_found = 0;

	for (guint i = 0; i < outcome_n_successors(outcome); i++) {
		guint session = find_id(snapshot, outcome_successor(outcome, i));
		Line line;

		if (session == NO_SESSION)
			continue;
		ActRefusal refusal = refusal_of(snapshot, session);
		if (refusal == REFUSAL_NONE &&
		    !is_not_to_be_ended(plan, outcome, outcome_successor(outcome, i)))
			g_array_append_val(sessions, session);
		if (n_found++ >= MAX_SUCCESSORS)
			continue;
		line_begin(&line, out, style, "    ");
		line_blanks(&line, 2);
		headline_append(&line, after, session);
		if (refusal != REFUSAL_NONE) {
			line_break(&line);
			refusal_append(&line, after, session, refusal);
		}
		line_end(&line);
	}
	if (n_found > MAX_SUCCESSORS)
		g_string_append_printf(out, "  and %u more\n", n_found - MAX_SUCCESSORS);
	if (sessions->len == 0)
		return;
	g_autofree char *command =
	    command_text(style, "release", NULL, snapshot, (const guint *) (gpointer) sessions->data,
	                 sessions->len, NULL);
	summary_append_command(out, style, "To go on:", command);
}

/* "12 of 12 waiters hold their lock or moved on, the last after 61ms." */
static void append_waiters(GString *text, const Outcome *outcome)
{
	guint granted = outcome_n_waiters(outcome, WAITER_GRANTED);
	guint gave_up = outcome_n_waiters(outcome, WAITER_GAVE_UP);
	guint waiting = outcome_n_waiters(outcome, WAITER_STILL_WAITING);
	guint all = granted + gave_up + waiting;
	g_autofree char *last = duration_to_text(outcome_last_moved_us(outcome));

	g_string_append_printf(text, "%u of %u waiter%s moved on", granted, all, all == 1 ? "" : "s");
	if (granted > 0)
		g_string_append_printf(text, "%s after %s", granted == 1 ? "" : ", the last", last);
	if (gave_up > 0)
		g_string_append_printf(text, "; %u gave up by themselves", gave_up);
	if (waiting > 0)
		g_string_append_printf(text, "; %u still wait%s", waiting, waiting == 1 ? "s" : "");
	g_string_append(text, ".");
}

/* How many items ended in which way. */
typedef struct {
	guint ended;
	guint gone; /* without us */
	guint stuck;
	guint in_the_way; /* left alone, and still there */
	guint refused;
	guint unknown; /* signalled, and no look afterwards */
} Tally;

static Tally tally_of(const Outcome *outcome)
{
	guint in_the_way = 0;

	for (guint i = 0; i < outcome_n_items(outcome); i++)
		in_the_way += stands_in_the_way(outcome_item(outcome, i)) ? 1 : 0;
	return (Tally){
	    .ended = count_results(outcome, RESULT_GONE) + count_results(outcome, RESULT_FREED),
	    .gone = count_results(outcome, RESULT_ALREADY_GONE) - in_the_way,
	    .stuck = count_results(outcome, RESULT_STILL_THERE) +
	             count_results(outcome, RESULT_CANCELLED_STILL_HOLDING),
	    .in_the_way = in_the_way,
	    .refused = count_results(outcome, RESULT_REFUSED),
	    .unknown = count_results(outcome, RESULT_SIGNALLED),
	};
}

static guint count_waiters(const Outcome *outcome)
{
	return outcome_n_waiters(outcome, WAITER_GRANTED) + outcome_n_waiters(outcome, WAITER_GAVE_UP) +
	       outcome_n_waiters(outcome, WAITER_STILL_WAITING);
}

/* "820 is still there, with other work, and 1 session waits for it." */
static void append_in_the_way(GString *text, const Plan *plan, const Outcome *outcome,
                              const WaitGraph *after)
{
	const Snapshot *then = wait_graph_snapshot(plan->graph);
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	guint n = append_names(text, plan, outcome, stands_in_the_way);

	for (guint i = 0; i < outcome_n_items(outcome); i++) {
		guint session = snapshot_find_same(wait_graph_snapshot(after),
		                                   snapshot_session(then, plan_item(plan, i)->session));
		if (stands_in_the_way(outcome_item(outcome, i)) && session != NO_SESSION)
			g_array_append_val(sessions, session);
	}
	g_autoptr(GArray) behind =
	    wait_graph_behind(after, (const guint *) (gpointer) sessions->data, sessions->len);
	g_string_append_printf(text,
	                       " %s still there, with other work, and %u session%s wait%s for %s.",
	                       n == 1 ? "is" : "are", behind->len, behind->len == 1 ? "" : "s",
	                       behind->len == 1 ? "s" : "", n == 1 ? "it" : "them");
}

static Ink append_verdict(GString *text, const Plan *plan, const Outcome *outcome,
                          const Tally *tally)
{
	guint waiting = outcome_n_waiters(outcome, WAITER_STILL_WAITING);

	if (tally->ended + tally->gone + tally->stuck + tally->unknown == 0 && tally->in_the_way > 0) {
		g_string_append(text, "Nothing was done:");
		return INK_BAD;
	}
	if (tally->ended + tally->gone + tally->stuck + tally->unknown == 0) {
		g_string_append(text,
		                tally->refused > 0 ? "Refused: nothing was done." : "Nothing was done.");
		return INK_BAD;
	}
	if (tally->refused > 0)
		g_string_append_printf(text, "%u of %u refused. ", tally->refused,
		                       outcome_n_items(outcome));
	if (tally->stuck > 0)
		g_string_append_printf(text, "Not freed: %u of %u still hold%s the lock.", tally->stuck,
		                       outcome_n_items(outcome), tally->stuck == 1 ? "s" : "");
	else if (tally->unknown > 0)
		g_string_append(text, "Signalled; what became of it could not be seen.");
	else if (tally->ended == 0)
		g_string_append(text, "Gone by itself.");
	else if (plan->command == COMMAND_CANCEL && count_waiters(outcome) == 0)
		g_string_append(text, tally->ended == 1 ? "Cancelled: its statement has ended."
		                                        : "Cancelled: their statements have ended.");
	else
		g_string_append(text, waiting > 0 || tally->refused > 0 ? "Ended." : "Freed.");
	if (tally->stuck > 0 || tally->refused > 0)
		return INK_BAD;
	return waiting > 0 ? INK_WARNING : INK_GOOD;
}

/* Who waits now: those of the plan, or others. */
static void append_now(GString *text, const Outcome *outcome, gboolean something_ended)
{
	guint waiting = outcome_n_waiters(outcome, WAITER_STILL_WAITING);
	guint blocked_now = outcome_n_blocked_now(outcome);

	if (waiting > 0 && outcome_n_successors(outcome) > 0)
		g_string_append(text, " In the way now:");
	else if (waiting == 0 && something_ended && blocked_now == 0)
		g_string_append(text, " Nobody waits for a lock any more.");
	else if (waiting == 0 && something_ended)
		g_string_append_printf(text, " %u other%s wait%s for locks.", blocked_now,
		                       blocked_now == 1 ? "" : "s", blocked_now == 1 ? "s" : "");
}

static void append_look_again(GString *out, const RenderStyle *style)
{
	g_autofree char *command = g_strdup_printf("pgunlock status%s", style->connection_args);

	summary_append_command(out, style, "To look again:", command);
}

void render_outcome_text(GString *out, const Plan *plan, const Outcome *outcome,
                         const WaitGraph *after, const RenderStyle *style)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const RenderStyle readable = line_readable_style(style);
	const Tally tally = tally_of(outcome);
	Ink ink = append_verdict(text, plan, outcome, &tally);
	gboolean something_ended = tally.ended + tally.gone > 0;
	gboolean has_news = something_ended || tally.stuck + tally.in_the_way > 0;
	Line line;

	if (tally.in_the_way > 0) {
		g_string_append_c(text, ' ');
		append_in_the_way(text, plan, outcome, after);
	}

	if (count_waiters(outcome) > 0 && has_news) {
		g_string_append_c(text, ' ');
		append_waiters(text, outcome);
	} else if (plan->command != COMMAND_CANCEL && plan_n_acts(plan) > 0 && something_ended) {
		g_string_append(text, " Nobody was waiting for it.");
	}
	/* When nothing was done, who is in the way is what the plan has said. */
	if (has_news)
		append_now(text, outcome, something_ended);
	line_begin(&line, out, &readable, NULL);
	line_words(&line, ink, text->str);
	line_end(&line);
	if (outcome_n_waiters(outcome, WAITER_STILL_WAITING) > 0 && has_news)
		append_successors(out, plan, outcome, after, &readable);
	if (tally.in_the_way > 0)
		append_look_again(out, style);
	append_unresponsive(out, plan, outcome, &readable);
}

/* An item that was signalled and not seen to its end. What the server refused with a SQLSTATE it
 * has refused; without one the answer never came. */
static char *unfinished_text(const Outcome *outcome, const ItemOutcome *item)
{
	gint64 looked = outcome_last_look_us(outcome);

	if (item->result == RESULT_REFUSED && item->message != NULL && item->sqlstate == NULL)
		return g_strdup("its signal may have arrived or not");
	if (item->result != RESULT_SIGNALLED)
		return NULL;
	if (looked < item->signalled_us)
		return g_strdup_printf("%s; not seen since", sent_text(item));
	g_autofree char *later = duration_to_text(looked - item->signalled_us);
	return g_strdup_printf("%s; last seen %s later, still there then", sent_text(item), later);
}

static void append_reached(GString *out, const Plan *plan, const Outcome *outcome, guint index,
                           const RenderStyle *style)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	const ItemOutcome *item = outcome_item(outcome, index);
	g_autofree char *unfinished = unfinished_text(outcome, item);
	g_autofree char *name =
	    session_name_text(snapshot_session(snapshot, plan_item(plan, index)->session));
	Line line;

	if (unfinished == NULL && item->result != RESULT_NONE) {
		render_item_progress(out, plan, outcome, index, style);
		return;
	}
	line_begin(&line, out, style, "    ");
	line_blanks(&line, 2);
	line_words(&line, INK_STRONG, name);
	line_blanks(&line, 2);
	line_words(&line, unfinished != NULL ? INK_WARNING : INK_PLAIN,
	           unfinished != NULL ? unfinished : "not signalled");
	line_end(&line);
}

/* What was reached of each item, those that weren't signalled last. */
static void append_all_reached(GString *out, const Plan *plan, const Outcome *outcome,
                               const char *head, const RenderStyle *style)
{
	guint n = 0;
	Line line;

	line_begin(&line, out, style, NULL);
	line_words(&line, INK_WARNING, head);
	line_end(&line);
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < outcome_n_items(outcome); i++) {
			const ItemOutcome *item = outcome_item(outcome, i);
			gboolean is_plan_refusal = item->result == RESULT_REFUSED && item->message == NULL;

			if (is_plan_refusal || (item->result == RESULT_NONE) != (pass == 1))
				continue;
			append_reached(out, plan, outcome, i, style);
			n++;
		}
	}
	if (n == 0)
		g_string_append(out, "  nothing\n");
}

void render_interrupted_text(GString *out, const Plan *plan, const Outcome *outcome,
                             const RenderStyle *style)
{
	append_all_reached(out, plan, outcome,
	                   "Interrupted. What was signalled stays signalled:", style);
}

void render_broken_off_text(GString *out, const Plan *plan, const Outcome *outcome,
                            const RenderStyle *style)
{
	append_all_reached(out, plan, outcome,
	                   "The result is not known: the server could not be asked any more. What was "
	                   "signalled stays signalled:",
	                   style);
	append_look_again(out, style);
}
