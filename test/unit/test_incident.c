#include "projector.h"

#include "base/timestamp.h"

#include <string.h>

/* From the first wait to the last. */
static void test_course(void)
{
	g_auto(Projector) film = projector_new(0);

	g_assert_cmpstr(projector_look(&film, 9, "100 tx@1 idle holds=500"), ==, "");
	g_assert_cmpstr(projector_look(&film, 12, "100 tx@1 idle holds=500; 101 tx@10 waits=500@10"),
	                ==, "begun 1");
	const Incident *incident = projector_only(&film);

	g_assert_cmpstr(incident->server, ==, "main");
	g_assert_cmpint(incident->root->pid, ==, 100);
	g_assert_cmpstr(incident->root->user, ==, "app_rw");
	g_assert_cmpstr(incident->root->state, ==, "idle in transaction");
	g_assert_cmpint(incident->started_at, ==, FILM_AT(10));
	g_assert_cmpint(incident->last_seen, ==, FILM_AT(12));
	g_assert_cmpint(incident->ended_at, ==, TIMESTAMP_NONE);
	g_assert_cmpint(incident->end, ==, INCIDENT_LASTS);
	g_assert_null(incident_end_name(incident->end));
	g_assert_cmpstr(incident->target->relation, ==, "table_500");
	g_assert_cmpint(incident->mode, ==, LOCK_MODE_ACCESS_EXCLUSIVE);
	assert_seconds(incident->waited_us, 2);
	g_assert_cmpint(incident->follows, ==, 0);

	g_assert_cmpstr(
	    projector_look(&film, 14,
	                   "100 tx@1 idle holds=500; 101 tx@10 waits=500@10; 102 waits=500@13;"
	                   "103 waits=500@13.5"),
	    ==, "changed 1");
	g_assert_cmpuint(incident->n_blocked, ==, 3);
	g_assert_cmpuint(incident->peak_blocked, ==, 3);
	g_assert_cmpint(incident->peak_at, ==, FILM_AT(14));
	assert_seconds(incident->waited_us, 4 + 1 + 0.5);
	assert_seconds(incident->longest_wait_us, 4);

	g_assert_cmpstr(projector_look(&film, 15, "100 tx@1 idle holds=500; 102 waits=500@13"), ==,
	                "changed 1");
	g_assert_cmpuint(incident->n_blocked, ==, 1);
	g_assert_cmpuint(incident->peak_blocked, ==, 3);
	g_assert_cmpuint(incident->waiters->len, ==, 3);
	g_assert_cmpint(incident_waiter(incident, 0)->since, ==, TIMESTAMP_NONE);
	assert_seconds(incident_waiter(incident, 0)->waited_us, 4);
	g_assert_cmpint(incident_waiter(incident, 0)->last_seen, ==, FILM_AT(14));
	g_assert_cmpint(incident_waiter(incident, 1)->since, ==, FILM_AT(13));
	assert_seconds(incident_waiter(incident, 1)->waited_us, 2);

	g_assert_cmpstr(projector_look(&film, 16, "102 tx@13 holds=500"), ==, "ended 1 released");
	g_assert_cmpuint(incident_tracker_n(film.tracker), ==, 0);
	g_assert_cmpint(film.ended->ended_at, ==, FILM_AT(15));
	g_assert_cmpuint(film.ended->n_blocked, ==, 0);
	assert_seconds(film.ended->waited_us, 4 + 2 + 0.5);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpint(incident_waiter(film.ended, i)->n_waits, ==, 1);
	g_assert_cmpstr(projector_look(&film, 17, ""), ==, "");
}

