#include "base/timestamp.h"
#include "model/incident_private.h"

/* What the present look saw: a root, or a circle, and who is behind it. */
typedef struct {
	guint root;     /* a session's index; of a circle its first member */
	GArray *circle; /* of guint: its members, borrowed as an array of our own; NULL: a root */
	GArray *behind; /* of guint */
	gint64 longest_us;
	Tracked *tracked; /* the incident that it is, or NULL */
} Jam;

struct IncidentTracker {
	char *server;
	IncidentOptions options;
	GPtrArray *tracked; /* of Tracked */
	GPtrArray *ended;   /* of Tracked: those that ended in the present look */
	GArray *events;
	guint64 look;
	gboolean has_looked;
	gint64 looked_at; /* by our own monotonic clock */
};

static Tracked *track(IncidentTracker *tracker, Incident *incident)
{
	Tracked *tracked = tracked_new(incident);

	g_ptr_array_add(tracker->tracked, tracked);
	return tracked;
}

IncidentTracker *incident_tracker_new(const char *server, const IncidentOptions *options)
{
	IncidentTracker *tracker = g_new0(IncidentTracker, 1);

	tracker->server = g_strdup(server);
	tracker->options = *options;
	tracker->tracked = g_ptr_array_new_with_free_func((GDestroyNotify) tracked_free);
	tracker->ended = g_ptr_array_new_with_free_func((GDestroyNotify) tracked_free);
	tracker->events = g_array_new(FALSE, FALSE, sizeof(IncidentEvent));
	return tracker;
}

void incident_tracker_free(IncidentTracker *tracker)
{
	if (tracker == NULL)
		return;
	g_free(tracker->server);
	g_ptr_array_unref(tracker->tracked);
	g_ptr_array_unref(tracker->ended);
	g_array_unref(tracker->events);
	g_free(tracker);
}

void incident_tracker_resume(IncidentTracker *tracker, Incident *incident)
{
	track(tracker, incident);
}

guint incident_tracker_n(const IncidentTracker *tracker)
{
	return tracker->tracked->len;
}

Incident *incident_tracker_get(const IncidentTracker *tracker, guint index)
{
	const Tracked *tracked = g_ptr_array_index(tracker->tracked, index);

	return tracked->incident;
}

Incident *incident_tracker_find(const IncidentTracker *tracker, const Session *root)
{
	for (guint i = 0; i < tracker->tracked->len; i++) {
		const Tracked *tracked = g_ptr_array_index(tracker->tracked, i);
		const Incident *incident = tracked->incident;

		if (session_facts_are_of(incident->root, root))
			return tracked->incident;
		if (incident->is_deadlock && tracked_find_waiter(tracked, root) != NULL)
			return tracked->incident;
	}
	return NULL;
}

static void emit(IncidentTracker *tracker, IncidentEventKind kind, Incident *incident)
{
	const IncidentEvent event = {.kind = kind, .incident = incident};

	g_array_append_val(tracker->events, event);
}

/* Whether any incident, one that ended just now among them, had the session in this very wait. */
static gboolean was_waiting_anywhere(const IncidentTracker *tracker, const WaitGraph *graph,
                                     guint session)
{
	GPtrArray *const both[] = {tracker->tracked, tracker->ended};

	for (guint i = 0; i < G_N_ELEMENTS(both); i++)
		for (guint j = 0; j < both[i]->len; j++)
			if (tracked_was_waiting(g_ptr_array_index(both[i], j), graph, session))
				return TRUE;
	return FALSE;
}

/* Since when it waits for this root. In a wait that was first for another one it is since now. */
static gint64 wait_for_root_since(const IncidentTracker *tracker, const WaitGraph *graph,
                                  guint session)
{
	gint64 taken_at = snapshot_taken_at(wait_graph_snapshot(graph));
	gint64 waited_us = wait_graph_waited(graph, session);

	if (waited_us == WAITED_UNKNOWN || was_waiting_anywhere(tracker, graph, session))
		return taken_at;
	return taken_at - waited_us;
}

