#include "guard/explain.h"

#include "base/duration.h"
#include "base/error.h"
#include "guard/judge.h"
#include "guard/places.h"
#include "guard/rule_plan.h"
#include "guard/tools.h"
#include "pg/arrival.h"
#include "pg/connection.h"
#include "pg/look.h"
#include "render/guard_hint.h"
#include "render/render.h"
#include "render/role_words.h"

#define TIMEOUT_US (10 * DURATION_SECOND)

typedef struct {
	Explain *explain;
	const PolicyServer *server;
	PgConnecting *connecting; /* under way, or NULL */
	PgConnection *connection;
	GArray *judged;      /* of Judged; NULL: it couldn't be seen */
	GPtrArray *refusals; /* of char *, one each; NULL for none */
} Place;

struct Explain {
	const Policy *policy;
	guint second_of_day;
	GPtrArray *places; /* of Place */
	Places *arrived;
	guint n_pending;
	guint n_seen;
	GArray *sessions;
	GPtrArray *warnings;
	GError *failure; /* the first; when nothing was seen, of all */
	gboolean *done;
};

static void place_free(gpointer data)
{
	Place *place = data;

	pg_connecting_abandon(place->connecting);
	pg_connection_free(place->connection);
	g_clear_pointer(&place->judged, g_array_unref);
	g_ptr_array_unref(place->refusals);
	g_free(place);
}

static void gather(Explain *explain)
{
	for (guint i = 0; i < explain->places->len; i++) {
		const Place *place = g_ptr_array_index(explain->places, i);

		for (guint j = 0; place->judged != NULL && j < place->judged->len; j++) {
			const Judged *judged = &g_array_index(place->judged, Judged, j);
			const ExplainedSession session = {
			    .judged =
			        {
			            .server = place->server->name,
			            .blocker = judged->blocker,
			            .now = judged->blocker->taken_at,
			            .second_of_day = explain->second_of_day,
			        },
			    .refusal = g_ptr_array_index(place->refusals, j),
			};

			g_array_append_val(explain->sessions, session);
		}
	}
}

/* No server could be seen: each is named, with what it said, and the first one's hint. */
static void join_failures(Explain *explain)
{
	GError *first = explain->failure;
	g_autofree char *hint = render_guard_hint(error_hint(first));

	g_ptr_array_add(explain->warnings, NULL);
	g_autofree char *all = g_strjoinv("; ", (char **) explain->warnings->pdata);

	explain->failure = NULL;
	error_set(&explain->failure, (PgunlockError) first->code, "%s", all);
	if (hint != NULL)
		error_set_hint(&explain->failure, "%s", hint);
	g_error_free(first);
	g_ptr_array_set_size(explain->warnings, (int) explain->warnings->len - 1);
}

static void warn(const Place *place, const char *text)
{
	g_ptr_array_add(place->explain->warnings, g_strdup_printf("%s: %s", place->server->name, text));
}

static void place_done(Place *place)
{
	Explain *explain = place->explain;

	explain->n_pending--;
	if (explain->n_pending > 0)
		return;
	if (explain->n_seen == 0)
		join_failures(explain);
	gather(explain);
	*explain->done = TRUE;
}

/* Takes the error. */
static void place_failed(Place *place, GError *error)
{
	Explain *explain = place->explain;

	warn(place, error->message);
	if (explain->failure == NULL)
		explain->failure = error;
	else
		g_error_free(error);
	place_done(place);
}

/* What stands between the verdict and the act: NULL for nothing. Free with g_free. */
static char *refusal_of(const WaitGraph *graph, const Judged *judged)
{
	g_autofree char *grant = NULL;
	g_autoptr(GError) error = NULL;

	if (!judged_acts(judged))
		return NULL;
	g_autoptr(Plan) plan = rule_plan_new(graph, judged, &error);

	if (plan == NULL)
		return g_strdup(error != NULL ? error->message : "there is nothing to do");
	return plan_item(plan, 0)->refusal != REFUSAL_NONE ? render_refusal(plan, 0, &grant) : NULL;
}

