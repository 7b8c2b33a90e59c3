#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "plan/plan.h"
#include "render/act_words.h"
#include "render/command.h"
#include "render/edge_index.h"
#include "render/headline.h"
#include "render/labels.h"
#include "render/lock_facts.h"
#include "render/refusal.h"
#include "render/render.h"
#include "render/replay_words.h"
#include "render/session_words.h"
#include "render/show.h"
#include "render/target.h"

enum {
	MAX_OTHERS = 5, /* of those that it blocks, and that block it */
	MAX_HELD = 5,   /* things that others wait for */
	MAX_LOCKS = 12,
	MAX_STATEMENT_LINES = 20,
};

typedef struct {
	Labels labels;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const Session *session;
	guint index;
	guint leader; /* who waits and blocks for it: itself, but for a parallel worker */
} Portrait;

static void append_headline(const Portrait *portrait)
{
	g_autofree char *prefix = g_strnfill(portrait->labels.margin, ' ');
	Line line;

	line_begin(&line, portrait->labels.out, portrait->labels.style, prefix);
	headline_append(&line, portrait->graph, portrait->index);
	line_end(&line);
}

/* ", since 2026-11-30T06:31:49.123456Z" */
static void append_since(GString *text, gint64 since)
{
	g_autofree char *time = timestamp_to_rfc3339(since);

	if (time != NULL)
		g_string_append_printf(text, ", since %s", time);
}

static void append_identity(const Portrait *portrait)
{
	const Session *session = portrait->session;
	g_autofree char *exact = session_exact_name(session);
	g_autofree char *safe = text_safe(exact);
	g_autoptr(GString) text = g_string_new(safe);

	if (session->backend_type != NULL) {
		g_string_append(text, ", ");
		text_append_safe(text, session->backend_type);
	}
	if (session->leader_pid != 0)
		g_string_append_printf(text, " of %d", session->leader_pid);
	if (session->backend_start != TIMESTAMP_NONE) {
		g_autofree char *age = age_text(portrait->snapshot, session->backend_start);

		g_string_append_printf(text, ", started %s ago", age);
		append_since(text, session->backend_start);
	}
	labels_text(&portrait->labels, "session", text->str);
}

static void append_client(const Portrait *portrait)
{
	const Session *session = portrait->session;
	g_autoptr(GString) text = g_string_new(NULL);

	if (session->client_port < 0) {
		g_string_append(text, "on a local socket");
	} else if (session->client_addr != NULL) {
		text_append_safe(text, session->client_addr);
		g_string_append_printf(text, ", port %d", session->client_port);
	}
	if (session->client_hostname != NULL) {
		g_string_append(text, " (");
		text_append_safe(text, session->client_hostname);
		g_string_append_c(text, ')');
	}
	if (text->len > 0)
		labels_text(&portrait->labels, "client", text->str);
}

static void append_pooler(const Portrait *portrait)
{
	g_autofree char *text = session_pooler_text(portrait->snapshot, portrait->session);

	if (*text != '\0')
		labels_text(&portrait->labels, "behind", text);
}

static void append_database(const Portrait *portrait)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (portrait->session->database == 0)
		return;
	target_append_database(text, portrait->snapshot, portrait->session->database);
	labels_text(&portrait->labels, "database", text->str);
}

/* What the transaction is, whatever the session does at the moment. */
static void append_transaction(const Portrait *portrait)
{
	const Session *session = portrait->session;
	g_autoptr(GString) text = g_string_new(NULL);

	if (session->kind == SESSION_KIND_PREPARED) {
		g_string_append_printf(text, "transaction %u", session->transaction);
		append_since(text, session->prepared_at);
	} else if (session->xact_start != TIMESTAMP_NONE) {
		g_autofree char *age = age_text(portrait->snapshot, session->xact_start);

		g_string_append_printf(text, "a transaction for %s", age);
		append_since(text, session->xact_start);
	} else if (session->hidden) {
		g_string_append(text, "when its transaction began is hidden");
	} else if (session_is_in_transaction(session)) {
		g_string_append(text, "a transaction");
	} else if (session->state != SESSION_STATE_UNKNOWN && !session_is_unlisted(session)) {
		g_string_append(text, "no transaction");
	}
	if (session->backend_xid != 0 && session->kind == SESSION_KIND_BACKEND)
		g_string_append_printf(text, "; it has written (transaction %u)", session->backend_xid);
	if (session->backend_xmin != 0)
		g_string_append_printf(text, "; vacuum keeps what is newer than transaction %u for it",
		                       session->backend_xmin);
	if (text->len > 0)
		labels_text(&portrait->labels, "open", text->str);
}

static void append_wait_event(const Portrait *portrait)
{
	const Session *session = portrait->session;
	g_autoptr(GString) text = g_string_new(NULL);

	if (session->wait_event == NULL || session->wait_event_type == NULL)
		return;
	text_append_safe(text, session->wait_event_type);
	g_string_append_c(text, '/');
	text_append_safe(text, session->wait_event);
	labels_text(&portrait->labels, "event", text->str);
}