static void jam_clear(gpointer data)
{
	Jam *jam = data;

	g_array_unref(jam->behind);
	if (jam->circle != NULL)
		g_array_unref(jam->circle);
}

/* One whose length isn't known (13) may be as long as any. */
static gint64 longest_wait(const WaitGraph *graph, const GArray *sessions)
{
	gint64 longest_us = 0;

	for (guint i = 0; i < sessions->len; i++) {
		gint64 waited_us = wait_graph_waited(graph, g_array_index(sessions, guint, i));

		longest_us = MAX(longest_us, waited_us == WAITED_UNKNOWN ? G_MAXINT64 : waited_us);
	}
	return longest_us;
}

static GArray *jams_new(const WaitGraph *graph)
{
	GArray *jams = g_array_new(FALSE, FALSE, sizeof(Jam));

	g_array_set_clear_func(jams, jam_clear);
	for (guint i = 0; i < wait_graph_n_roots(graph); i++) {
		Jam jam = {.root = wait_graph_root(graph, i)};

		jam.behind = wait_graph_behind(graph, &jam.root, 1);
		jam.longest_us = longest_wait(graph, jam.behind);
		g_array_append_val(jams, jam);
	}
	for (guint i = 0; i < wait_graph_n_cycles(graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(graph, i, &n);

		if (!wait_graph_is_deadlock(graph, i))
			continue;
		Jam jam = {.root = members[0], .behind = wait_graph_behind(graph, members, n)};
		jam.circle = g_array_new(FALSE, FALSE, sizeof(guint));
		g_array_append_vals(jam.circle, members, n);
		g_array_append_vals(jam.behind, members, n);
		jam.longest_us = longest_wait(graph, jam.behind);
		g_array_append_val(jams, jam);
	}
	return jams;
}

static gboolean is_in_circle(const Jam *jam, const WaitGraph *graph, const SessionFacts *facts)
{
	for (guint i = 0; i < jam->circle->len; i++) {
		guint member = g_array_index(jam->circle, guint, i);

		if (session_facts_are_of(facts, snapshot_session(wait_graph_snapshot(graph), member)))
			return TRUE;
	}
	return FALSE;
}

/* A root in the transaction in which it was, or whom somebody has waited for all the time. */
static gboolean goes_on(const Tracked *tracked, const Jam *jam, const WaitGraph *graph)
{
	const Session *root = snapshot_session(wait_graph_snapshot(graph), jam->root);
	const Incident *incident = tracked->incident;

	if (incident->is_deadlock != (jam->circle != NULL))
		return FALSE;
	if (jam->circle != NULL)
		return is_in_circle(jam, graph, incident->root);
	if (!session_facts_are_of(incident->root, root))
		return FALSE;
	if (session_facts_are_of_transaction(incident->root, root))
		return TRUE;
	for (guint i = 0; i < jam->behind->len; i++)
		if (tracked_was_waiting(tracked, graph, g_array_index(jam->behind, guint, i)))
			return TRUE;
	return FALSE;
}

static void match(const IncidentTracker *tracker, GArray *jams, const WaitGraph *graph)
{
	for (guint i = 0; i < tracker->tracked->len; i++) {
		Tracked *tracked = g_ptr_array_index(tracker->tracked, i);

		tracked->is_matched = FALSE;
		for (guint j = 0; j < jams->len && !tracked->is_matched; j++) {
			Jam *jam = &g_array_index(jams, Jam, j);

			if (jam->tracked == NULL && goes_on(tracked, jam, graph)) {
				jam->tracked = tracked;
				tracked->is_matched = TRUE;
			}
		}
	}
}

static void see_root(Incident *incident, const WaitGraph *graph, guint session)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	SessionFacts *root = session_facts_new(snapshot, session);

	session_facts_free(incident->root);
	incident->root = root;
}

