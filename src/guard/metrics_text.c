#include "base/duration.h"
#include "base/text.h"
#include "guard/metrics_private.h"

#include <stddef.h>
#include <string.h>

typedef enum { GAUGE, COUNTER, HISTOGRAM, INFO, N_TYPES } Type;

/* What a member of a struct is. */
typedef enum {
	AS_BOOL,      /* gboolean: 0 or 1 */
	AS_COUNT,     /* guint64 */
	AS_QUEUED,    /* guint */
	AS_NUMBER,    /* gint64, may be METRICS_UNKNOWN */
	AS_SECONDS,   /* gint64 microseconds, may be METRICS_UNKNOWN */
	AS_HISTOGRAM, /* MetricsHistogram */
	AS_VERSION,   /* const char *: the label of an info, whose value is 1 */
} As;

/* What there is a series for each of. */
typedef enum { OF_GUARD, OF_SERVER, OF_NOTICES, OF_ACTS } Of;

typedef struct {
	const char *name; /* without the _total and _info that samples end in */
	Type type;
	As as;
	Of of;
	gsize offset;
	const char *help;
	const char *result; /* a label, or NULL. Rows of one name follow each other, and each is a
	                       series of its own */
} Row;

#define GUARD(member) OF_GUARD, offsetof(MetricsGuard, member)
#define SERVER(member) OF_SERVER, offsetof(MetricsServer, member)
#define NOTICES(member) OF_NOTICES, offsetof(MetricsNotices, member)

#define NOTICES_HELP "Notices, by what became of them."

/* clang-format off */
static const Row rows[] = {
    {"pgunlock_build", INFO, AS_VERSION, GUARD(version),
     "Which pgunlock this is.", NULL},
    {"pgunlock_start_time_seconds", GAUGE, AS_SECONDS, GUARD(started_at),
     "When the guard was started, in seconds since 1970.", NULL},
    {"pgunlock_dry_run", GAUGE, AS_BOOL, GUARD(is_dry_run),
     "1 when the guard only says what it would do.", NULL},
    {"pgunlock_policy_last_reload_successful", GAUGE, AS_BOOL, GUARD(last_reload_worked),
     "0 when the policy file was refused, so that the one before it is still in force.", NULL},
    {"pgunlock_policy_last_reload_success_timestamp_seconds", GAUGE, AS_SECONDS, GUARD(last_reload_at),
     "When the policy that is in force was read, in seconds since 1970.", NULL},
    {"pgunlock_history_errors", COUNTER, AS_COUNT, GUARD(history_errors),
     "Writes to the history that failed.", NULL},
    {"pgunlock_history_size_bytes", GAUGE, AS_NUMBER, GUARD(history_bytes),
     "How large the history is.", NULL},
    {"pgunlock_audit_errors", COUNTER, AS_COUNT, GUARD(audit_errors),
     "Lines that could not be written to the audit log.", NULL},

    {"pgunlock_server_up", GAUGE, AS_BOOL, SERVER(is_up),
     "1 when the latest look at the server worked.", NULL},
    {"pgunlock_lease_held", GAUGE, AS_BOOL, SERVER(has_lease),
     "1 when this guard is the one that acts on the server.", NULL},
    {"pgunlock_blocked_sessions", GAUGE, AS_NUMBER, SERVER(blocked_sessions),
     "Sessions that wait for a lock.", NULL},
    {"pgunlock_root_blockers", GAUGE, AS_NUMBER, SERVER(root_blockers),
     "Sessions that block others and wait for nobody.", NULL},
    {"pgunlock_longest_wait_seconds", GAUGE, AS_SECONDS, SERVER(longest_wait_us),
     "How long the one that waits the longest for a lock has waited.", NULL},
    {"pgunlock_oldest_idle_in_transaction_seconds", GAUGE, AS_SECONDS, SERVER(oldest_idle_in_transaction_us),
     "How long the one that is idle in a transaction the longest has been so.", NULL},
    {"pgunlock_open_breakers", GAUGE, AS_NUMBER, SERVER(open_breakers),
     "Circuit breakers that keep rules from acting on the same again.", NULL},
    {"pgunlock_last_look_timestamp_seconds", GAUGE, AS_SECONDS, SERVER(last_look_at),
     "When the latest look that worked was taken, in seconds since 1970.", NULL},
    {"pgunlock_look_duration_seconds", HISTOGRAM, AS_HISTOGRAM, SERVER(look),
     "How long the looks that worked took.", NULL},
    {"pgunlock_look_failures", COUNTER, AS_COUNT, SERVER(failed_looks),
     "Looks that failed.", NULL},
    {"pgunlock_connect_failures", COUNTER, AS_COUNT, SERVER(failed_connects),
     "Attempts to connect that failed.", NULL},
    {"pgunlock_incidents", COUNTER, AS_COUNT, SERVER(incidents),
     "Incidents that began.", NULL},
    {"pgunlock_unknown_verdicts", COUNTER, AS_COUNT, SERVER(unknown_verdicts),
     "Times that a rule could not be judged, so that nothing was done.", NULL},
    {"pgunlock_acts", COUNTER, AS_COUNT, OF_ACTS, offsetof(MetricsActs, n),
     "What rules did, by what came of it.", NULL},

    {"pgunlock_notices", COUNTER, AS_COUNT, NOTICES(sent), NOTICES_HELP, "sent"},
    {"pgunlock_notices", COUNTER, AS_COUNT, NOTICES(failed), NOTICES_HELP, "failed"},
    {"pgunlock_notices", COUNTER, AS_COUNT, NOTICES(dropped), NOTICES_HELP, "dropped"},
    {"pgunlock_notices_queued", GAUGE, AS_QUEUED, NOTICES(queued),
     "Notices that wait for their receiver.", NULL},
};
/* clang-format on */