static void append_wanted(const Portrait *portrait)
{
	const QueueWaiter *wait = wait_graph_wait(portrait->graph, portrait->leader, NULL);

	if (wait == NULL)
		return;
	WaitTarget target = wait_graph_target(portrait->graph, portrait->leader);
	g_autofree char *what = target_text(portrait->snapshot, target.tag, target.row_tag);
	g_autofree char *waited = waited_text(wait_graph_waited(portrait->graph, portrait->leader));
	g_autofree char *text =
	    g_strdup_printf("%s on %s, for %s now", lock_mode_name(wait->mode), what, waited);

	labels_text(&portrait->labels, "wants", text);
}

/* Sessions, a line each, below what the label says of them: that there are n_all. */
static void append_others(const Portrait *portrait, const guint *others, guint n, guint n_all)
{
	guint n_listed = MIN(n, MAX_OTHERS);

	for (guint i = 0; i < n_listed; i++) {
		Line line;

		labels_begin(&portrait->labels, &line, "");
		headline_append(&line, portrait->graph, others[i]);
		line_end(&line);
	}
	if (n_all > n_listed) {
		g_autofree char *more = g_strdup_printf("and %u more", n_all - n_listed);

		labels_text(&portrait->labels, "", more);
	}
}

static void append_blockers(const Portrait *portrait, const EdgeIndex *edges)
{
	guint n;
	const guint *blockers = edge_index_waits_for(edges, portrait->leader, &n);
	guint n_all = wait_graph_n_blockers(portrait->graph, portrait->leader);

	if (n == 0)
		return;
	g_autofree char *text =
	    count_text(n_all, "session stands in its way", "sessions stand in its way");
	labels_text(&portrait->labels, "waits", text);
	append_others(portrait, blockers, n, MAX(n, n_all));
	/* Who stands in its way may be one more victim. */
	if (plan_only_waits(portrait->graph, portrait->leader)) {
		g_autofree char *command = command_text(portrait->labels.style, "release", "--waiter",
		                                        portrait->snapshot, &portrait->leader, 1, NULL);

		labels_command(&portrait->labels, "to let it go on:", command);
	}
}

static void append_held(const Portrait *portrait)
{
	g_autoptr(GPtrArray) held = lock_held_texts(portrait->graph, portrait->leader, MAX_HELD);

	for (guint i = 0; i < held->len; i++)
		labels_text(&portrait->labels, i == 0 ? "holds" : "", g_ptr_array_index(held, i));
}

static void append_blocked(const Portrait *portrait, const EdgeIndex *edges)
{
	guint total = wait_graph_blocked_total(portrait->graph, portrait->leader);
	guint direct;
	const guint *waiters = edge_index_blocks(edges, portrait->leader, &direct);

	if (total == 0) {
		labels_text(&portrait->labels, "blocks", "nobody");
		return;
	}
	g_autofree char *sessions = count_text(total, "session", "sessions");
	g_autoptr(GString) text = g_string_new(sessions);
	if (direct < total)
		g_string_append_printf(text, ": %u directly, %u behind %s", direct, total - direct,
		                       direct == 1 ? "that one" : "those");
	labels_text(&portrait->labels, "blocks", text->str);
	append_others(portrait, waiters, direct, MAX(direct, total));
}

static void append_replay(const Portrait *portrait)
{
	g_autofree char *note = replay_note(portrait->graph, portrait->leader);

	if (note != NULL)
		labels_text(&portrait->labels, "replay", note);
}

static void append_lock(const Portrait *portrait, const Lock *lock, const char *label)
{
	guint n_waiters = shown_lock_waiters(portrait->graph, lock);
	g_autofree char *target = target_text(portrait->snapshot, &lock->tag, NULL);
	g_autofree char *mode = g_strdup_printf("%s on %s", lock_mode_name(lock->mode), target);
	Line line;

	labels_begin(&portrait->labels, &line, label);
	line_words(&line, INK_PLAIN, mode);
	if (!lock->granted) {
		line_blanks(&line, 2);
		line_piece(&line, INK_WARNING, "not granted yet");
	} else if (n_waiters > 0) {
		g_autofree char *waiting = count_text(n_waiters, "waits for it", "wait for it");
		line_blanks(&line, 2);
		line_piece(&line, INK_WARNING, waiting);
	}
	line_end(&line);
}

static void append_locks(const Portrait *portrait)
{
	g_autoptr(GArray) locks = shown_locks(portrait->graph, portrait->index);

	if (locks->len == 0)
		labels_text(&portrait->labels, "locks", "none");
	for (guint i = 0; i < MIN(locks->len, MAX_LOCKS); i++)
		append_lock(portrait, &g_array_index(locks, Lock, i), i == 0 ? "locks" : "");
	if (locks->len > MAX_LOCKS) {
		g_autofree char *more = g_strdup_printf("and %u more:", locks->len - MAX_LOCKS);
		g_autofree char *command =
		    command_text(portrait->labels.style, "locks --all-databases", "--session",
		                 portrait->snapshot, &portrait->index, 1, NULL);

		labels_command(&portrait->labels, more, command);
	}
}

