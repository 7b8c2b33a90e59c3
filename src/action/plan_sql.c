#include "action/execute.h"
#include "action/request.h"
#include "base/sql_ident.h"

gint32 planned_waiter_pid(const Plan *plan, const PlanItem *item)
{
	return plan_waiter_pid(wait_graph_snapshot(plan->graph), item->waiter);
}

SignalRequest signal_request_of(const Plan *plan, const PlanItem *item, gint32 waiter_pid)
{
	const Session *session = snapshot_session(wait_graph_snapshot(plan->graph), item->session);

	return (SignalRequest){
	    .kind = item->act == ACT_CANCEL ? SIGNAL_CANCEL : SIGNAL_TERMINATE,
	    .pid = session->pid,
	    .backend_start = session->backend_start,
	    .same_statement = item->same_statement,
	    .query_start = session->query_start,
	    .same_transaction = item->same_transaction,
	    .state = session->state_text,
	    .xact_start = session->xact_start,
	    .waiter_pid = waiter_pid,
	    .held = item->held ? &item->held->tag : NULL,
	};
}

/* A prepared transaction can be ended in its own database only. */
static void append_database(GString *sql, const Plan *plan, const Session *session)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	if (session->database == snapshot_server(snapshot)->database_oid)
		return;
	g_string_append(sql, "-- in database ");
	sql_ident_append(sql, snapshot_database_name(snapshot, session->database));
	g_string_append(sql, ":\n");
}

char *plan_to_sql(const Plan *plan)
{
	GString *sql = g_string_new(NULL);

	for (guint i = 0; i < plan_n_items(plan); i++) {
		const PlanItem *item = plan_item(plan, i);
		const Session *session = snapshot_session(wait_graph_snapshot(plan->graph), item->session);
		g_autofree char *statement = NULL;

		if (item->refusal != REFUSAL_NONE)
			continue;
		if (session->kind == SESSION_KIND_PREPARED) {
			append_database(sql, plan, session);
			statement =
			    pg_finish_prepared_sql(session->gid_bytes, item->act == ACT_COMMIT_PREPARED);
		} else {
			SignalRequest request = signal_request_of(plan, item, planned_waiter_pid(plan, item));

			statement = pg_signal_sql(&request);
		}
		g_string_append_printf(sql, "%s\n", statement);
	}
	/* A script that runs it should not wonder at an empty file. */
	if (sql->len == 0)
		g_string_append(sql, plan_n_items(plan) > 0 ? "-- nothing may be done: all is refused\n"
		                                            : "-- nothing to do\n");
	return g_string_free(sql, FALSE);
}