/* How the two formats differ: in the older one a suffix belongs to the name in the head, and infos
 * are gauges. */
static const struct {
	const char *type[2]; /* by MetricsFormat */
	const char *suffix;
} types[N_TYPES] = {
    [GAUGE] = {{"gauge", "gauge"}, ""},
    [COUNTER] = {{"counter", "counter"}, "_total"},
    [HISTOGRAM] = {{"histogram", "histogram"}, ""},
    [INFO] = {{"gauge", "info"}, "_info"},
};

static const char *const units[] = {"seconds", "bytes"};

typedef struct {
	GString *out;
	MetricsFormat format;
	const char *family; /* whose head is written */
} Writer;

static void write_head(Writer *writer, const Row *row)
{
	gboolean is_open = writer->format == METRICS_OPENMETRICS;
	const char *suffix = is_open ? "" : types[row->type].suffix;

	if (g_strcmp0(writer->family, row->name) == 0)
		return;
	writer->family = row->name;
	g_string_append_printf(writer->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", row->name, suffix,
	                       row->help, row->name, suffix, types[row->type].type[writer->format]);
	for (guint i = 0; i < G_N_ELEMENTS(units) && is_open; i++) {
		if (g_str_has_suffix(row->name, units[i]))
			g_string_append_printf(writer->out, "# UNIT %s %s\n", row->name, units[i]);
	}
}

/* Both formats escape these three in the value of a label. */
static void append_label(GString *labels, const char *name, const char *value)
{
	g_autofree char *valid = text_repair(value, strlen(value));

	g_string_append_printf(labels, "%s%s=\"", labels->len > 0 ? "," : "", name);
	for (const char *p = valid; *p != '\0'; p++) {
		if (*p == '\n')
			g_string_append(labels, "\\n");
		else if (*p == '"' || *p == '\\')
			g_string_append_printf(labels, "\\%c", *p);
		else
			g_string_append_c(labels, *p);
	}
	g_string_append_c(labels, '"');
}

static void append_name(Writer *writer, const Row *row, const char *suffix, const GString *labels)
{
	write_head(writer, row);
	g_string_append_printf(writer->out, "%s%s", row->name, suffix);
	if (labels->len > 0)
		g_string_append_printf(writer->out, "{%s}", labels->str);
	g_string_append_c(writer->out, ' ');
}

/* Exactly: 12.3, not 12.300000000000001. */
static void append_seconds(GString *out, gint64 us)
{
	guint64 distance = us < 0 ? -(guint64) us : (guint64) us;
	guint64 fraction = distance % DURATION_SECOND;

	g_string_append_printf(out, "%s%" G_GUINT64_FORMAT, us < 0 ? "-" : "",
	                       distance / DURATION_SECOND);
	if (fraction > 0) {
		g_string_append_printf(out, ".%06u", (guint) fraction);
		while (out->str[out->len - 1] == '0')
			g_string_truncate(out, out->len - 1);
	}
}