/* What to type for it. */
static void append_command(Line *line, const Portrait *portrait, const ShownAct *shown)
{
	static const struct {
		const char *command;
		const char *tail;
	} commands[] = {
	    [ACT_CANCEL] = {"cancel", NULL},
	    [ACT_TERMINATE] = {"terminate", NULL},
	    [ACT_ROLLBACK_PREPARED] = {"release", "--rollback"},
	    [ACT_COMMIT_PREPARED] = {"release", "--commit"},
	};
	g_autofree char *command =
	    command_text(line->style, commands[shown->act].command, NULL, portrait->snapshot,
	                 &shown->session, 1, commands[shown->act].tail);

	line_break(line);
	line_raw(line, INK_STRONG, command);
}

static void append_act(const Portrait *portrait, const char *label, Act act)
{
	const ShownAct shown = shown_act(portrait->graph, portrait->index, act);
	Line line;

	labels_begin(&portrait->labels, &line, label);
	if (shown.refusal != REFUSAL_NONE) {
		line_words(&line, INK_BAD, "refused:");
		line_blanks(&line, 1);
		refusal_append(&line, portrait->graph, shown.session, shown.refusal);
		line_end(&line);
		return;
	}
	g_autofree char *reason = shown_act_reason(portrait->graph, &shown);
	g_autofree char *effect = shown_act_effect(portrait->graph, &shown);
	line_words(&line, shown.is_right ? INK_GOOD : INK_PLAIN,
	           shown.is_right ? "the right act, because" : "possible:");
	g_autoptr(GString) text = g_string_new(reason);
	g_string_append_printf(text, ". %s", effect);
	if (portrait->leader != portrait->index)
		g_string_append_printf(text, " It is done to the leader, %d.",
		                       snapshot_session(portrait->snapshot, portrait->leader)->pid);
	if (shown.frees > 0)
		g_string_append_printf(
		    text, " It frees %u%s.", shown.frees,
		    wait_graph_row_may_be_shared(portrait->graph, portrait->leader) ? UNLESS_SHARED : "");
	line_blanks(&line, 1);
	line_words(&line, INK_PLAIN, text->str);
	append_command(&line, portrait, &shown);
	line_end(&line);
}

static void append_privileges(const Portrait *portrait)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(portrait->snapshot));
	const struct {
		gboolean has;
		const char *name;
	} rows[] = {
	    {own->is_superuser, "superuser"},
	    {own->has_read_all_stats && !own->is_superuser, "pg_read_all_stats"},
	    {own->has_signal_backend && !own->is_superuser, "pg_signal_backend"},
	    {own->has_signal_autovacuum_worker && !own->is_superuser, "pg_signal_autovacuum_worker"},
	};
	g_autoptr(GString) text = g_string_new("role ");
	const char *separator = ", with ";

	text_append_safe(text, snapshot_server(portrait->snapshot)->user);
	if (!own->known) {
		g_string_append(text, "; what it may do couldn't be read");
	} else {
		gsize before = text->len;

		for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
			if (!rows[i].has)
				continue;
			g_string_append_printf(text, "%s%s", separator, rows[i].name);
			separator = ", ";
		}
		if (text->len == before)
			g_string_append(text, ", without pg_read_all_stats and pg_signal_backend");
	}
	labels_text(&portrait->labels, "you are", text->str);
}

void render_show_text(GString *out, const WaitGraph *graph, guint session, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	const Portrait portrait = {
	    .labels = labels_new(out, &readable),
	    .graph = graph,
	    .snapshot = snapshot,
	    .session = snapshot_session(snapshot, session),
	    .index = session,
	    .leader = snapshot_session(snapshot, session)->leader,
	};
	gboolean is_prepared = portrait.session->kind == SESSION_KIND_PREPARED;

	append_headline(&portrait);
	append_identity(&portrait);
	append_client(&portrait);
	append_pooler(&portrait);
	append_database(&portrait);
	append_transaction(&portrait);
	labels_session_statement(&portrait.labels, portrait.session, MAX_STATEMENT_LINES);
	append_wait_event(&portrait);
	append_wanted(&portrait);
	append_blockers(&portrait, edges);
	append_held(&portrait);
	append_blocked(&portrait, edges);
	append_replay(&portrait);
	append_locks(&portrait);
	if (is_prepared) {
		append_act(&portrait, "rollback", ACT_ROLLBACK_PREPARED);
		append_act(&portrait, "commit", ACT_COMMIT_PREPARED);
	} else {
		append_act(&portrait, "cancel", ACT_CANCEL);
		append_act(&portrait, "terminate", ACT_TERMINATE);
	}
	append_privileges(&portrait);
}