/* The target is the one of the time when most waited; of the same one names may be learnt. */
static void see_target(Incident *incident, const WaitGraph *graph, const Jam *jam, gboolean is_peak)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	g_autoptr(LockTarget) target = NULL;
	LockMode mode = LOCK_MODE_NONE;

	if (jam->circle != NULL) {
		target = incident_wait_target(graph, jam->root);
		mode = wait_graph_wait(graph, jam->root, NULL)->mode;
	} else {
		wait_graph_append_held(graph, jam->root, held);
		if (held->len > 0) {
			const HeldTarget *most = &g_array_index(held, HeldTarget, 0);

			target =
			    lock_target_new(wait_graph_snapshot(graph), most->target.tag, most->target.row_tag);
			mode = most->mode;
		}
	}
	if (target == NULL ||
	    (incident->target != NULL && !is_peak && !lock_target_equal(incident->target, target)))
		return;
	lock_target_free(incident->target);
	incident->target = g_steal_pointer(&target);
	incident->mode = mode;
}

/* starts: since when each of those behind it waits for it (of gint64). */
static void update(IncidentTracker *tracker, Tracked *tracked, const WaitGraph *graph,
                   const Jam *jam, const GArray *starts)
{
	Incident *incident = tracked->incident;
	gint64 taken_at = snapshot_taken_at(wait_graph_snapshot(graph));
	gboolean is_peak = jam->behind->len > incident->peak_blocked;
	guint n_listed = 0;

	incident->look = tracker->look;
	see_root(incident, graph, jam->root);
	see_target(incident, graph, jam, is_peak);
	for (guint i = 0; i < jam->behind->len; i++) {
		guint session = g_array_index(jam->behind, guint, i);
		/* A wait that the last look didn't see here may have begun behind somebody else. */
		gint64 since = incident->last_seen != TIMESTAMP_NONE
		                   ? MAX(g_array_index(starts, gint64, i), incident->last_seen)
		                   : g_array_index(starts, gint64, i);

		tracked_see_waiter(tracked, tracker->look, graph, session, since);
		if (tracked_find_waiter(tracked, snapshot_session(wait_graph_snapshot(graph), session)) !=
		    NULL)
			n_listed++;
	}
	tracked_end_waits(tracked, tracker->look);
	incident->n_unlisted = MAX(incident->n_unlisted, jam->behind->len - n_listed);
	incident->last_seen = MAX(incident->last_seen, taken_at);
	incident->n_blocked = jam->behind->len;
	if (is_peak) {
		incident->peak_blocked = jam->behind->len;
		incident->peak_at = taken_at;
	}
	tracked->is_quiet = FALSE;
}

/* The look picks the incident up again. */
static void see_gap(const IncidentTracker *tracker, Incident *incident, gint64 taken_at)
{
	const IncidentGap gap = {
	    .since = incident->last_seen,
	    .until = taken_at,
	    .is_away = tracker->look == 1,
	};

	if (taken_at > incident->last_seen && incident->gaps->len < INCIDENT_MOST_GAPS)
		g_array_append_val(incident->gaps, gap);
}

/* Before any incident is changed by this look. */
static GArray *wait_starts(const IncidentTracker *tracker, const WaitGraph *graph, const Jam *jam)
{
	GArray *starts = g_array_sized_new(FALSE, FALSE, sizeof(gint64), jam->behind->len);

	for (guint i = 0; i < jam->behind->len; i++) {
		gint64 since = wait_for_root_since(tracker, graph, g_array_index(jam->behind, guint, i));
		g_array_append_val(starts, since);
	}
	return starts;
}

