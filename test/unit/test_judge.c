#include "base/duration.h"
#include "base/timestamp.h"
#include "guard/judge.h"
#include "guard/told.h"
#include "policy/replay.h"
#include "scene.h"

#include <string.h>

/* Whom the policy is asked about, what may be said again, and what a policy would have done. */

#define TABLE 500

static Policy *policy_of(const char *rules)
{
	g_autofree char *text = g_strconcat("[guard]\ndry_run = false\n[server main]\n"
	                                    "conninfo = service=main\n",
	                                    rules, NULL);
	g_autoptr(GError) error = NULL;
	Policy *policy = policy_parse(text, strlen(text), "policy", &error);

	g_assert_no_error(error);
	return policy;
}

/* "root 100 yes any, queued 102 no": who, as what, the answer, the rule. */
static char *words(const GArray *judged)
{
	static const char *const kinds[] = {"root", "queued", "bystander"};
	static const char *const answers[] = {"no", "unknown", "yes"};
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < judged->len; i++) {
		const Judged *one = &g_array_index(judged, Judged, i);

		g_string_append_printf(text, "%s%s %d %s", i > 0 ? ", " : "", kinds[one->as],
		                       one->blocker->pid, answers[one->verdict.answer]);
		if (one->verdict.rule != NULL)
			g_string_append_printf(text, " %s", one->verdict.rule->name);
	}
	return g_string_free(text, FALSE);
}

static void assert_judged(Scene *scene, const char *rules, const char *expected)
{
	g_autoptr(Snapshot) snapshot = scene_end(scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Policy) policy = policy_of(rules);
	const JudgeContext context = {.policy = policy, .server = "main"};
	g_autoptr(GArray) judged = judge_look(&context, graph);
	g_autofree char *found = words(judged);

	g_assert_cmpstr(found, ==, expected);
}

#define ANY "[rule any]\naction = terminate\nblocked_for = 1s\n"

static void test_victims_are_not_asked_about(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 5);
	assert_judged(&scene, ANY, "root 100 yes any");
}

/* 101 holds another row that 104 waits for: a victim all the same. */
static void test_victims_that_hold_something(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	scene_lock(&scene, 101, tag_transaction(801), "ExclusiveLock", GRANTED);
	scene_running(&scene, 104);
	scene_lock(&scene, 104, tag_transaction(801), "ShareLock", 30);
	assert_judged(&scene, ANY, "root 100 yes any");
}

static void test_queued_ddl(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 20);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(TABLE), "AccessShareLock", 10);
	assert_judged(&scene, ANY, "root 100 yes any, queued 101 yes any");
}

/* Behind an exclusive holder the next in the queue keeps nobody by itself. */
static void test_queued_that_frees_nobody(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 20);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(TABLE), "ShareLock", 10);
	assert_judged(&scene, ANY, "root 100 yes any");
}

static void test_bystanders(void)
{
	static const char *const rules =
	    "[rule leak]\naction = terminate\nstate = idle in transaction\n"
	    "idle_for = 1s\neven_if_not_blocking = true\n";
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 1);
	scene_idle(&scene, 200);
	assert_judged(&scene, ANY, "root 100 yes any");
	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 1);
	scene_idle(&scene, 200);
	assert_judged(&scene, rules, "root 100 yes leak, bystander 200 yes leak");
}

/* The server's own processes have no state, and mostly no transaction; and a hidden one is a client
 * only if it is logged in somewhere. */
static void test_bystanders_that_cannot_be_meant(void)
{
	static const char *const rules = "[rule forgotten]\naction = terminate\nidle_for = 10m\n"
	                                 "even_if_not_blocking = true\n";
	Session hidden = scene_blank_session(303);
	Scene scene;

	scene_begin(&scene, 150000);
	scene_worker(&scene, 300, "logical replication launcher", 0);
	scene_worker(&scene, 301, "checkpointer", 0);
	scene_worker(&scene, 302, "walsender", 0);
	hidden.hidden = TRUE;
	hidden.backend_type = NULL;
	hidden.user = hidden.database = 0;
	snapshot_builder_add_session(scene.builder, &hidden);
	hidden.pid = 304;
	hidden.user = SCENE_USER;
	hidden.database = SCENE_DATABASE;
	snapshot_builder_add_session(scene.builder, &hidden);
	scene_session(&scene, 305, "idle", -1, 3600, "SELECT 1");
	assert_judged(&scene, rules, "bystander 304 unknown forgotten, bystander 305 yes forgotten");
}

