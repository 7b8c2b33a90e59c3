#include "guard/tools.h"

#include "render/render.h"

guint tools_tell(const GuardTools *tools, const Rule *rule, const Notice *notice)
{
	g_autoptr(GPtrArray) targets = g_ptr_array_new();
	Notice placed = *notice;

	for (guint i = 0; i < policy_n_notify(tools->policy); i++) {
		const PolicyNotify *target = policy_notify(tools->policy, i);

		if (policy_tells(rule, target))
			g_ptr_array_add(targets, target->name);
	}
	if (tools->history != NULL)
		placed.history = history_path(tools->history);
	notifier_send(tools->notifier, &placed, (const char *const *) targets->pdata, targets->len);
	return targets->len;
}

NoticeSession tools_notice_session(const Blocker *blocker)
{
	return (NoticeSession){
	    .pid = blocker->pid,
	    .backend_start = blocker->backend_start,
	    .gid = blocker->gid,
	    .gid_bytes = blocker->gid_bytes,
	    .transaction = blocker->transaction,
	    .user = blocker->user,
	    .database = blocker->database,
	    .application_name = blocker->application,
	    .client_addr = blocker->client_addr,
	    .backend_type = blocker->backend_type,
	    .state = blocker->state,
	    .state_since = blocker->is_idle == ANSWER_YES ? blocker->idle_since : TIMESTAMP_NONE,
	    .xact_start = blocker->transaction_since,
	    .query = blocker->statement,
	};
}

char *tools_target(const Snapshot *snapshot, const Blocker *blocker)
{
	if (blocker->n_targets == 0)
		return NULL;
	const BlockerTarget *most = &blocker->targets[0];
	GString *text = g_string_new(NULL);

	render_target(text, snapshot, &most->tag, most->has_row ? &most->row_tag : NULL);
	return g_string_free(text, text->len == 0);
}

guint tools_second_of_day(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();

	return (guint) (g_date_time_get_hour(now) * 3600 + g_date_time_get_minute(now) * 60 +
	                g_date_time_get_second(now));
}
