#include "base/json_writer.h"
#include "base/text.h"
#include "doctor/doctor.h"
#include "render/json_parts.h"
#include "render/line.h"
#include "render/session_words.h"
#include "render/summary.h"

#include <string.h>

enum { NAME_COLUMN = 11 };

static const struct {
	const char *word;
	Ink ink;
} statuses[] = {
    [DOCTOR_OK] = {"ok", INK_GOOD},
    [DOCTOR_ADVICE] = {"advice", INK_WARNING},
    [DOCTOR_PROBLEM] = {"problem", INK_BAD},
};

static guint count(const GPtrArray *checks, DoctorStatus status)
{
	guint n = 0;

	for (guint i = 0; i < checks->len; i++)
		n += ((const DoctorCheck *) g_ptr_array_index(checks, i))->status == status;
	return n;
}

/* "idle_in_transaction_session_timeout, role app_rw, database app" */
static char *title(const DoctorCheck *check)
{
	GString *text = g_string_new(NULL);

	text_append_safe(text, check->name);
	if (check->role != NULL) {
		g_string_append(text, ", role ");
		text_append_safe(text, check->role);
	}
	if (check->database != NULL) {
		g_string_append(text, ", database ");
		text_append_safe(text, check->database);
	}
	return g_string_free(text, FALSE);
}

/* The reason is given already, for the server or for another role. */
static gboolean is_same_again(const DoctorCheck *check, const DoctorCheck *before)
{
	return before != NULL && strcmp(check->name, before->name) == 0 &&
	       strcmp(check->why, before->why) == 0;
}

static void append_sql(Line *line, const char *sql)
{
	g_auto(GStrv) statements = g_strsplit(sql, "\n", -1);

	for (guint i = 0; statements[i] != NULL; i++) {
		g_autofree char *safe = text_safe(statements[i]);

		line_break(line);
		line_raw(line, INK_STRONG, safe);
	}
}

static void append_check(GString *out, const DoctorCheck *check, gboolean again,
                         const RenderStyle *style)
{
	g_autofree char *prefix = g_strnfill(NAME_COLUMN, ' ');
	g_autofree char *what = title(check);
	g_autofree char *found = text_safe(check->found);
	Line line;

	line_begin(&line, out, style, prefix);
	line_blanks(&line, 2);
	line_words(&line, statuses[check->status].ink, statuses[check->status].word);
	line_pad(&line, NAME_COLUMN);
	line_words(&line, INK_STRONG, what);
	line_words(&line, INK_PLAIN, ":");
	line_blanks(&line, 1);
	line_words(&line, INK_PLAIN, found);
	if (check->status != DOCTOR_OK) {
		line_wordsf(&line, INK_PLAIN, "; wanted: %s", check->wanted);
		if (!again) {
			line_break(&line);
			line_words(&line, INK_DIM, check->why);
		}
		if (check->sql != NULL)
			append_sql(&line, check->sql);
	}
	line_end(&line);
}

void doctor_text(GString *out, const Snapshot *snapshot, const GPtrArray *checks,
                 const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	guint n_problems = count(checks, DOCTOR_PROBLEM);
	g_autofree char *problems = count_text(n_problems, "problem", "problems");
	g_autofree char *advice =
	    count_text(count(checks, DOCTOR_ADVICE), "piece of advice", "pieces of advice");
	g_autofree char *answer =
	    g_strdup_printf("%s, %s, %u as it should be.", problems, advice, count(checks, DOCTOR_OK));

	summary_append_answer(out, snapshot, style, n_problems > 0 ? INK_BAD : INK_STRONG, answer);
	for (guint i = 0; i < checks->len; i++) {
		const DoctorCheck *check = g_ptr_array_index(checks, i);
		const DoctorCheck *before = i > 0 ? g_ptr_array_index(checks, i - 1) : NULL;

		if (before == NULL || check->status != DOCTOR_OK || before->status != DOCTOR_OK)
			g_string_append_c(out, '\n');
		append_check(out, check, is_same_again(check, before), &readable);
	}
}

static void write_check(JsonWriter *json, const DoctorCheck *check)
{
	json_begin_object(json);
	json_key_string(json, "name", check->name);
	json_key_string(json, "status", statuses[check->status].word);
	json_key_string(json, "role", check->role);
	json_key_string(json, "database", check->database);
	json_key_string(json, "found", check->found);
	json_key_string(json, "wanted", check->wanted);
	json_key_string(json, "why", check->why);
	json_key_string(json, "sql", check->sql);
	json_end_object(json);
}

void doctor_json(GString *out, const Snapshot *snapshot, const GPtrArray *checks, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);

	json_document_begin(json, "doctor", snapshot);
	json_key(json, "summary");
	json_begin_object(json);
	json_key_int(json, "problems", count(checks, DOCTOR_PROBLEM));
	json_key_int(json, "advice", count(checks, DOCTOR_ADVICE));
	json_key_int(json, "ok", count(checks, DOCTOR_OK));
	json_end_object(json);
	json_key(json, "checks");
	json_begin_array(json);
	for (guint i = 0; i < checks->len; i++)
		write_check(json, g_ptr_array_index(checks, i));
	json_end_array(json);
	json_document_end(json, snapshot);
}