/* From which incident most of those behind the root came, and the root itself. */
static gint64 followed(const IncidentTracker *tracker, const WaitGraph *graph, const Jam *jam)
{
	const Session *root = snapshot_session(wait_graph_snapshot(graph), jam->root);
	guint most = 0;
	gint64 id = 0;

	for (guint i = 0; i < tracker->ended->len; i++) {
		const Tracked *ended = g_ptr_array_index(tracker->ended, i);
		const IncidentWaiter *as_waiter = tracked_find_waiter(ended, root);
		guint n = as_waiter != NULL && as_waiter->since != TIMESTAMP_NONE ? 1 : 0;

		for (guint j = 0; j < jam->behind->len; j++)
			n += tracked_was_waiting(ended, graph, g_array_index(jam->behind, guint, j)) ? 1 : 0;
		if (n > most) {
			most = n;
			id = ended->incident->id;
		}
	}
	return id;
}

static void begin(IncidentTracker *tracker, const WaitGraph *graph, const Jam *jam,
                  const GArray *starts)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	Incident *incident = incident_new(tracker->server);
	gint64 first = snapshot_taken_at(snapshot);

	for (guint i = 0; i < starts->len; i++)
		first = MIN(first, g_array_index(starts, gint64, i));
	incident->server_started_at = snapshot_server(snapshot)->started_at;
	incident->started_at = first;
	incident->is_deadlock = jam->circle != NULL;
	incident->follows = followed(tracker, graph, jam);
	update(tracker, track(tracker, incident), graph, jam, starts);
	emit(tracker, INCIDENT_BEGUN, incident);
}

/* Moves it to those that ended. */
static void end(IncidentTracker *tracker, guint index, IncidentEnd how)
{
	Tracked *tracked = g_ptr_array_steal_index(tracker->tracked, index);
	Incident *incident = tracked->incident;

	incident->end = how;
	incident->ended_at = incident->last_seen;
	incident->n_blocked = 0;
	incident->look = tracker->look;
	g_ptr_array_add(tracker->ended, tracked);
	emit(tracker, INCIDENT_ENDED, incident);
}

/* Whether a root that nobody waits for may be waited for again in a moment. */
static gboolean lingers(const IncidentTracker *tracker, Tracked *tracked, gboolean is_gap,
                        gint64 monotonic_us)
{
	if (is_gap || tracked->incident->is_deadlock)
		return FALSE;
	if (!tracked->is_quiet) {
		tracked->is_quiet = TRUE;
		tracked->quiet_since = monotonic_us;
	}
	return monotonic_us - tracked->quiet_since < tracker->options.linger_us;
}

/* INCIDENT_LASTS: not over yet. graph NULL: nothing is known but that nobody waits. */
static IncidentEnd judge(const IncidentTracker *tracker, Tracked *tracked, const WaitGraph *graph,
                         gboolean is_gap, gint64 monotonic_us)
{
	const SessionFacts *root = tracked->incident->root;
	const IncidentEnd over = is_gap ? INCIDENT_UNSEEN : INCIDENT_RELEASED;
	gboolean may_linger = graph == NULL;

	for (guint i = 0; graph != NULL && i < snapshot_n_sessions(wait_graph_snapshot(graph)); i++) {
		const Session *session = snapshot_session(wait_graph_snapshot(graph), i);

		if (!session_facts_are_of(root, session))
			continue;
		if (wait_graph_wait(graph, session->leader, NULL) != NULL &&
		    !tracked->incident->is_deadlock)
			return INCIDENT_MERGED;
		may_linger = session_facts_are_of_transaction(root, session);
		break;
	}
	return may_linger && lingers(tracker, tracked, is_gap, monotonic_us) ? INCIDENT_LASTS : over;
}

/* Of an incident that nobody waits for now, but that may go on. */
static void stay_quiet(IncidentTracker *tracker, Tracked *tracked)
{
	Incident *incident = tracked->incident;

	if (!tracked_end_waits(tracked, tracker->look))
		return;
	incident->look = tracker->look;
	incident->n_blocked = 0;
	emit(tracker, INCIDENT_CHANGED, incident);
}