/* Short waits are no incident, but one that lasts began with the first of them. */
static void test_least_wait(void)
{
	g_auto(Projector) film = projector_new(DURATION_SECOND);

	g_assert_cmpstr(projector_look(&film, 10.5, "100 tx@1 holds=500; 101 waits=500@10"), ==, "");
	g_assert_cmpstr(projector_look(&film, 11, "100 tx@1 holds=500; 101 waits=500@10"), ==,
	                "begun 1");
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(10));
	/* Once it is one, short waits keep it going. */
	g_assert_cmpstr(projector_look(&film, 12, "100 tx@1 holds=500; 102 waits=500@11.9"), ==,
	                "changed 1");
	/* Of one that nobody knows the length of it can't be said that it is short. */
	g_assert_cmpstr(
	    projector_look(&film, 13,
	                   "13; 100 tx@1 holds=500; 200 tx@1 holds=501; 201 hidden waits=501"),
	    ==, "begun 2, changed 1");
}

/* Waiters that give up and try again leave a root that nobody waits for at a moment. */
static void test_linger(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpstr(projector_look(&film, 13, "100 tx@1 holds=500; 101"), ==, "changed 1");
	g_assert_cmpuint(projector_only(&film)->n_blocked, ==, 0);
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->since, ==, TIMESTAMP_NONE);
	g_assert_cmpstr(projector_look(&film, 14, "100 tx@1 holds=500; 101"), ==, "");
	g_assert_cmpstr(projector_look(&film, 16, "100 tx@1 holds=500; 101 waits=500@15"), ==,
	                "changed 1");
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->n_waits, ==, 2);
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->first_at, ==, FILM_AT(10));
	assert_seconds(incident_waiter(projector_only(&film), 0)->waited_us, 2 + 1);
	g_assert_cmpstr(projector_look(&film, 17, "100 tx@1 holds=500"), ==, "changed 1");
	g_assert_cmpstr(projector_look(&film, 21.9, "100 tx@1 holds=500"), ==, "");
	g_assert_cmpstr(projector_look(&film, 22, "100 tx@1 holds=500"), ==, "ended 1 released");
	g_assert_cmpint(film.ended->ended_at, ==, FILM_AT(16));
}

/* A heartbeat tells that nobody waits, and nothing else. */
static void test_quiet(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpstr(projector_quiet(&film, 13), ==, "changed 1");
	g_assert_cmpstr(projector_quiet(&film, 15), ==, "");
	g_assert_cmpstr(projector_look(&film, 16, "100 tx@1 holds=500; 101 waits=500@15"), ==,
	                "changed 1");
	g_assert_cmpstr(projector_quiet(&film, 17), ==, "changed 1");
	g_assert_cmpstr(projector_quiet(&film, 22), ==, "ended 1 released");
	g_assert_cmpstr(projector_quiet(&film, 23), ==, "");
	projector_look(&film, 30, "100 tx@1 holds=500; 101 waits=500@29");
	g_assert_cmpstr(projector_quiet(&film, 61), ==, "ended 2 unseen");
}

/* Another transaction of the same session is another incident, unless somebody waited on. */
static void test_transactions(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpstr(projector_look(&film, 20, "100 tx@15 holds=500; 101 waits=500@18"), ==,
	                "ended 1 released, begun 2");
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(18));
	g_assert_cmpint(projector_only(&film)->follows, ==, 0);
	g_assert_cmpstr(projector_look(&film, 22, "100 tx@21 holds=500; 101 waits=500@18"), ==,
	                "changed 2");
	/* What was committed meanwhile can't be waited for any more. */
	g_assert_cmpstr(projector_look(&film, 23, "100 tx@23 holds=500; 101"), ==, "ended 2 released");
	/* Another session with the same pid. */
	projector_look(&film, 30, "100 tx@24 holds=500; 101 waits=500@29");
	g_assert_cmpstr(projector_look(&film, 40, "100 born@31 tx@32 holds=500; 101 waits=500@35"), ==,
	                "ended 3 released, begun 4");
}