static void warn_of_role(const Place *place, const Snapshot *snapshot)
{
	const ServerRole role = {
	    .server = place->server->name,
	    .user = snapshot_server(snapshot)->user,
	    .version_num = snapshot_server(snapshot)->version_num,
	    .own = *privileges_own(snapshot_privileges(snapshot)),
	};
	g_autoptr(GPtrArray) lacks = role_lacks_words(place->explain->policy, &role);

	for (guint i = 0; i < lacks->len; i++)
		warn(place, g_ptr_array_index(lacks, i));
}

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Place *place = user_data;
	g_autoptr(Snapshot) seen = snapshot;
	const JudgeContext context = {
	    .policy = place->explain->policy,
	    .server = place->server->name,
	    .second_of_day = place->explain->second_of_day,
	};

	if (error != NULL) {
		place_failed(place, error);
		return;
	}
	g_autoptr(WaitGraph) graph = wait_graph_new(seen);

	place->judged = judge_look(&context, graph);
	for (guint i = 0; i < place->judged->len; i++)
		g_ptr_array_add(place->refusals,
		                refusal_of(graph, &g_array_index(place->judged, Judged, i)));
	warn_of_role(place, seen);
	for (guint i = 0; i < snapshot_n_warnings(seen); i++)
		warn(place, snapshot_warning(seen, i));
	place->explain->n_seen++;
	place_done(place);
}

static void on_arrival(const PgArrival *arrival, GError *error, gpointer user_data)
{
	Place *place = user_data;
	Places *arrived = place->explain->arrived;
	const ServerInfo *server = pg_connection_server(place->connection);
	const LookOptions options = {
	    .names = TRUE,
	    .ancestors = TRUE,
	    .other_names = TRUE,
	    .privileges = TRUE,
	    .timeout_us = TIMEOUT_US,
	};

	/* The look says the same of it. */
	g_clear_error(&error);
	places_arrive(arrived, place->server->name, arrival->cluster, server->started_at,
	              server->own_pid, server->database);
	const char *twin = places_twin(arrived, place->server->name);

	if (twin != NULL) {
		g_autofree char *words =
		    render_twin_words(twin, places_database(arrived, twin), server->database);

		warn(place, words);
	}
	pg_look(place->connection, &options, on_look, place);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Place *place = user_data;

	place->connecting = NULL;
	if (error != NULL) {
		place_failed(place, error);
		return;
	}
	place->connection = connection;
	pg_read_arrival(connection, TIMEOUT_US, on_arrival, place);
}

Explain *explain_new(const Policy *policy, gboolean *done)
{
	Explain *explain = g_new0(Explain, 1);

	explain->policy = policy;
	explain->second_of_day = tools_second_of_day();
	explain->arrived = places_new();
	explain->places = g_ptr_array_new_with_free_func(place_free);
	explain->sessions = g_array_new(FALSE, FALSE, sizeof(ExplainedSession));
	explain->warnings = g_ptr_array_new_with_free_func(g_free);
	explain->n_pending = policy_n_servers(policy);
	explain->done = done;
	for (guint i = 0; i < policy_n_servers(policy); i++) {
		Place *place = g_new0(Place, 1);
		g_autoptr(PgTarget) target = pg_target_new();

		place->explain = explain;
		place->server = policy_server(policy, i);
		place->refusals = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(explain->places, place);
		pg_target_set(target, "dbname", place->server->conninfo);
		place->connecting = pg_connect(NULL, target, TIMEOUT_US, TIMEOUT_US, on_connect, place);
	}
	return explain;
}

void explain_free(Explain *explain)
{
	if (explain == NULL)
		return;
	g_ptr_array_unref(explain->places);
	places_free(explain->arrived);
	g_array_unref(explain->sessions);
	g_ptr_array_unref(explain->warnings);
	g_clear_error(&explain->failure);
	g_free(explain);
}

const GArray *explain_sessions(const Explain *explain)
{
	return explain->sessions;
}

const GPtrArray *explain_warnings(const Explain *explain)
{
	return explain->warnings;
}

const GError *explain_failure(const Explain *explain)
{
	return explain->n_seen == 0 ? explain->failure : NULL;
}