/* What becomes true by the mere passing of time is noticed without a look. */
static void test_again(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 1);
	g_autoptr(Snapshot) snapshot = scene_end(&scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Policy) policy = policy_of("[rule any]\naction = terminate\nblocked_for = 1h\n");
	const JudgeContext context = {.policy = policy, .server = "main"};
	g_autoptr(GArray) judged = judge_look(&context, graph);

	g_assert_false(judged_acts(&g_array_index(judged, Judged, 0)));
	g_assert_false(judge_again(&context, judged, SCENE_NOW + DURATION_SECOND));
	g_assert_true(judge_again(&context, judged, SCENE_NOW + DURATION_HOUR));
	g_assert_true(judged_acts(&g_array_index(judged, Judged, 0)));
	g_assert_false(judge_again(&context, judged, SCENE_NOW + DURATION_HOUR));
}

/* A look at a table that 100 holds, which 101 and others wait for; later 101 holds it. at: seconds.
 */
typedef struct {
	gint64 at;
	gboolean is_handed_over;
	int version;
} Queue;

static Snapshot *look_at_queue(const Queue *queue)
{
	gint32 holder = queue->is_handed_over ? 101 : 100;
	Scene scene;

	scene_begin(&scene, queue->version);
	/* the scene's times are counted back from the look */
	if (!queue->is_handed_over)
		scene_idle(&scene, 100);
	scene_lock(&scene, holder, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	for (gint32 pid = 101; pid <= 103; pid++) {
		scene_running(&scene, pid);
		if (pid == holder)
			continue;
		if (queue->version < 140000)
			scene_undated_wait(&scene, pid, tag_relation(TABLE), "AccessExclusiveLock");
		else
			scene_lock(&scene, pid, tag_relation(TABLE), "AccessExclusiveLock",
			           30 + (double) queue->at);
	}
	return scene_end(&scene);
}

/* What is said of it, the looks so far taken into account; the scene's clock stands, so later looks
 * are made by moving what was seen into the past. */
static void test_seen_without_times(void)
{
	const Queue queue = {.version = 130000};
	g_autoptr(Seen) seen = seen_new();
	g_autoptr(Snapshot) snapshot = look_at_queue(&queue);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Blocker) before = NULL;
	g_autoptr(Blocker) after = NULL;

	before = seen_blocker(seen, graph, scene_find(snapshot, 100));
	g_assert_cmpint(before->blocked_since, ==, SCENE_NOW);
	seen_look(seen, graph);
	after = seen_blocker(seen, graph, scene_find(snapshot, 100));
	g_assert_cmpint(after->blocked_since, ==, SCENE_NOW);
	g_assert_true(after->blocked_since_is_seen);
	g_assert_true(seen_for(seen, graph, scene_find(snapshot, 100), 0));
	g_assert_false(seen_for(seen, graph, scene_find(snapshot, 100), 1));
}

/* Who got the lock a moment ago has blocked nobody for longer, however long they have waited. */
static void test_victims_that_move_on(void)
{
	const Queue before = {.version = 150000};
	const Queue after = {.version = 150000, .is_handed_over = TRUE};
	g_autoptr(Seen) seen = seen_new();
	g_autoptr(Policy) policy = policy_of(ANY);
	const JudgeContext context = {.policy = policy, .server = "main", .seen = seen};
	g_autoptr(Snapshot) first = look_at_queue(&before);
	g_autoptr(WaitGraph) first_graph = wait_graph_new(first);
	g_autoptr(Snapshot) second = look_at_queue(&after);
	g_autoptr(WaitGraph) second_graph = wait_graph_new(second);

	seen_look(seen, first_graph);
	g_autoptr(GArray) judged = judge_look(&context, first_graph);
	const Judged *one = &g_array_index(judged, Judged, 0);

	/* seen only now: it may be about to pass */
	g_assert_true(judged_acts(one) && one->is_fresh && judge_has_doubts(judged));
	g_assert_cmpint(one->blocker->pid, ==, 100);
	seen_look(seen, second_graph);
	g_autoptr(GArray) later = judge_look(&context, second_graph);

	one = &g_array_index(later, Judged, 0);
	g_assert_cmpint(one->blocker->pid, ==, 101);
	g_assert_cmpint(one->blocker->blocked_since, ==, SCENE_NOW);
	g_assert_false(judged_acts(one));
	g_assert_false(judge_has_doubts(later));
}