static void write_number(Writer *writer, const Row *row, gint64 number, const GString *labels)
{
	if (number == METRICS_UNKNOWN)
		return;
	append_name(writer, row, types[row->type].suffix, labels);
	if (row->as == AS_SECONDS)
		append_seconds(writer->out, number);
	else
		g_string_append_printf(writer->out, "%" G_GINT64_FORMAT, number);
	g_string_append_c(writer->out, '\n');
}

static void write_count(Writer *writer, const Row *row, const char *suffix, guint64 count,
                        const GString *labels)
{
	append_name(writer, row, suffix, labels);
	g_string_append_printf(writer->out, "%" G_GUINT64_FORMAT "\n", count);
}

static void write_histogram(Writer *writer, const Row *row, const MetricsHistogram *histogram,
                            GString *labels)
{
	gsize length = labels->len;
	guint64 so_far = 0;

	for (guint i = 0; i <= METRICS_BUCKETS; i++) {
		so_far += histogram->counts[i];
		append_label(labels, "le", i < METRICS_BUCKETS ? metrics_buckets[i].label : "+Inf");
		write_count(writer, row, "_bucket", so_far, labels);
		g_string_truncate(labels, length);
	}
	write_count(writer, row, "_count", so_far, labels);
	append_name(writer, row, "_sum", labels);
	append_seconds(writer->out, histogram->sum_us);
	g_string_append_c(writer->out, '\n');
}

/* The series of a row for one thing, a struct. */
static void write_series(Writer *writer, const Row *row, gconstpointer thing, GString *labels)
{
	const char *member = (const char *) thing + row->offset;
	gconstpointer value = member;

	if (row->result != NULL)
		append_label(labels, "result", row->result);
	switch (row->as) {
	case AS_BOOL:
		write_number(writer, row, *(const gboolean *) value ? 1 : 0, labels);
		break;
	case AS_COUNT:
		write_count(writer, row, types[row->type].suffix, *(const guint64 *) value, labels);
		break;
	case AS_QUEUED:
		write_number(writer, row, *(const guint *) value, labels);
		break;
	case AS_NUMBER:
	case AS_SECONDS:
		write_number(writer, row, *(const gint64 *) value, labels);
		break;
	case AS_HISTOGRAM:
		write_histogram(writer, row, value, labels);
		break;
	case AS_VERSION:
		append_label(labels, "version", *(const char *const *) value);
		write_number(writer, row, 1, labels);
		break;
	}
}

static void write_named(Writer *writer, const Row *row, GTree *things, const char *label)
{
	for (GTreeNode *node = g_tree_node_first(things); node != NULL; node = g_tree_node_next(node)) {
		g_autoptr(GString) labels = g_string_new(NULL);

		append_label(labels, label, g_tree_node_key(node));
		write_series(writer, row, g_tree_node_value(node), labels);
	}
}

static void write_acts(Writer *writer, const Row *row, GTree *things)
{
	for (GTreeNode *node = g_tree_node_first(things); node != NULL; node = g_tree_node_next(node)) {
		const MetricsActs *acts = g_tree_node_value(node);
		g_autoptr(GString) labels = g_string_new(NULL);

		append_label(labels, "server", acts->server);
		append_label(labels, "rule", acts->rule);
		append_label(labels, "result", acts->result);
		write_series(writer, row, acts, labels);
	}
}

void metrics_render(GString *out, const Metrics *metrics, MetricsFormat format)
{
	Writer writer = {out, format, NULL};
	g_autoptr(GString) no_labels = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		switch (rows[i].of) {
		case OF_GUARD:
			write_series(&writer, &rows[i], &metrics->guard, no_labels);
			g_string_truncate(no_labels, 0);
			break;
		case OF_SERVER:
			write_named(&writer, &rows[i], metrics->servers, "server");
			break;
		case OF_NOTICES:
			write_named(&writer, &rows[i], metrics->notices, "target");
			break;
		case OF_ACTS:
			write_acts(&writer, &rows[i], metrics->acts);
			break;
		}
	}
	if (format == METRICS_OPENMETRICS)
		g_string_append(out, "# EOF\n");
}
