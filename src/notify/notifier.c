#include "base/duration.h"
#include "base/error.h"
#include "notify/command.h"
#include "notify/delivery.h"
#include "notify/notify.h"
#include "notify/retry.h"
#include "notify/target.h"
#include "notify/webhook.h"

#include <string.h>

typedef struct Target Target;

/* A request or a command under way. It may outlive its target, and even the notifier: what was
 * cancelled comes back a moment later. */
typedef struct {
	Notifier *notifier; /* NULL: gone */
	Target *target;     /* NULL: gone, or no longer interested */
	GCancellable *cancellable;
	gboolean is_command;
} Flight;

/* What it takes is the head of its queue, when there is a flight. The pause after a failure is the
 * target's: whichever notice is the first then finds out whether the receiver is back. */
struct Target {
	Notifier *notifier;
	char *name;
	Route route;
	char *trouble; /* there is no route: why; or NULL */
	GQueue queue;  /* of Delivery, oldest first */
	Flight *flight;
	guint pause;    /* timer; 0: none */
	guint failures; /* in a row */
	char *last_failure;
	guint64 counts[NOTICE_DROPPED + 1];
	guint n_lost; /* since something got through the last time */
	gint64 lost_since;
};

struct Notifier {
	Journal *journal;
	NotifyLimits limits;
	SoupSession *session;
	GPtrArray *targets;
	GHashTable *flights;
	Reports *reports;
	guint n_commands;

	gboolean is_finishing;
	gboolean is_over; /* the bound has passed */
	guint finish_source;
	void (*done)(gpointer data);
	gpointer done_data;
};

static void pump(Target *target);
static void check_finished(Notifier *notifier);

static void apply_defaults(NotifyLimits *limits)
{
#define DEFAULT(member, value) limits->member = limits->member != 0 ? limits->member : (value)
	DEFAULT(max_queued, 100);
	DEFAULT(max_commands, 8);
	DEFAULT(attempt_us, 10 * DURATION_SECOND);
	DEFAULT(command_us, 30 * DURATION_SECOND);
	DEFAULT(kill_after_us, 2 * DURATION_SECOND);
	DEFAULT(first_delay_us, DURATION_SECOND);
	DEFAULT(longest_delay_us, DURATION_MINUTE);
	DEFAULT(give_up_after_us, 10 * DURATION_MINUTE);
#undef DEFAULT
}

/* What is settled has left the queue. */
static void settle(Target *target, Delivery *delivery, NoticeFate fate, const char *why)
{
	Notifier *notifier = target->notifier;

	target->counts[fate]++;
	if (fate != NOTICE_SENT) {
		if (target->n_lost == 0)
			target->lost_since = delivery->at;
		target->n_lost += delivery->n_lost;
		journal_log(notifier->journal, JOURNAL_WARNING, NULL,
		            "[notify %s]: a notice (%s) is %s after %u attempts: %s", target->name,
		            notice_kind_name(delivery->kind),
		            fate == NOTICE_FAILED ? "given up" : "dropped", delivery->attempts, why);
	}
	reports_add(notifier->reports, target->name, delivery, fate, why);
	delivery_free(delivery);
}

static void drop_all(Target *target, const char *why)
{
	Delivery *delivery;

	while ((delivery = g_queue_pop_head(&target->queue)) != NULL)
		settle(target, delivery, NOTICE_DROPPED, why);
}

/* Lets go of what is under way: it ends by itself, and nobody hears of it. */
static void abandon(Target *target)
{
	if (target->flight != NULL) {
		target->flight->target = NULL;
		g_cancellable_cancel(target->flight->cancellable);
		target->flight = NULL;
	}
	g_clear_handle_id(&target->pause, g_source_remove);
}

static void target_free(gpointer data)
{
	Target *target = data;

	abandon(target);
	g_queue_clear_full(&target->queue, (GDestroyNotify) delivery_free);
	route_clear(&target->route);
	g_free(target->name);
	g_free(target->trouble);
	g_free(target->last_failure);
	g_free(target);
}

static Target *find(const Notifier *notifier, const char *name)
{
	for (guint i = 0; i < notifier->targets->len; i++) {
		Target *target = notifier->targets->pdata[i];
		if (strcmp(target->name, name) == 0)
			return target;
	}
	return NULL;
}