static void test_told(void)
{
	g_autoptr(Told) told = told_new();
	g_autoptr(Blocker) blocker = blocker_new_empty();
	g_autoptr(Blocker) other = blocker_new_empty();

	blocker->pid = 100;
	other->pid = 100;
	other->transaction_since = 7;
	g_assert_true(told_once(told, blocker, "any", "refused"));
	g_assert_false(told_once(told, blocker, "any", "refused"));
	g_assert_true(told_already(told, blocker, "any", "refused"));
	g_assert_false(told_already(told, blocker, "another", "refused"));
	g_assert_true(told_once(told, blocker, "another", "refused"));
	g_assert_true(told_once(told, blocker, "any", "limited"));
	g_assert_true(told_once(told, other, "any", "refused"));
	g_assert_true(told_session_once(told, blocker, "any", "unknown"));
	g_assert_false(told_session_once(told, other, "any", "unknown"));
	told_end_look(told);
	g_assert_false(told_once(told, blocker, "any", "refused"));
	told_end_look(told);
	told_end_look(told);
	g_assert_true(told_once(told, blocker, "any", "refused"));
}

static Blocker *recorded(gint32 pid, gint64 blocked_since, guint n)
{
	Blocker *blocker = blocker_new_empty();

	blocker->pid = pid;
	blocker->backend_start = 1;
	blocker->type = BACKEND_TYPE_CLIENT;
	blocker->backend_type = "client backend";
	blocker->user = "app_rw";
	blocker->application = "login-service";
	blocker->state = "idle in transaction";
	blocker->statement = "UPDATE login_sessions";
	blocker->database = "app";
	blocker->blocked_total = n;
	blocker->blocked_since = blocked_since;
	blocker->is_root = TRUE;
	return blocker;
}

static const Replayed *replayed_at(const Replay *replay, guint index)
{
	return g_ptr_array_index(replay_result(replay), index);
}

static void test_replay(void)
{
	g_autoptr(Policy) policy = policy_of("[rule any]\naction = terminate\nblocked_for = 10s\n"
	                                     "limit = 1/10m\n");
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(Replay) replay = replay_new(policy, utc);
	g_autoptr(Blocker) first = recorded(100, 0, 3);
	g_autoptr(Blocker) second = recorded(200, 0, 1);
	const Blocker *both[] = {first, second};

	for (gint64 second_now = 1; second_now <= 30; second_now++)
		replay_sample(replay, "main", second_now * DURATION_SECOND, both, second_now < 5 ? 1 : 2);
	replay_sample(replay, "main", 31 * DURATION_SECOND, NULL, 0);
	g_assert_cmpuint(replay_result(replay)->len, ==, 2);
	g_assert_cmpint(replayed_at(replay, 0)->kind, ==, REPLAYED_ACT);
	g_assert_cmpstr(replayed_at(replay, 0)->session, ==, "pid:100");
	g_assert_cmpint(replayed_at(replay, 0)->at, ==, 10 * DURATION_SECOND);
	g_assert_cmpint(replayed_at(replay, 0)->saved_us, ==, 3 * 21 * DURATION_SECOND);
	g_assert_cmpint(replayed_at(replay, 1)->kind, ==, REPLAYED_LIMITED);
	g_assert_cmpint(replayed_at(replay, 1)->limits, ==, LIMITS_RULE);
	g_assert_cmpint(replayed_at(replay, 1)->saved_us, ==, 0);
}

/* A limit that is used up for a while, and a time that no calendar has. */
static void test_replay_limit_ends(void)
{
	g_autoptr(Policy) policy = policy_of("[rule any]\naction = terminate\nblocked_for = 1s\n"
	                                     "limit = 1/15s\ncooldown = 0\nhours = 00:00-24:00\n");
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(Replay) replay = replay_new(policy, utc);
	g_autoptr(Blocker) first = recorded(100, 0, 3);
	g_autoptr(Blocker) second = recorded(200, 0, 1);
	const Blocker *both[] = {first, second};
	static const ReplayedKind kinds[] = {REPLAYED_ACT, REPLAYED_LIMITED, REPLAYED_ACT};

	for (gint64 now = 1; now <= 30; now++)
		replay_sample(replay, "main", now * DURATION_SECOND, both, 2);
	g_assert_cmpuint(replay_result(replay)->len, ==, G_N_ELEMENTS(kinds));
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_assert_cmpint(replayed_at(replay, i)->kind, ==, kinds[i]);
	g_assert_cmpint(replayed_at(replay, 2)->at, ==, 16 * DURATION_SECOND);
	g_assert_cmpint(replayed_at(replay, 2)->saved_us, ==, 14 * DURATION_SECOND);
	replay_sample(replay, "other", G_MAXINT64, both, 1);
	replay_free(NULL);
}

