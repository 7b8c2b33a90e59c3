#include "base/duration.h"
#include "guard/backoff.h"
#include "guard/server_states.h"

#include <string.h>

static const char *const DRAWING = "off --begin / connect--> connecting\n"
                                   "connecting --connected / watch--> asking\n"
                                   "connecting --failed / wait--> waiting\n"
                                   "connecting --renew / renew--> connecting\n"
                                   "connecting --stop / end--> off\n"
                                   "waiting --retry / connect--> connecting\n"
                                   "waiting --renew / renew--> connecting\n"
                                   "waiting --stop / end--> off\n"
                                   "asking --got lease / lead--> leading\n"
                                   "asking --refused lease / ---> following\n"
                                   "asking --split lease / ---> split\n"
                                   "asking --no lease / ---> watching\n"
                                   "asking --polled / ask again--> asking\n"
                                   "asking --lost / leave--> waiting\n"
                                   "asking --renew / renew--> connecting\n"
                                   "asking --stop / end--> off\n"
                                   "following --got lease / lead--> leading\n"
                                   "following --split lease / ---> split\n"
                                   "following --polled / ask again--> following\n"
                                   "following --lost / leave--> waiting\n"
                                   "following --renew / renew--> connecting\n"
                                   "following --stop / end--> off\n"
                                   "leading --lost / leave--> waiting\n"
                                   "leading --renew / finish--> renewing\n"
                                   "leading --stop / finish--> stopping\n"
                                   "split --got lease / lead--> leading\n"
                                   "split --refused lease / ---> following\n"
                                   "split --polled / ask again--> split\n"
                                   "split --lost / leave--> waiting\n"
                                   "split --renew / renew--> connecting\n"
                                   "split --stop / end--> off\n"
                                   "watching --lost / leave--> waiting\n"
                                   "watching --renew / renew--> connecting\n"
                                   "watching --stop / end--> off\n"
                                   "renewing --lost / leave--> waiting\n"
                                   "renewing --stop / finish--> stopping\n"
                                   "renewing --settled / renew--> connecting\n"
                                   "stopping --lost / end--> off\n"
                                   "stopping --settled / end--> off\n";

static gboolean changes(ServerState state, ServerEvent event)
{
	ServerStep step = server_step(state, event);

	return step.next != state || step.action != SERVER_DO_NOTHING;
}

/* The table as a drawing, which docs/decisions/0004-guard.md explains. */
static void test_drawing(void)
{
	g_autoptr(GString) drawn = g_string_new(NULL);

	for (guint state = 0; state < SERVER_N_STATES; state++)
		for (guint event = 0; event < SERVER_N_EVENTS; event++) {
			ServerStep step = server_step((ServerState) state, (ServerEvent) event);

			if (changes((ServerState) state, (ServerEvent) event))
				g_string_append_printf(
				    drawn, "%s --%s / %s--> %s\n", server_state_name((ServerState) state),
				    server_event_name((ServerEvent) event), server_action_name(step.action),
				    server_state_name(step.next));
		}
	g_assert_cmpstr(drawn->str, ==, DRAWING);
}

/* Which states can be come to from one, as bits. */
static guint reachable_from(ServerState from)
{
	guint reached = 1U << from, before = 0;

	while (reached != before) {
		before = reached;
		for (guint state = 0; state < SERVER_N_STATES; state++)
			for (guint event = 0; reached & (1U << state) && event < SERVER_N_EVENTS; event++)
				reached |= 1U << server_step((ServerState) state, (ServerEvent) event).next;
	}
	return reached;
}

static void test_every_state_is_reached_and_left(void)
{
	g_assert_cmpuint(reachable_from(SERVER_OFF), ==, (1U << SERVER_N_STATES) - 1);
	for (guint state = 0; state < SERVER_N_STATES; state++) {
		g_test_message("%s", server_state_name((ServerState) state));
		g_assert_true(reachable_from((ServerState) state) & (1U << SERVER_OFF));
	}
}

static void test_stop_and_loss_are_heeded_everywhere(void)
{
	for (guint state = SERVER_CONNECTING; state < SERVER_N_STATES; state++) {
		ServerState end = server_step((ServerState) state, SERVER_STOP).next;

		g_assert_true(end == SERVER_OFF || end == SERVER_STOPPING);
		if (state >= SERVER_ASKING) /* there is a connection */
			g_assert_true(changes((ServerState) state, SERVER_LOST));
	}
}

/* Nobody leads but who was given the lease, and looks anew then. */
static void test_only_the_lease_leads(void)
{
	for (guint state = 0; state < SERVER_N_STATES; state++)
		for (guint event = 0; event < SERVER_N_EVENTS; event++) {
			ServerStep step = server_step((ServerState) state, (ServerEvent) event);

			if (step.next == SERVER_LEADING && state != SERVER_LEADING) {
				g_assert_cmpint(event, ==, SERVER_GOT_LEASE);
				g_assert_cmpint(step.action, ==, SERVER_DO_LEAD);
			}
		}
	g_assert_true(server_state_judges(SERVER_LEADING));
	g_assert_false(server_state_judges(SERVER_FOLLOWING));
	g_assert_false(server_state_judges(SERVER_SPLIT));
	g_assert_false(server_state_judges(SERVER_RENEWING));
	g_assert_false(server_state_judges(SERVER_STOPPING));
}

/* An answer that comes after the connection was given up changes nothing. */
static void test_late_answers(void)
{
	g_assert_false(changes(SERVER_WAITING, SERVER_GOT_LEASE));
	g_assert_false(changes(SERVER_OFF, SERVER_CONNECTED));
	g_assert_false(changes(SERVER_STOPPING, SERVER_GOT_LEASE));
	g_assert_false(changes(SERVER_LEADING, SERVER_REFUSED_LEASE));
}

static void test_backoff(void)
{
	static const gint64 most_s[] = {1, 2, 4, 8, 16, 30, 30, 30};
	Backoff low = {0}, high = {0};

	for (guint i = 0; i < G_N_ELEMENTS(most_s); i++) {
		gint64 least = backoff_next(&low, 0.0), most = backoff_next(&high, 0.999999);

		g_assert_cmpint(least, ==, MAX(most_s[i] * DURATION_SECOND / 2, DURATION_SECOND));
		g_assert_cmpint(most, <=, most_s[i] * DURATION_SECOND);
		g_assert_cmpint(most, >, most_s[i] * DURATION_SECOND - 100);
	}
	low.n_failures = G_MAXUINT - 1;
	g_assert_cmpint(backoff_next(&low, 0.0), ==, 15 * DURATION_SECOND);
	backoff_reset(&low);
	g_assert_cmpint(backoff_next(&low, 0.5), ==, DURATION_SECOND);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/server_states/drawing", test_drawing);
	g_test_add_func("/server_states/every state", test_every_state_is_reached_and_left);
	g_test_add_func("/server_states/stop and loss", test_stop_and_loss_are_heeded_everywhere);
	g_test_add_func("/server_states/only the lease leads", test_only_the_lease_leads);
	g_test_add_func("/server_states/late answers", test_late_answers);
	g_test_add_func("/server_states/backoff", test_backoff);
	return g_test_run();
}