static void pump_all(Notifier *notifier)
{
	for (guint i = 0; i < notifier->targets->len; i++)
		pump(notifier->targets->pdata[i]);
	check_finished(notifier);
}

/* In front of what waits, so that it comes before what is newer. */
static void queue_note_of_lost(Target *target)
{
	Notice notice = notice_begin(NOTICE_NOTICES_LOST, NULL, g_get_real_time());

	notice.n_lost = target->n_lost;
	notice.lost_since = target->lost_since;
	target->n_lost = 0;
	g_queue_push_head(&target->queue, delivery_new(&notice, g_get_monotonic_time()));
}

static void got_through(Target *target)
{
	if (target->failures > 0)
		journal_log(target->notifier->journal, JOURNAL_NOTICE, NULL,
		            "[notify %s]: takes notices again, after %u failed attempts", target->name,
		            target->failures);
	target->failures = 0;
	g_clear_pointer(&target->last_failure, g_free);
	settle(target, g_queue_pop_head(&target->queue), NOTICE_SENT, NULL);
	if (target->n_lost > 0)
		queue_note_of_lost(target);
}

static gboolean on_pause_end(gpointer data)
{
	Target *target = data;

	target->pause = 0;
	pump(target);
	check_finished(target->notifier);
	return G_SOURCE_REMOVE;
}

static void pause_target(Target *target, gint64 asked_us, const GError *error)
{
	const NotifyLimits *limits = &target->notifier->limits;
	gint64 delay_us =
	    retry_delay_us(target->failures, limits->first_delay_us, limits->longest_delay_us,
	                   g_random_double(), MIN(asked_us, limits->give_up_after_us));
	const Delivery *delivery = g_queue_peek_head(&target->queue);
	gint64 age_us = g_get_monotonic_time() - delivery->queued_us;

	if (target->failures == 1)
		journal_log(target->notifier->journal, JOURNAL_WARNING, NULL,
		            "[notify %s]: %s; it will be tried again", target->name, error->message);
	target->pause = g_timeout_add((guint) (delay_us / DURATION_MS), on_pause_end, target);
	if (age_us + delay_us > limits->give_up_after_us)
		settle(target, g_queue_pop_head(&target->queue), NOTICE_FAILED, error->message);
}

static void failed_for_now(Target *target, gint64 asked_us, const GError *error)
{
	Delivery *delivery = g_queue_peek_head(&target->queue);

	target->failures++;
	g_free(target->last_failure);
	target->last_failure = g_strdup(error->message);
	if (!target->notifier->is_finishing)
		pause_target(target, asked_us, error);
	else if (delivery->is_last_try)
		settle(target, g_queue_pop_head(&target->queue), NOTICE_FAILED, error->message);
	else
		delivery->is_last_try = TRUE;
}

/* error NULL: taken. */
static void landed(Target *target, gboolean may_retry, gint64 asked_us, const GError *error)
{
	if (error == NULL)
		got_through(target);
	else if (may_retry)
		failed_for_now(target, asked_us, error);
	else
		settle(target, g_queue_pop_head(&target->queue), NOTICE_FAILED, error->message);
}

static void show_output(Target *target, const char *output)
{
	if (output != NULL)
		journal_log(target->notifier->journal, JOURNAL_INFO, NULL, "[notify %s]: it says: %s",
		            target->name, output);
}

static void on_landed(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Flight *flight = data;
	Notifier *notifier = flight->notifier;
	Target *target = flight->target;
	g_autoptr(GError) error = NULL;
	g_autofree char *output = NULL;
	gboolean may_retry = FALSE;
	gint64 asked_us = -1;

	if (flight->is_command)
		command_run_finish(result, &output, &error);
	else
		webhook_post_finish(result, &may_retry, &asked_us, &error);
	if (notifier != NULL) {
		g_hash_table_remove(notifier->flights, flight);
		notifier->n_commands -= flight->is_command ? 1 : 0;
	}
	g_object_unref(flight->cancellable);
	g_free(flight);
	if (target != NULL) {
		target->flight = NULL;
		show_output(target, output);
		landed(target, may_retry, asked_us, error);
	}
	/* A place to run a command may have become free for any of them. */
	if (notifier != NULL)
		pump_all(notifier);
}

