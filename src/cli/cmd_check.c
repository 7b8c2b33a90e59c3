#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/view.h"
#include "plan/alarm.h"
#include "render/render.h"

static gint64 count_threshold(guint typed)
{
	return typed == G_MAXUINT ? ALARM_NO_THRESHOLD : (gint64) typed;
}

static AlarmThresholds thresholds_of(const Options *options)
{
	return (AlarmThresholds){
	    .warning =
	        {
	            [ALARM_BLOCKED] = count_threshold(options->warning_blocked),
	            [ALARM_ROOTS] = ALARM_NO_THRESHOLD,
	            [ALARM_LONGEST_WAIT] = options->warning_wait_us,
	            [ALARM_OLDEST_IDLE] = options->warning_idle_us,
	            [ALARM_OLDEST_PREPARED] = options->warning_prepared_us,
	        },
	    .critical =
	        {
	            [ALARM_BLOCKED] = count_threshold(options->critical_blocked),
	            [ALARM_ROOTS] = ALARM_NO_THRESHOLD,
	            [ALARM_LONGEST_WAIT] = options->critical_wait_us,
	            [ALARM_OLDEST_IDLE] = options->critical_idle_us,
	            [ALARM_OLDEST_PREPARED] = options->critical_prepared_us,
	        },
	};
}

/* What is critical is at least worth a warning. A preset that contradicts what was typed gives way.
 */
static gboolean settle(AlarmThresholds *thresholds, const Options *options, GError **error)
{
	static const struct {
		const char *warning;
		const char *critical;
	} names[ALARM_N_MEASURES] = {
	    [ALARM_BLOCKED] = {"warning-blocked", "critical-blocked"},
	    [ALARM_LONGEST_WAIT] = {"warning-wait", "critical-wait"},
	    [ALARM_OLDEST_IDLE] = {"warning-idle", "critical-idle"},
	    [ALARM_OLDEST_PREPARED] = {"warning-prepared", "critical-prepared"},
	};

	for (guint i = 0; i < ALARM_N_MEASURES; i++) {
		if (thresholds->warning[i] == ALARM_NO_THRESHOLD ||
		    thresholds->critical[i] >= thresholds->warning[i])
			continue;
		if (!option_is_typed(options, names[i].warning)) {
			thresholds->warning[i] = ALARM_NO_THRESHOLD;
		} else if (!option_is_typed(options, names[i].critical)) {
			thresholds->critical[i] = ALARM_NO_THRESHOLD;
		} else {
			error_set(error, PGUNLOCK_ERROR_USAGE, "--%s is below --%s", names[i].critical,
			          names[i].warning);
			error_set_hint(error, "what is critical has to be above what is worth a warning");
			return FALSE;
		}
	}
	return TRUE;
}

/* How long somebody has waited is known to the lock table alone; what it is at most may be enough
 * to tell that nobody needs to know. */
static View *look(Cli *cli, PgConnection *connection, const AlarmThresholds *thresholds,
                  GError **error)
{
	static const LookOptions totals = {.form = LOOK_AT_TOTALS, .names = TRUE};
	static const LookOptions contended = {.form = LOOK_AT_CONTENDED, .names = TRUE};
	View *view = view_look(cli, connection, &totals, error);
	if (!view || !snapshot_has_totals_only(view->snapshot))
		return view;

	const Alarm at_most = alarm_of(view->graph, thresholds);
	if (at_most.level[ALARM_LONGEST_WAIT] == ALARM_OK)
		return view;
	view_free(view);
	return view_look(cli, connection, &contended, error);
}

static int run_check(Cli *cli, GError **error)
{
	AlarmThresholds thresholds = thresholds_of(cli_options(cli));
	if (!settle(&thresholds, cli_options(cli), error))
		return ALARM_UNKNOWN;
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	g_autoptr(View) view = connection ? look(cli, connection, &thresholds, error) : NULL;
	if (!view)
		return ALARM_UNKNOWN;

	const Alarm alarm = alarm_of(view->graph, &thresholds);
	g_autoptr(GString) text = g_string_new(NULL);
	render_check(text, view->graph, &alarm, &thresholds);
	view_print(cli, view, text);
	return (int) alarm.worst;
}

/* A monitoring system reads the first line of standard output, and takes 3 for "not known". */
static int fail_check(Cli *cli, const GError *error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	render_check_error(text, error);
	output_write(cli->output, text);
	return ALARM_UNKNOWN;
}

const Command command_check = {
    .name = "check",
    .bit = FOR_CHECK,
    .synopsis = "",
    .summary =
        "one line for a monitoring system: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN",
    .description =
        "A monitoring plug-in (Nagios, Icinga, ...): one line with numbers for graphs behind it.\n"
        "What is above a threshold raises the alarm. Whatever keeps it from looking is UNKNOWN.",
    .formats = "text",
    .run = run_check,
    .fail = fail_check,
};
