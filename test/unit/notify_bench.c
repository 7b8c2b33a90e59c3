#include "notify_bench.h"

#include "base/duration.h"
#include "receiver.h"

const NotifyLimits bench_limits = {
    .attempt_us = 20 * DURATION_SECOND,
    .command_us = 20 * DURATION_SECOND,
    .first_delay_us = 20 * DURATION_MS,
    .longest_delay_us = 80 * DURATION_MS,
    .give_up_after_us = 60 * DURATION_SECOND,
};

static void report_clear(gpointer data)
{
	BenchReport *report = data;

	g_free(report->target);
	g_free(report->error);
}

static void on_report(const NoticeReport *report, gpointer data)
{
	Bench *bench = data;
	BenchReport kept = {
	    .target = g_strdup(report->target),
	    .fate = report->fate,
	    .kind = report->kind,
	    .attempts = report->attempts,
	    .error = g_strdup(report->error),
	};

	g_array_append_val(bench->reports, kept);
}

Bench *bench_new(const NotifyLimits *limits)
{
	Bench *bench = g_new0(Bench, 1);

	bench->journal = journal_new(JOURNAL_STDERR);
	bench->notifier = notifier_new(bench->journal, limits != NULL ? limits : &bench_limits);
	bench->reports = g_array_new(FALSE, FALSE, sizeof(BenchReport));
	g_array_set_clear_func(bench->reports, report_clear);
	notifier_set_report(bench->notifier, on_report, bench);
	return bench;
}

void bench_free(Bench *bench)
{
	notifier_free(bench->notifier);
	/* What was under way comes back now. */
	for (guint i = 0; i < 20; i++)
		turn_loop();
	journal_free(bench->journal);
	g_array_unref(bench->reports);
	g_free(bench);
}

void bench_configure(Bench *bench, NotifyKind kind, const char *value)
{
	const NotifyTarget target = {"ops", kind, value};
	g_autoptr(GError) error = NULL;

	notifier_configure(bench->notifier, &target, 1, &error);
	g_assert_no_error(error);
}

void bench_send(Bench *bench, gint64 incident)
{
	static const char *const targets[] = {"ops"};
	Notice notice = notice_begin(NOTICE_INCIDENT_STARTED, "main", g_get_real_time());

	notice.incident = incident;
	notice.session.pid = 4711;
	notice.session.application_name = "login-service";
	notice.blocked = 3;
	notice.target = "table login_sessions";
	notifier_send(bench->notifier, &notice, targets, 1);
}

static void on_finished(gpointer data)
{
	Bench *bench = data;

	bench->n_finished++;
}

void bench_finish(Bench *bench, gint64 bound_us)
{
	notifier_finish(bench->notifier, bound_us, on_finished, bench);
}

const BenchReport *bench_report(const Bench *bench, guint index)
{
	return &g_array_index(bench->reports, BenchReport, index);
}

NotifyCounts bench_counts(const Bench *bench)
{
	return notifier_counts(bench->notifier, 0);
}
