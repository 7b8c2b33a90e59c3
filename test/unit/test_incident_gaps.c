#include "projector.h"

static void assert_gap(const Incident *incident, guint index, double since, double until,
                       gboolean is_away)
{
	const IncidentGap *gap = &g_array_index(incident->gaps, IncidentGap, index);

	g_assert_cmpuint(incident->gaps->len, ==, index + 1);
	g_assert_cmpint(gap->since, ==, FILM_AT(since));
	g_assert_cmpint(gap->until, ==, FILM_AT(until));
	g_assert_cmpint(gap->is_away, ==, is_away);
}

static void test_gap(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10; 102 waits=500@10");
	/* It went on, and so did one of the waits. */
	g_assert_cmpstr(projector_look(&film, 100, "100 tx@1 holds=500; 101 waits=500@10"), ==,
	                "changed 1");
	assert_seconds(incident_waiter(projector_only(&film), 0)->waited_us, 90);
	assert_seconds(incident_waiter(projector_only(&film), 1)->waited_us, 2);
	assert_gap(projector_only(&film), 0, 12, 100, FALSE);
	projector_look(&film, 110, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpuint(projector_only(&film)->gaps->len, ==, 1);
	projector_look(&film, 150, "100 tx@1 holds=500; 101 waits=500@10");
	assert_gap(projector_only(&film), 1, 110, 150, FALSE);
	/* Over, and nobody saw when. No lingering after a gap, either. */
	g_assert_cmpstr(projector_look(&film, 200, "100 tx@1 holds=500"), ==, "ended 1 unseen");
	g_assert_cmpint(film.ended->ended_at, ==, FILM_AT(150));
}

/* What a former process left open. */
static Incident *left_open(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10; 102 waits=500@11");
	return incident_copy(projector_only(&film), FALSE);
}

static void test_resume(void)
{
	g_auto(Projector) film = projector_new(0);

	incident_tracker_resume(film.tracker, left_open());
	g_assert_cmpstr(projector_look(&film, 60, "100 tx@1 holds=500; 101 waits=500@10"), ==,
	                "changed 1");
	const Incident *incident = projector_only(&film);

	g_assert_cmpint(incident->started_at, ==, FILM_AT(10));
	g_assert_cmpuint(incident->peak_blocked, ==, 2);
	g_assert_cmpuint(incident->waiters->len, ==, 2);
	assert_seconds(incident_waiter(incident, 0)->waited_us, 50);
	assert_seconds(incident->waited_us, 50 + 1);
	assert_gap(incident, 0, 12, 60, TRUE);
	projector_look(&film, 61, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpuint(incident->gaps->len, ==, 1);
}

/* One whose guards come and go all the time. */
static void test_many_gaps(void)
{
	g_auto(Projector) film = projector_new(0);

	projector_look(&film, 12, "100 tx@1 holds=500; 101 waits=500@10");
	for (guint i = 1; i <= INCIDENT_MOST_GAPS + 1; i++)
		projector_look(&film, 12 + 40 * i, "100 tx@1 holds=500; 101 waits=500@10");
	g_assert_cmpuint(projector_only(&film)->gaps->len, ==, INCIDENT_MOST_GAPS);
}

static void test_resume_over(void)
{
	g_auto(Projector) film = projector_new(0);

	incident_tracker_resume(film.tracker, left_open());
	g_assert_cmpstr(projector_look(&film, 60, "100 tx@1 holds=500; 101"), ==, "ended 1 unseen");
	g_assert_cmpint(film.ended->ended_at, ==, FILM_AT(12));
	assert_seconds(film.ended->waited_us, 2 + 1);
}

static void test_resume_after_restart(void)
{
	g_auto(Projector) film = projector_new(0);

	incident_tracker_resume(film.tracker, left_open());
	g_assert_cmpstr(projector_look(&film, 60, "restarted"), ==, "ended 1 restarted");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/incident-gaps/gap", test_gap);
	g_test_add_func("/incident-gaps/many-gaps", test_many_gaps);
	g_test_add_func("/incident-gaps/resume", test_resume);
	g_test_add_func("/incident-gaps/resume-over", test_resume_over);
	g_test_add_func("/incident-gaps/resume-after-restart", test_resume_after_restart);
	return g_test_run();
}
