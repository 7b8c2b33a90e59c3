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

static int run_check(Cli *cli, GError **error)
{
	static const LookOptions what = {.names = TRUE};
	const AlarmThresholds thresholds = thresholds_of(cli_options(cli));
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	g_autoptr(View) view = connection ? view_look(cli, connection, &what, error) : NULL;
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
