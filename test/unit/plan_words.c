#include "plan_words.h"

#include "base/error.h"

void planned_clear(Planned *planned)
{
	g_clear_pointer(&planned->plan, plan_free);
	g_clear_pointer(&planned->graph, wait_graph_free);
	g_clear_pointer(&planned->snapshot, snapshot_free);
	g_clear_error(&planned->error);
}

Planned planned_look(Scene *scene)
{
	Planned planned = {.snapshot = scene_end(scene)};

	planned.graph = wait_graph_new(planned.snapshot);
	return planned;
}

void planned_make(Planned *planned, const Selection *selection)
{
	g_clear_pointer(&planned->plan, plan_free);
	g_clear_error(&planned->error);
	planned->plan = plan_new(planned->graph, selection, &planned->error);
	g_assert_true(!planned->plan == !!planned->error);
}

Planned planned_of(Scene *scene, const Selection *selection)
{
	Planned planned = planned_look(scene);

	planned_make(&planned, selection);
	return planned;
}

GPtrArray *sessions_named(const char *names)
{
	GPtrArray *sessions = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_auto(GStrv) each = g_strsplit(names, " ", -1);

	for (char **name = each; *name; name++) {
		SessionRef *ref = session_ref_parse(*name, NULL);

		g_assert_nonnull(ref);
		g_ptr_array_add(sessions, ref);
	}
	return sessions;
}

const char *words_refusal(ActRefusal refusal)
{
	static const char *const words[] = {
	    [REFUSAL_NONE] = "none",
	    [REFUSAL_SELF] = "self",
	    [REFUSAL_STARTUP] = "startup",
	    [REFUSAL_SYSTEM_PROCESS] = "system",
	    [REFUSAL_WALSENDER] = "walsender",
	    [REFUSAL_LOGICAL_REPLICATION] = "logical",
	    [REFUSAL_WRAPAROUND_VACUUM] = "wraparound",
	    [REFUSAL_BACKGROUND_WORKER] = "bgworker",
	    [REFUSAL_SYNC_REP] = "syncrep",
	    [REFUSAL_CANCEL_IDLE] = "cancel-idle",
	    [REFUSAL_CANCEL_STUCK] = "cancel-stuck",
	    [REFUSAL_PREPARED] = "prepared",
	    [REFUSAL_PREPARED_UNNAMED] = "unnamed",
	    [REFUSAL_PREPARED_ELSEWHERE] = "elsewhere",
	    [REFUSAL_NOT_PREPARED] = "not-prepared",
	    [REFUSAL_IDENTITY_HIDDEN] = "hidden",
	    [REFUSAL_NEEDS_SUPERUSER] = "superuser",
	    [REFUSAL_NEEDS_SIGNAL_BACKEND] = "signal-backend",
	    [REFUSAL_NEEDS_SIGNAL_AUTOVACUUM] = "signal-autovacuum",
	    [REFUSAL_NEEDS_OWNER] = "owner",
	    [REFUSAL_COMPANION] = "companion",
	};

	return words[refusal];
}

const char *words_reason(ActReason reason)
{
	static const char *const words[] = {
	    [REASON_REQUESTED] = "requested",       [REASON_RUNNING] = "running",
	    [REASON_IDLE_IN_TRANSACTION] = "idle",  [REASON_ABORTED_HOLDING] = "aborted",
	    [REASON_STUCK_IN_WRITE] = "stuck",      [REASON_SESSION_LOCK] = "session-lock",
	    [REASON_QUEUED_REQUEST] = "queued",     [REASON_PREPARED] = "prepared",
	    [REASON_CONCURRENT_DDL] = "concurrent", [REASON_SYNC_REP] = "sync-rep",
	    [REASON_AUTOVACUUM] = "autovacuum",     [REASON_REPLICATION_WORKER] = "replication",
	    [REASON_PROCESS] = "process",
	};

	return words[reason];
}

static void separate(GString *words, const char *separator)
{
	if (words->len > 0)
		g_string_append(words, separator);
}

static void append_name(GString *words, const Planned *planned, guint session)
{
	const Session *it = snapshot_session(planned->snapshot, session);

	if (it->kind == SESSION_KIND_BACKEND)
		g_string_append_printf(words, "%d", it->pid);
	else
		g_string_append(words, it->gid ? it->gid : "?");
}