/* The next root is another incident, which begins when it takes over. */
static void test_successor(void)
{
	g_auto(Projector) film = projector_new(DURATION_SECOND);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 tx@9 waits=500@10; 102 waits=500@11");
	g_assert_cmpstr(
	    projector_look(&film, 13, "101 tx@9 holds=500; 102 waits=500@11; 103 waits=500@12.5"), ==,
	    "ended 1 released, begun 2");
	g_assert_cmpint(projector_only(&film)->follows, ==, 1);
	/* 103 hasn't waited for anybody else. */
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(12.5));
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->since, ==, FILM_AT(13));
	assert_seconds(projector_only(&film)->waited_us, 0.5);
	g_assert_cmpstr(
	    projector_look(&film, 15, "101 tx@9 holds=500; 102 waits=500@11; 103 waits=500@12.5"), ==,
	    "changed 2");
	assert_seconds(projector_only(&film)->waited_us, 0.5 + 2 + 2);
	g_assert_cmpint(film.ended->waiters->len, ==, 2);
	assert_seconds(film.ended->waited_us, 2 + 1);
	/* One that comes when nobody of them waits any more follows nobody. */
	g_assert_cmpstr(projector_look(&film, 16, "104 tx@15.5 holds=501; 105 waits=501@15"), ==,
	                "ended 2 released, begun 3");
	g_assert_cmpint(projector_only(&film)->follows, ==, 0);
}

/* A root that comes to wait itself. */
static void test_merged(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpstr(
	    projector_look(&film, 14,
	                   "90 tx@1 holds=501; 100 tx@1 holds=500 waits=501@13; 101 waits=500@10"),
	    ==, "ended 1 merged, begun 2");
	g_assert_cmpint(projector_only(&film)->root->pid, ==, 90);
	g_assert_cmpint(projector_only(&film)->follows, ==, 1);
	g_assert_cmpuint(projector_only(&film)->n_blocked, ==, 2);
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(13));
	g_assert_cmpstr(projector_look(&film, 16, "100 tx@1 holds=500; 101 waits=500@10"), ==,
	                "ended 2 released, begun 3");
	g_assert_cmpint(projector_only(&film)->follows, ==, 2);
}

/* Several at once, each on its own; whoever waits for two roots counts for both. */
static void test_several(void)
{
	g_auto(Projector) film = projector_new(0);

	g_assert_cmpstr(projector_look(&film, 12,
	                               "100 tx@1 shares=500; 101 tx@1 shares=500; 102 wants=500@10;"
	                               "200 tx@1 holds=501; 201 waits=501@11"),
	                ==, "begun 1, begun 2, begun 3");
	g_assert_cmpuint(incident_tracker_n(film.tracker), ==, 3);
	g_assert_cmpstr(projector_look(&film, 13,
	                               "101 tx@1 shares=500; 102 wants=500@10; 200 tx@1 holds=501;"
	                               "201 waits=501@11"),
	                ==, "ended 1 released, changed 2, changed 3");
}

static void test_find(void)
{
	g_auto(Projector) film = projector_new(0);
	g_auto(FilmLook) now = film_look(12, "100 tx@1 holds=500; 101 waits=500@10");

	projector_tell(&film, incident_tracker_look(film.tracker, now.graph, projector_monotonic(12)));
	const Session *root = snapshot_session(now.snapshot, snapshot_find_pid(now.snapshot, 100));
	const Session *waiting = snapshot_session(now.snapshot, snapshot_find_pid(now.snapshot, 101));

	g_assert_true(incident_tracker_find(film.tracker, root) == projector_only(&film));
	g_assert_null(incident_tracker_find(film.tracker, waiting));
}

static void test_restart(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpstr(projector_look(&film, 13, "restarted; 100 tx@1 holds=500; 101 waits=500@10"),
	                ==, "ended 1 restarted, begun 2");
	g_assert_cmpint(film.ended->ended_at, ==, FILM_AT(12));
	g_assert_cmpint(projector_only(&film)->server_started_at, ==, FILM_AT(13));
}