static void launch(Target *target)
{
	Notifier *notifier = target->notifier;
	const NotifyLimits *limits = &notifier->limits;
	Delivery *delivery = g_queue_peek_head(&target->queue);
	Flight *flight = g_new0(Flight, 1);

	flight->notifier = notifier;
	flight->target = target;
	flight->cancellable = g_cancellable_new();
	flight->is_command = target->route.words != NULL;
	g_hash_table_add(notifier->flights, flight);
	target->flight = flight;
	delivery->attempts++;
	if (flight->is_command) {
		notifier->n_commands++;
		command_run_async((const char *const *) target->route.words, delivery->document,
		                  limits->command_us, limits->kill_after_us, flight->cancellable, on_landed,
		                  flight);
	} else {
		webhook_post_async(notifier->session, target->route.address, delivery->message,
		                   limits->attempt_us, flight->cancellable, on_landed, flight);
	}
}

static void give_up_old(Target *target)
{
	gint64 oldest_us = g_get_monotonic_time() - target->notifier->limits.give_up_after_us;
	const Delivery *delivery;

	while ((delivery = g_queue_peek_head(&target->queue)) != NULL &&
	       delivery->queued_us < oldest_us)
		settle(target, g_queue_pop_head(&target->queue), NOTICE_FAILED,
		       target->last_failure != NULL ? target->last_failure : "it is too old by now");
}

/* Starts what can be started. */
static void pump(Target *target)
{
	const Notifier *notifier = target->notifier;

	if (target->flight != NULL || target->pause != 0)
		return;
	give_up_old(target);
	if (g_queue_is_empty(&target->queue))
		return;
	if (target->route.words == NULL || notifier->n_commands < notifier->limits.max_commands)
		launch(target);
}

Notifier *notifier_new(Journal *journal, const NotifyLimits *limits)
{
	Notifier *notifier = g_new0(Notifier, 1);

	notifier->journal = journal;
	if (limits != NULL)
		notifier->limits = *limits;
	apply_defaults(&notifier->limits);
	notifier->targets = g_ptr_array_new_with_free_func(target_free);
	notifier->flights = g_hash_table_new(NULL, NULL);
	notifier->reports = reports_new();
	return notifier;
}

void notifier_free(Notifier *notifier)
{
	GHashTableIter flights;
	gpointer flight;

	if (notifier == NULL)
		return;
	g_ptr_array_unref(notifier->targets);
	g_hash_table_iter_init(&flights, notifier->flights);
	while (g_hash_table_iter_next(&flights, &flight, NULL))
		((Flight *) flight)->notifier = NULL;
	g_hash_table_unref(notifier->flights);
	g_clear_handle_id(&notifier->finish_source, g_source_remove);
	reports_free(notifier->reports);
	g_clear_object(&notifier->session);
	g_free(notifier);
}

void notifier_set_report(Notifier *notifier, NotifyReportFunc report, gpointer data)
{
	reports_set_func(notifier->reports, report, data);
}

static Target *target_new(Notifier *notifier, const char *name)
{
	Target *target = g_new0(Target, 1);

	target->notifier = notifier;
	target->name = g_strdup(name);
	g_queue_init(&target->queue);
	return target;
}

/* The target of this name, taken out of those before, or a new one. */
static Target *take_target(Notifier *notifier, const char *name)
{
	Target *target = find(notifier, name);
	guint index;

	if (target == NULL)
		return target_new(notifier, name);
	g_ptr_array_find(notifier->targets, target, &index);
	return g_ptr_array_steal_index(notifier->targets, index);
}

static void replace_targets(Notifier *notifier, const NotifyTarget *targets, Route *routes, guint n)
{
	GPtrArray *next = g_ptr_array_new_with_free_func(target_free);

	for (guint i = 0; i < n; i++) {
		Target *target = take_target(notifier, targets[i].name);
		route_clear(&target->route);
		target->route = routes[i];
		routes[i] = (Route){NULL};
		g_free(target->trouble);
		target->trouble = g_strdup(targets[i].trouble);
		if (target->trouble != NULL) {
			abandon(target);
			drop_all(target, target->trouble);
		}
		g_ptr_array_add(next, target);
	}
	for (guint i = 0; i < notifier->targets->len; i++)
		drop_all(notifier->targets->pdata[i], "its target is no longer in the policy");
	g_ptr_array_unref(notifier->targets);
	notifier->targets = next;
}