static void append_item(GString *words, const Planned *planned, const PlanItem *item)
{
	append_name(words, planned, item->session);
	g_string_append_printf(words, " %s", act_name(item->act));
	if (item->refusal == REFUSAL_NONE)
		g_string_append_printf(words, " %s", words_reason(item->reason));
	else
		g_string_append_printf(words, " no:%s", words_refusal(item->refusal));
	g_string_append_printf(words, " frees %u", item->frees);
	if (item->group)
		g_string_append_printf(words, " of %u with %u", item->group_frees, item->group);
	if (item->waiter != NO_SESSION) {
		g_string_append(words, " blocks ");
		append_name(words, planned, item->waiter);
	}
	if (item->held)
		g_string_append_printf(words, " holds %u", item->held->tag.objid);
	if (item->same_statement)
		g_string_append(words, " stmt");
	if (item->same_transaction)
		g_string_append(words, " xact");
	if (item->inferred)
		g_string_append(words, " inferred");
}

char *words_plan(const Planned *planned)
{
	GString *words = g_string_new(NULL);

	if (!planned->plan)
		g_string_append_printf(words, "error %d", planned->error->code);
	for (guint i = 0; planned->plan && i < plan_n_items(planned->plan); i++) {
		separate(words, ", ");
		append_item(words, planned, plan_item(planned->plan, i));
	}
	return g_string_free(words, FALSE);
}

char *words_locks(const Planned *planned, guint item)
{
	GString *words = g_string_new(NULL);
	const GArray *locks = plan_item(planned->plan, item)->locks;

	for (guint i = 0; i < locks->len; i++) {
		const Lock *lock = &g_array_index(locks, Lock, i);
		const LockTag *tag = &lock->tag;

		separate(words, ", ");
		g_string_append_printf(words, "%s %u %s%s", lock_type_name(tag->type),
		                       tag->relation ? tag->relation : tag->transaction + tag->objid,
		                       lock_mode_name(lock->mode), lock->granted ? "" : "?");
	}
	return g_string_free(words, FALSE);
}

char *words_freed(const Planned *planned)
{
	return words_sessions(planned->graph, g_array_ref(planned->plan->freed));
}

char *words_alternatives(const Planned *planned)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < planned->plan->alternatives->len; i++) {
		const PlanAlternative *way =
		    &g_array_index(planned->plan->alternatives, PlanAlternative, i);

		separate(words, ", ");
		g_string_append_printf(words, "%s %s", way->is_holder ? "holder" : "queued",
		                       act_name(way->act));
		for (guint j = 0; j < way->n_sessions; j++) {
			g_string_append_c(words, ' ');
			append_name(words, planned, way->sessions[j]);
		}
		g_string_append_printf(words, " frees %u", way->frees);
	}
	return g_string_free(words, FALSE);
}

char *words_update(const Planned *shown, const Planned *now)
{
	static const char *const changes[] = {
	    [PLAN_SAME] = "same",
	    [PLAN_GONE] = "gone",
	    [PLAN_WENT_ON] = "went_on",
	};
	GString *words = g_string_new(NULL);
	g_autoptr(GArray) updates = plan_update(shown->plan, now->graph);

	g_assert_cmpuint(updates->len, ==, plan_n_items(shown->plan));
	for (guint i = 0; i < updates->len; i++) {
		const PlanUpdate *update = &g_array_index(updates, PlanUpdate, i);

		separate(words, ", ");
		g_string_append(words, changes[update->change]);
		if (update->waiter_pid)
			g_string_append_printf(words, " %d", update->waiter_pid);
	}
	return g_string_free(words, FALSE);
}

char *words_outcome(const Outcome *outcome)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < outcome_n_items(outcome); i++) {
		separate(words, ", ");
		g_string_append(words, item_result_name(outcome_item(outcome, i)->result));
	}
	g_string_append_printf(words, "; granted %u, gave_up %u, waiting %u; next",
	                       outcome_n_waiters(outcome, WAITER_GRANTED),
	                       outcome_n_waiters(outcome, WAITER_GAVE_UP),
	                       outcome_n_waiters(outcome, WAITER_STILL_WAITING));
	for (guint i = 0; i < outcome_n_successors(outcome); i++)
		g_string_append_printf(words, " %s", outcome_successor(outcome, i));
	g_string_append_printf(words, "; exit %d", outcome_exit_code(outcome));
	return g_string_free(words, FALSE);
}