/* A circle: one of its members stands for it. */
static void test_deadlock(void)
{
	static const char *const circle =
	    "100 tx@1 holds=500 waits=501@10; 101 tx@2 holds=501 waits=500@11; 102 waits=500@11.5";
	g_auto(Projector) film = projector_new(0);
	g_auto(FilmLook) now = film_look(15, circle);

	/* It may only pass: the server's deadlock_timeout isn't over. */
	g_assert_cmpstr(projector_look(&film, 11.9, circle), ==, "");
	g_assert_cmpstr(projector_look(&film, 14, circle), ==, "begun 1");
	g_assert_true(projector_only(&film)->is_deadlock);
	g_assert_cmpuint(projector_only(&film)->n_blocked, ==, 3);
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(10));
	g_assert_nonnull(projector_only(&film)->target);
	g_assert_cmpint(projector_only(&film)->mode, ==, LOCK_MODE_ROW_EXCLUSIVE);
	g_assert_cmpstr(projector_tell(&film, incident_tracker_look(film.tracker, now.graph,
	                                                            projector_monotonic(15))),
	                ==, "changed 1");
	for (gint32 pid = 100; pid <= 102; pid++) {
		const Session *session =
		    snapshot_session(now.snapshot, snapshot_find_pid(now.snapshot, pid));
		g_assert_true(incident_tracker_find(film.tracker, session) == projector_only(&film));
	}
	/* The server ended one. */
	g_assert_cmpstr(projector_look(&film, 16, "101 tx@2 holds=501; 100 waits=501@10"), ==,
	                "ended 1 released, begun 2");
	g_assert_false(projector_only(&film)->is_deadlock);
}

/* A prepared transaction has no pid. */
static void test_prepared(void)
{
	g_auto(Projector) film = projector_new(0);

	g_assert_cmpstr(projector_look(&film, 12, "7 prepared holds=500; 101 waits=500@10"), ==,
	                "begun 1");
	g_autofree char *id = session_facts_id(projector_only(&film)->root);
	g_autofree char *log_id = session_facts_log_id(projector_only(&film)->root);

	g_assert_cmpstr(id, ==, "gid:order-7");
	g_assert_null(log_id);
	g_assert_cmpint(projector_only(&film)->root->has_written, ==, WRITTEN_YES);
	g_assert_cmpstr(projector_look(&film, 13, "7 prepared holds=500; 101 waits=500@10"), ==,
	                "changed 1");
	g_assert_cmpstr(projector_look(&film, 14, "8 prepared holds=500; 101 waits=500@10"), ==,
	                "ended 1 released, begun 2");
}

/* What a role may not see is the same session by its pid, in whatever transaction. */
static void test_hidden(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 hidden holds=500; 101 waits=500@10");
	g_assert_null(projector_only(&film)->root->query);
	g_assert_cmpint(projector_only(&film)->root->has_written, ==, WRITTEN_UNKNOWN);
	g_assert_cmpstr(projector_look(&film, 13, "100 tx@1 holds=500; 101 waits=500@10"), ==,
	                "changed 1");
	g_assert_cmpstr(projector_look(&film, 14, "100 tx@1 hidden holds=500; 101 waits=500@10"), ==,
	                "changed 1");
}

/* Before 14 nobody says since when a session waits; a moment after it has begun nor does any. */
static void test_no_waitstart(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "13; 100 tx@1 holds=500; 101 waits=500 runs@11");
	g_assert_cmpint(projector_only(&film)->started_at, ==, FILM_AT(11));
	projector_look(&film, 13, "13; 100 tx@1 holds=500; 101 waits=500 runs@11");
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->n_waits, ==, 1);
	projector_look(&film, 14, "13; 100 tx@1 holds=500; 101 waits=500@11.2 runs@11");
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->n_waits, ==, 1);
	assert_seconds(incident_waiter(projector_only(&film), 0)->waited_us, 3);
	projector_look(&film, 15, "13; 100 tx@1 holds=500; 101 waits=500 runs@14.5");
	g_assert_cmpint(incident_waiter(projector_only(&film), 0)->n_waits, ==, 2);
	/* Hidden: not even when its statement began. */
	projector_look(&film, 16,
	               "13; 100 tx@1 holds=500; 101 waits=500 runs@14.5; 102 waits=500 hidden");
	g_assert_cmpint(incident_waiter(projector_only(&film), 1)->since, ==, FILM_AT(16));
}