gboolean notifier_configure(Notifier *notifier, const NotifyTarget *targets, guint n,
                            GError **error)
{
	g_autofree Route *routes = g_new0(Route, n);
	g_autoptr(SoupSession) session = webhook_session_new(error);
	gboolean is_good = session != NULL;

	for (guint i = 0; i < n && is_good; i++)
		is_good = targets[i].trouble != NULL || route_resolve(&routes[i], &targets[i], error);
	if (is_good) {
		g_set_object(&notifier->session, session);
		replace_targets(notifier, targets, routes, n);
		pump_all(notifier);
	}
	for (guint i = 0; i < n; i++)
		route_clear(&routes[i]);
	return is_good;
}

/* Makes room in a full queue: the oldest goes, but for the one that is under way. */
static void make_room(Target *target)
{
	while (g_queue_get_length(&target->queue) >= target->notifier->limits.max_queued) {
		guint oldest = target->flight != NULL ? 1 : 0;
		Delivery *delivery = g_queue_pop_nth(&target->queue, oldest);
		if (delivery == NULL)
			return;
		settle(target, delivery, NOTICE_DROPPED, "too many are waiting");
	}
}

static void enqueue(Target *target, Delivery *delivery)
{
	if (target->notifier->is_over) {
		settle(target, delivery, NOTICE_DROPPED, "the guard ends");
		return;
	}
	if (target->trouble != NULL) {
		settle(target, delivery, NOTICE_FAILED, target->trouble);
		return;
	}
	make_room(target);
	g_queue_push_tail(&target->queue, delivery);
	pump(target);
}

void notifier_send(Notifier *notifier, const Notice *notice, const char *const *targets, guint n)
{
	g_autoptr(Delivery) delivery = NULL;

	journal_notice(notifier->journal, notice);
	for (guint i = 0; i < n; i++) {
		Target *target = find(notifier, targets[i]);
		if (target == NULL) {
			g_warning("a notice for %s, which is no target", targets[i]);
			continue;
		}
		if (delivery == NULL)
			delivery = delivery_new(notice, g_get_monotonic_time());
		enqueue(target, delivery_copy(delivery));
	}
}

guint notifier_n_targets(const Notifier *notifier)
{
	return notifier->targets->len;
}

NotifyCounts notifier_counts(const Notifier *notifier, guint index)
{
	const Target *target = notifier->targets->pdata[index];

	return (NotifyCounts){
	    .target = target->name,
	    .sent = target->counts[NOTICE_SENT],
	    .failed = target->counts[NOTICE_FAILED],
	    .dropped = target->counts[NOTICE_DROPPED],
	    .queued = target->queue.length,
	};
}

gboolean notifier_is_idle(const Notifier *notifier)
{
	for (guint i = 0; i < notifier->targets->len; i++) {
		const Target *target = notifier->targets->pdata[i];
		if (target->queue.length > 0)
			return FALSE;
	}
	return g_hash_table_size(notifier->flights) == 0;
}

static gboolean on_finished(gpointer data)
{
	Notifier *notifier = data;
	void (*done)(gpointer) = g_steal_pointer(&notifier->done);

	notifier->finish_source = 0;
	reports_flush(notifier->reports);
	done(notifier->done_data);
	return G_SOURCE_REMOVE;
}

static void check_finished(Notifier *notifier)
{
	if (notifier->done == NULL || !notifier_is_idle(notifier))
		return;
	g_clear_handle_id(&notifier->finish_source, g_source_remove);
	notifier->is_over = TRUE;
	notifier->finish_source = g_idle_add(on_finished, notifier);
}

static gboolean on_bound(gpointer data)
{
	Notifier *notifier = data;

	notifier->finish_source = 0;
	notifier->is_over = TRUE;
	for (guint i = 0; i < notifier->targets->len; i++) {
		drop_all(notifier->targets->pdata[i], "the guard ends");
		abandon(notifier->targets->pdata[i]);
	}
	check_finished(notifier);
	return G_SOURCE_REMOVE;
}

void notifier_finish(Notifier *notifier, gint64 bound_us, void (*done)(gpointer data),
                     gpointer data)
{
	notifier->is_finishing = TRUE;
	notifier->done = done;
	notifier->done_data = data;
	notifier->finish_source = g_timeout_add((guint) (bound_us / DURATION_MS), on_bound, notifier);
	for (guint i = 0; i < notifier->targets->len; i++) {
		Target *target = notifier->targets->pdata[i];
		g_clear_handle_id(&target->pause, g_source_remove);
	}
	pump_all(notifier);
}