/* What the plan would refuse saves nothing. */
static void test_replay_refused(void)
{
	static const struct {
		const char *action;
		SessionKind kind;
		BackendType type;
		SessionState state;
		ActRefusal refusal;
	} cases[] = {
	    {"cancel", SESSION_KIND_BACKEND, BACKEND_TYPE_CLIENT, SESSION_STATE_IDLE_IN_TRANSACTION,
	     REFUSAL_CANCEL_IDLE},
	    {"cancel", SESSION_KIND_BACKEND, BACKEND_TYPE_CLIENT, SESSION_STATE_ACTIVE, REFUSAL_NONE},
	    {"release", SESSION_KIND_BACKEND, BACKEND_TYPE_CLIENT, SESSION_STATE_IDLE_IN_TRANSACTION,
	     REFUSAL_NONE},
	    {"terminate", SESSION_KIND_BACKEND, BACKEND_TYPE_WALSENDER, SESSION_STATE_ACTIVE,
	     REFUSAL_WALSENDER},
	    {"terminate", SESSION_KIND_BACKEND, BACKEND_TYPE_STARTUP, SESSION_STATE_UNKNOWN,
	     REFUSAL_STARTUP},
	    {"terminate", SESSION_KIND_BACKEND, BACKEND_TYPE_SYSTEM, SESSION_STATE_UNKNOWN,
	     REFUSAL_SYSTEM_PROCESS},
	    {"rollback_prepared", SESSION_KIND_PREPARED, BACKEND_TYPE_UNKNOWN, SESSION_STATE_UNKNOWN,
	     REFUSAL_NONE},
	    {"release", SESSION_KIND_PREPARED, BACKEND_TYPE_UNKNOWN, SESSION_STATE_UNKNOWN,
	     REFUSAL_PREPARED},
	};
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *rules =
		    g_strdup_printf("[rule any]\nblocked_for = 1s\naction = %s\n", cases[i].action);
		g_autoptr(Policy) policy = policy_of(rules);
		g_autoptr(Replay) replay = replay_new(policy, utc);
		g_autoptr(Blocker) blocker = recorded(100, 0, 3);
		const Blocker *one[] = {blocker};
		gboolean is_done = cases[i].refusal == REFUSAL_NONE;

		g_test_message("case %u", i);
		blocker->kind = cases[i].kind;
		blocker->type = cases[i].type;
		blocker->session_state = cases[i].state;
		for (gint64 second = 1; second <= 5; second++)
			replay_sample(replay, "main", second * DURATION_SECOND, one, 1);
		g_assert_cmpuint(replay_result(replay)->len, ==, 1);
		g_assert_cmpint(replayed_at(replay, 0)->kind, ==,
		                is_done ? REPLAYED_ACT : REPLAYED_REFUSED);
		g_assert_cmpint(replayed_at(replay, 0)->refusal, ==, cases[i].refusal);
		g_assert_cmpint(replayed_at(replay, 0)->saved_us, ==, is_done ? 12 * DURATION_SECOND : 0);
	}
}

static void test_replay_unknown(void)
{
	g_autoptr(Policy) policy = policy_of("[rule protects]\nuser = dba\naction = none\n" ANY);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(Replay) replay = replay_new(policy, utc);
	g_autoptr(Blocker) blocker = recorded(100, 0, 3);
	const Blocker *one[] = {blocker};

	blocker->user = NULL;
	for (gint64 second = 1; second <= 5; second++)
		replay_sample(replay, "main", second * DURATION_SECOND, one, 1);
	g_assert_cmpuint(replay_result(replay)->len, ==, 1);
	g_assert_cmpint(replayed_at(replay, 0)->kind, ==, REPLAYED_UNKNOWN);
	g_assert_cmpint(replayed_at(replay, 0)->unknown, ==, RULE_USER);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/judge/victims", test_victims_are_not_asked_about);
	g_test_add_func("/judge/victims-that-hold", test_victims_that_hold_something);
	g_test_add_func("/judge/queued-ddl", test_queued_ddl);
	g_test_add_func("/judge/queued-in-vain", test_queued_that_frees_nobody);
	g_test_add_func("/judge/bystanders", test_bystanders);
	g_test_add_func("/judge/bystanders-not-meant", test_bystanders_that_cannot_be_meant);
	g_test_add_func("/judge/again", test_again);
	g_test_add_func("/judge/seen-without-times", test_seen_without_times);
	g_test_add_func("/judge/victims-that-move-on", test_victims_that_move_on);
	g_test_add_func("/judge/told", test_told);
	g_test_add_func("/judge/replay", test_replay);
	g_test_add_func("/judge/replay-limit-ends", test_replay_limit_ends);
	g_test_add_func("/judge/replay-refused", test_replay_refused);
	g_test_add_func("/judge/replay-unknown", test_replay_unknown);
	return g_test_run();
}