/* Another session that got the pid of one that waited. */
static void test_pid_again(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	projector_look(&film, 14, "100 tx@1 holds=500; 101 born@13 waits=500@13");
	g_assert_cmpuint(projector_only(&film)->waiters->len, ==, 2);
	assert_seconds(incident_waiter(projector_only(&film), 0)->waited_us, 2);
	assert_seconds(incident_waiter(projector_only(&film), 1)->waited_us, 1);
}

/* The server's clock is put back by an hour. */
static void test_clock(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 4000, "100 tx@1 holds=500; 101 waits=500@3990");
	g_assert_cmpstr(projector_look_at(&film, 401, 4001, "100 tx@1 holds=500; 101 waits=500@3990"),
	                ==, "changed 1");
	assert_seconds(projector_only(&film)->waited_us, 10);
	g_assert_cmpint(projector_only(&film)->last_seen, ==, FILM_AT(4000));
	g_assert_cmpstr(projector_look_at(&film, 402, 4002, "100 tx@1 holds=500"), ==, "changed 1");
	g_assert_cmpstr(projector_look_at(&film, 408, 4008, "100 tx@1 holds=500"), ==,
	                "ended 1 released");
	g_assert_cmpint(film.ended->ended_at, >=, film.ended->started_at);
}

/* What is told of an incident is what most waited for; names may come later. */
static void test_target(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500 holds=501; 101 waits=500@10");
	g_assert_cmpstr(projector_only(&film)->target->relation, ==, "table_500");
	projector_look(&film, 13, "100 tx@1 holds=500 holds=501; 101 waits=501@12");
	g_assert_cmpstr(projector_only(&film)->target->relation, ==, "table_500");
	projector_look(&film, 14, "100 tx@1 holds=500 holds=501; 101 waits=501@12; 102 waits=501@12");
	g_assert_cmpstr(projector_only(&film)->target->relation, ==, "table_501");
	g_assert_cmpstr(incident_waiter(projector_only(&film), 0)->target->relation, ==, "table_501");
	/* A relation without a name is asked for again with each look. */
	projector_look(&film, 15,
	               "100 tx@1 holds=700; 101 waits=700@15; 102 waits=700@15; 103 waits=700@15");
	g_assert_null(projector_only(&film)->target->relation);
	projector_look(&film, 16,
	               "100 tx@1 holds=700; 101 waits=700@15; 102 waits=700@15; 103 waits=700@15");
	g_assert_null(incident_waiter(projector_only(&film), 2)->target->relation);
}

/* So many that they aren't kept one by one. */
static void test_many(void)
{
	g_auto(Projector) film = projector_new(0);
	g_autoptr(GString) words = g_string_new("1 tx@1 holds=500");

	for (guint i = 0; i < INCIDENT_MOST_WAITERS + 5; i++)
		g_string_append_printf(words, "; %u waits=500@10", 1000 + i);
	projector_look(&film, 12, words->str);
	projector_look(&film, 13, words->str);
	g_assert_cmpuint(projector_only(&film)->waiters->len, ==, INCIDENT_MOST_WAITERS);
	g_assert_cmpuint(projector_only(&film)->n_unlisted, ==, 5);
	assert_seconds(projector_only(&film)->waited_us, 3 * (INCIDENT_MOST_WAITERS + 5));
}