static void end_unmatched(IncidentTracker *tracker, const WaitGraph *graph, gboolean is_gap,
                          gint64 monotonic_us)
{
	for (guint i = tracker->tracked->len; i > 0; i--) {
		Tracked *tracked = g_ptr_array_index(tracker->tracked, i - 1);

		if (tracked->is_matched)
			continue;
		IncidentEnd how = judge(tracker, tracked, graph, is_gap, monotonic_us);

		if (how != INCIDENT_LASTS)
			end(tracker, i - 1, how);
	}
}

static void end_after_restart(IncidentTracker *tracker, const Snapshot *snapshot)
{
	gint64 started_at = snapshot_server(snapshot)->started_at;

	for (guint i = tracker->tracked->len; i > 0; i--) {
		const Tracked *tracked = g_ptr_array_index(tracker->tracked, i - 1);

		if (tracked->incident->server_started_at != started_at)
			end(tracker, i - 1, INCIDENT_RESTARTED);
	}
}

/* Begins a look: whether a gap lies before it. */
static gboolean begin_look(IncidentTracker *tracker, gint64 monotonic_us)
{
	gboolean is_gap =
	    !tracker->has_looked || monotonic_us - tracker->looked_at > tracker->options.gap_us;

	g_array_set_size(tracker->events, 0);
	g_ptr_array_set_size(tracker->ended, 0);
	tracker->look++;
	tracker->has_looked = TRUE;
	tracker->looked_at = monotonic_us;
	return is_gap;
}

/* Waits of those that ended: only now, since until then they tell whom the next roots took over
 * from. */
static void close_ended(IncidentTracker *tracker)
{
	for (guint i = 0; i < tracker->ended->len; i++)
		tracked_end_waits(g_ptr_array_index(tracker->ended, i), tracker->look);
}

const GArray *incident_tracker_look(IncidentTracker *tracker, const WaitGraph *graph,
                                    gint64 monotonic_us)
{
	gboolean is_gap = begin_look(tracker, monotonic_us);
	g_autoptr(GArray) jams = jams_new(graph);
	g_autoptr(GPtrArray) starts = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);

	end_after_restart(tracker, wait_graph_snapshot(graph));
	match(tracker, jams, graph);
	end_unmatched(tracker, graph, is_gap, monotonic_us);
	for (guint i = 0; i < jams->len; i++)
		g_ptr_array_add(starts, wait_starts(tracker, graph, &g_array_index(jams, Jam, i)));
	guint n_before = tracker->tracked->len;

	for (guint i = 0; i < jams->len; i++) {
		const Jam *jam = &g_array_index(jams, Jam, i);

		if (jam->tracked != NULL)
			continue;
		if (jam->longest_us >= tracker->options.least_wait_us)
			begin(tracker, graph, jam, g_ptr_array_index(starts, i));
	}
	for (guint i = 0; i < jams->len; i++) {
		const Jam *jam = &g_array_index(jams, Jam, i);

		if (jam->tracked == NULL)
			continue;
		if (is_gap)
			see_gap(tracker, jam->tracked->incident, snapshot_taken_at(wait_graph_snapshot(graph)));
		update(tracker, jam->tracked, graph, jam, g_ptr_array_index(starts, i));
		emit(tracker, INCIDENT_CHANGED, jam->tracked->incident);
	}
	for (guint i = 0; i < n_before; i++) {
		Tracked *tracked = g_ptr_array_index(tracker->tracked, i);

		if (!tracked->is_matched)
			stay_quiet(tracker, tracked);
	}
	close_ended(tracker);
	return tracker->events;
}

const GArray *incident_tracker_quiet(IncidentTracker *tracker, gint64 monotonic_us)
{
	gboolean is_gap = begin_look(tracker, monotonic_us);

	for (guint i = 0; i < tracker->tracked->len; i++)
		((Tracked *) g_ptr_array_index(tracker->tracked, i))->is_matched = FALSE;
	end_unmatched(tracker, NULL, is_gap, monotonic_us);
	for (guint i = 0; i < tracker->tracked->len; i++)
		stay_quiet(tracker, g_ptr_array_index(tracker->tracked, i));
	close_ended(tracker);
	return tracker->events;
}