/* A copy of what changed in a look: who came and who went. */
static void test_copy(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12,
	               "100 tx@1 holds=500; 101 waits=500@10; 102 waits=500@10; 103 waits=500@10");
	projector_look(&film, 13,
	               "100 tx@1 holds=500; 101 waits=500@10; 102 waits=500@10; 104 waits=500@13");
	g_autoptr(Incident) copy = incident_copy(projector_only(&film), TRUE);

	g_assert_cmpuint(copy->waiters->len, ==, 2);
	g_assert_cmpint(incident_waiter(copy, 0)->session->pid, ==, 103);
	g_assert_cmpint(incident_waiter(copy, 1)->session->pid, ==, 104);
	g_assert_cmpint(copy->root->pid, ==, 100);
	projector_look(&film, 14,
	               "100 tx@1 holds=500; 101 waits=500@10; 102 waits=500@10; 104 waits=500@13");
	g_autoptr(Incident) nothing = incident_copy(projector_only(&film), TRUE);
	g_assert_cmpuint(nothing->waiters->len, ==, 0);
}

/* Whatever comes: each incident begins once and ends once, and no wait is counted twice. */
static void test_random(void)
{
	for (guint round = 0; round < 60; round++) {
		g_auto(Projector) film = projector_new(g_random_boolean() ? 0 : DURATION_SECOND);
		g_autoptr(GHashTable) open = g_hash_table_new(g_int64_hash, g_int64_equal);
		double second = 100;

		for (guint n = 0; n < 60; n++) {
			g_autoptr(GString) words = g_string_new(NULL);
			second += g_random_double_range(0.1, g_random_int_range(0, 20) == 0 ? 60 : 2);
			for (guint pid = 1; pid <= 6; pid++) {
				g_string_append_printf(words, "; %u tx@%d", pid, g_random_int_range(0, 3));
				if (g_random_boolean())
					g_string_append_printf(words, " holds=%d", g_random_int_range(500, 503));
				if (g_random_boolean())
					g_string_append_printf(words, " waits=%d@%f", g_random_int_range(500, 503),
					                       second - g_random_int_range(0, 4));
			}
			g_auto(FilmLook) now = film_look(second, words->str);
			const GArray *events =
			    incident_tracker_look(film.tracker, now.graph, projector_monotonic(second));

			projector_tell(&film, events);
			for (guint i = 0; i < events->len; i++) {
				const IncidentEvent *event = &g_array_index(events, IncidentEvent, i);
				Incident *incident = event->incident;
				gint64 waited_us = 0;

				if (event->kind == INCIDENT_BEGUN)
					g_assert_true(g_hash_table_add(open, &incident->id));
				g_assert_true(g_hash_table_contains(open, &incident->id));
				g_assert_cmpint(incident->started_at, <=, incident->last_seen);
				for (guint w = 0; w < incident->waiters->len; w++)
					waited_us += incident_waiter(incident, w)->waited_us;
				g_assert_cmpint(waited_us, ==, incident->waited_us);
				g_assert_cmpint(incident->longest_wait_us, <=,
				                incident->last_seen - incident->started_at);
				if (event->kind == INCIDENT_ENDED)
					g_hash_table_remove(open, &incident->id);
			}
			g_assert_cmpuint(g_hash_table_size(open), ==, incident_tracker_n(film.tracker));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/incident/course", test_course);
	g_test_add_func("/incident/least-wait", test_least_wait);
	g_test_add_func("/incident/linger", test_linger);
	g_test_add_func("/incident/quiet", test_quiet);
	g_test_add_func("/incident/transactions", test_transactions);
	g_test_add_func("/incident/successor", test_successor);
	g_test_add_func("/incident/merged", test_merged);
	g_test_add_func("/incident/several", test_several);
	g_test_add_func("/incident/find", test_find);
	g_test_add_func("/incident/restart", test_restart);
	g_test_add_func("/incident/deadlock", test_deadlock);
	g_test_add_func("/incident/prepared", test_prepared);
	g_test_add_func("/incident/hidden", test_hidden);
	g_test_add_func("/incident/no-waitstart", test_no_waitstart);
	g_test_add_func("/incident/pid-again", test_pid_again);
	g_test_add_func("/incident/clock", test_clock);
	g_test_add_func("/incident/target", test_target);
	g_test_add_func("/incident/many", test_many);
	g_test_add_func("/incident/copy", test_copy);
	g_test_add_func("/incident/random", test_random);
	return g_test_run();
}
