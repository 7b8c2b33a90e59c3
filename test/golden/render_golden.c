/*
 * Renders every fixture with every renderer and compares with the golden files beside it.
 *
 *   render_golden DIRECTORY           compares; shows what differs
 *   render_golden --update DIRECTORY  writes them anew: look at the difference in git
 *
 * Besides, whatever the golden files say: no line is wider than asked for, no control character
 * comes through, a storm fits on a screen.
 */

#include "doctor_documents.h"
#include "documents.h"
#include "fixtures.h"
#include "golden.h"
#include "history_fixtures.h"
#include "metrics_documents.h"
#include "notice_documents.h"
#include "policy_documents.h"
#include "replay_documents.h"

#include "base/error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/history.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* What a person copies is never broken. */
static gboolean is_to_be_copied(const char *line)
{
	line += strspn(line, " ");
	return strstr(line, "pgunlock ") == line || strstr(line, "GRANT ") == line ||
	       strstr(line, "ALTER ") == line || strstr(line, "CREATE ") == line ||
	       strstr(line, "ROLLBACK PREPARED ") == line;
}

/* Removes what style->color adds. */
static char *without_color(const char *text)
{
	g_autoptr(GRegex) codes = g_regex_new("\033\\[[0-9]*m", 0, 0, NULL);

	return g_regex_replace_literal(codes, text, -1, 0, "", 0, NULL);
}

static void check_text(Golden *golden, const char *name, const char *text, guint width)
{
	g_autofree char *plain = without_color(text);
	g_auto(GStrv) lines = g_strsplit(plain, "\n", -1);

	for (const char *const *line = (const char *const *) lines; *line != NULL; line++) {
		g_autofree char *safe = text_safe(*line);
		g_autofree char *squeezed = NULL;

		if (!g_utf8_validate(*line, -1, NULL))
			golden_fail(golden, name, "is not UTF-8", NULL);
		if (text_width(*line) > width && !is_to_be_copied(*line))
			golden_fail(golden, name, "has a line that is too wide", *line);
		if (g_str_has_suffix(*line, " "))
			golden_fail(golden, name, "has a line that ends in a blank", *line);
		for (const char *c = *line; *c != '\0'; c = text_next_char(c)) {
			if (!text_char_is_safe(g_utf8_get_char(c)))
				golden_fail(golden, name, "lets a control character through", safe);
		}
	}
}

static void append_section(GString *file, const TextStyle *style, const char *text)
{
	g_autoptr(GString) visible = g_string_new(text);

	/* So that the file can be read and compared as text. */
	g_string_replace(visible, "\033", "<ESC>", 0);
	g_string_append_printf(file, "==== %s\n%s", style->name, visible->str);
}

static void run_text(Golden *golden, const Fixture *fixture, const Scene *scene,
                     const TextDocument *document)
{
	g_autofree char *name = g_strdup_printf("%s.%s.txt", fixture->name, document->name);
	g_autoptr(GString) file = g_string_new(NULL);

	for (guint i = 0; i < n_text_styles; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		if (text_styles[i].style.full && (fixture->text_only || !document->has_full))
			continue;
		document->render(text, scene, &text_styles[i].style);
		check_text(golden, name, text->str, text_styles[i].style.width);
		append_section(file, &text_styles[i], text->str);
	}
	golden_compare(golden, name, file->str);
}

static void run_data(Golden *golden, const Fixture *fixture, const Scene *scene,
                     const DataDocument *document)
{
	g_autofree char *name = g_strdup_printf("%s.%s", fixture->name, document->name);
	g_autoptr(GString) file = g_string_new(NULL);

	document->render(file, scene);
	if (!g_utf8_validate(file->str, -1, NULL))
		golden_fail(golden, name, "is not UTF-8", NULL);
	golden_compare(golden, name, file->str);
}

static void run_fixture(Golden *golden, const Fixture *fixture)
{
	g_auto(Scene) scene = scene_of(fixture->make());

	for (guint i = 0; i < n_text_documents; i++) {
		if ((!fixture->text_only || text_documents[i].even_if_large) &&
		    scene_has(&scene, text_documents[i].needs))
			run_text(golden, fixture, &scene, &text_documents[i]);
	}
	for (guint i = 0; !fixture->text_only && i < n_data_documents; i++) {
		if (scene_has(&scene, data_documents[i].needs))
			run_data(golden, fixture, &scene, &data_documents[i]);
	}
}

/* At any width, also such that nobody has, and in full. */
static void check_sizes(Golden *golden, const Fixture *fixture)
{
	g_auto(Scene) scene = scene_of(fixture->make());

	for (guint width = 40; width <= 220; width += 60) {
		RenderStyle style = {.width = width, .unicode = TRUE, .connection_args = ""};
		g_autoptr(GString) folded = g_string_new(NULL);
		g_autoptr(GString) full = g_string_new(NULL);
		guint n_lines = 0;

		render_tree_text(folded, scene.graph, &style);
		style.full = TRUE;
		render_tree_text(full, scene.graph, &style);
		check_text(golden, fixture->name, folded->str, width);
		check_text(golden, fixture->name, full->str, width);
		for (const char *c = folded->str; (c = strchr(c, '\n')) != NULL; c++)
			n_lines++;
		if (n_lines > 60)
			golden_fail(golden, fixture->name, "the tree has more than 60 lines", NULL);
	}
}

static void run_doctor(Golden *golden, const DoctorFixture *fixture)
{
	g_autofree char *text_name = g_strdup_printf("%s.doctor.txt", fixture->name);
	g_autofree char *json_name = g_strdup_printf("%s.doctor.json", fixture->name);
	g_autoptr(Snapshot) snapshot = fixture->look();
	g_autoptr(ServerConfig) config = fixture->config();
	g_autoptr(GPtrArray) checks = doctor_examine(snapshot, config);
	g_autoptr(GString) file = g_string_new(NULL);
	g_autoptr(GString) json = g_string_new(NULL);

	for (guint i = 0; i < n_text_styles; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		if (text_styles[i].style.full)
			continue;
		doctor_text(text, snapshot, checks, &text_styles[i].style);
		check_text(golden, text_name, text->str, text_styles[i].style.width);
		append_section(file, &text_styles[i], text->str);
	}
	golden_compare(golden, text_name, file->str);
	doctor_json(json, snapshot, checks, TRUE);
	g_string_append_c(json, '\n');
	golden_compare(golden, json_name, json->str);
}

static void compare_styles(Golden *golden, const char *name,
                           void (*render)(GString *out, gconstpointer data,
                                          const RenderStyle *style),
                           gconstpointer data)
{
	g_autoptr(GString) file = g_string_new(NULL);

	for (guint i = 0; i < n_text_styles; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		if (text_styles[i].style.full)
			continue;
		render(text, data, &text_styles[i].style);
		check_text(golden, name, text->str, text_styles[i].style.width);
		append_section(file, &text_styles[i], text->str);
	}
	golden_compare(golden, name, file->str);
}

static void compare_json(Golden *golden, const char *name,
                         void (*render)(GString *out, gconstpointer data), gconstpointer data)
{
	g_autoptr(GString) json = g_string_new(NULL);

	render(json, data);
	g_string_append_c(json, '\n');
	golden_compare(golden, name, json->str);
}

/* What a policy says of the sessions of some fixtures. */
static void run_policies(Golden *golden)
{
	for (guint i = 0; i < n_policy_fixtures; i++) {
		const PolicyFixture *fixture = &policy_fixtures[i];
		g_autofree char *policy_text = g_strdup_printf("%s.policy.txt", fixture->name);
		g_autofree char *policy_json = g_strdup_printf("%s.policy.json", fixture->name);
		g_auto(PolicyScene) scene = policy_scene_of(fixture);

		compare_styles(golden, policy_text, text_policy, &scene);
		compare_json(golden, policy_json, json_policy, &scene);
		if (i > 0)
			continue;
		compare_styles(golden, "nobody.explain.txt", text_explain, &scene);
		compare_json(golden, "nobody.explain.json", json_explain, &scene);
	}
	for (guint i = 0; i < n_fixtures; i++) {
		g_autofree char *text = g_strdup_printf("%s.explain.txt", fixtures[i].name);
		g_autofree char *json = g_strdup_printf("%s.explain.json", fixtures[i].name);

		if (!policy_explains(&fixtures[i]))
			continue;
		g_auto(PolicyScene) scene = policy_scene_of(&policy_fixtures[0]);

		policy_scene_look(&scene, fixtures[i].make());
		compare_styles(golden, text, text_explain, &scene);
		compare_json(golden, json, json_explain, &scene);
	}
}

/* What history shows: a list, or one of them. */
typedef struct {
	const GPtrArray *records;
	const IncidentRecord *record;
	HistoryView view;
} HistoryScene;

static void text_history(GString *out, gconstpointer data, const RenderStyle *style)
{
	const HistoryScene *scene = data;

	render_history_text(out, scene->records, &scene->view, style);
}

static void json_history(GString *out, gconstpointer data)
{
	const HistoryScene *scene = data;

	render_history_json(out, scene->records, &scene->view, TRUE);
}

static void text_incident(GString *out, gconstpointer data, const RenderStyle *style)
{
	const HistoryScene *scene = data;

	render_incident_text(out, scene->record, &scene->view, style);
}

static void json_incident(GString *out, gconstpointer data)
{
	const HistoryScene *scene = data;

	render_incident_json(out, scene->record, &scene->view, TRUE);
}

static const IncidentRecord *the_open_one(const GPtrArray *records)
{
	for (guint i = 0; i < records->len; i++) {
		const IncidentRecord *record = g_ptr_array_index(records, i);

		if (record->incident->ended_at == TIMESTAMP_NONE)
			return record;
	}
	g_assert_not_reached();
}

static void run_history(Golden *golden)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
	g_autoptr(GPtrArray) records = history_fixtures();
	g_autoptr(GPtrArray) acts = history_act_fixtures();
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GString) csv = g_string_new(NULL);
	HistoryScene scene = {
	    .records = records,
	    .view =
	        {
	            .path = "history.db",
	            .since = TIMESTAMP_NONE,
	            .until = TIMESTAMP_NONE,
	            .zone = zone,
	            .now = TIMESTAMP_NONE,
	        },
	};

	compare_styles(golden, "history.list.txt", text_history, &scene);
	for (guint i = 0; i < records->len; i++) {
		scene.record = g_ptr_array_index(records, i);
		gint64 id = scene.record->incident->id;
		g_autofree char *text = g_strdup_printf("history.%" G_GINT64_FORMAT ".txt", id);
		g_autofree char *json = g_strdup_printf("history.%" G_GINT64_FORMAT ".json", id);

		compare_styles(golden, text, text_incident, &scene);
		compare_json(golden, json, json_incident, &scene);
	}
	const IncidentRecord *left = the_open_one(records);

	/* 9 minutes after the last look at it */
	scene.view.now = left->incident->last_seen + 9 * DURATION_MINUTE;
	scene.record = left;
	compare_styles(golden, "history.left.txt", text_history, &scene);
	compare_styles(golden, "history.left-one.txt", text_incident, &scene);
	scene.view.now = TIMESTAMP_NONE;
	render_history_csv(csv, records);
	golden_compare(golden, "history.list.csv", csv->str);
	scene.records = none;
	compare_styles(golden, "history.none.txt", text_history, &scene);
	scene.records = records;
	scene.view.since = G_GINT64_CONSTANT(1795749125000000);
	scene.view.until = G_GINT64_CONSTANT(1796749125000000);
	scene.view.has_more = TRUE;
	scene.view.acts = acts;
	compare_styles(golden, "history.part.txt", text_history, &scene);
	compare_json(golden, "history.list.json", json_history, &scene);
}

static void run_replay(Golden *golden)
{
	g_auto(ReplayScene) scene = replay_scene();

	compare_styles(golden, "history.replay.txt", text_replay, &scene);
	compare_json(golden, "history.replay.json", json_replay, &scene);
}

static void run_notice(Golden *golden, const NoticeFixture *fixture)
{
	for (guint i = 0; i < n_notice_documents; i++) {
		g_autofree char *name = g_strdup_printf("%s.%s", fixture->name, notice_documents[i].name);
		g_autoptr(GString) file = g_string_new(NULL);

		notice_documents[i].render(file, &fixture->notice);
		check_text(golden, name, file->str, G_MAXUINT);
		golden_compare(golden, name, file->str);
	}
}

static void run_metrics(Golden *golden)
{
	g_autoptr(Metrics) metrics = busy_metrics();
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) open = g_string_new(NULL);

	metrics_render(text, metrics, METRICS_TEXT);
	metrics_render(open, metrics, METRICS_OPENMETRICS);
	check_text(golden, "guard.metrics.txt", text->str, G_MAXUINT);
	golden_compare(golden, "guard.metrics.txt", text->str);
	golden_compare(golden, "guard.openmetrics.txt", open->str);
}

/* Errors are of no fixture. */
static void run_errors(Golden *golden)
{
	const RenderStyle style = {.width = 40, .connection_args = " -h db1 -p 6432"};
	g_autoptr(GError) bare = NULL;
	g_autoptr(GError) full = NULL;
	g_autoptr(GError) named = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) json = g_string_new(NULL);

	error_set(&bare, PGUNLOCK_ERROR_NOT_FOUND, "there is no session %d", 4711);
	error_set(&full, PGUNLOCK_ERROR_REFUSED, "cannot terminate 4711: role \"%s\" may not signal it",
	          "on\033[31mcall");
	error_set_sqlstate(&full, "42501");
	error_set_hint(&full, "GRANT pg_signal_backend TO oncall;");
	error_set(&named, PGUNLOCK_ERROR_NOT_FOUND, "no session matched");
	error_set_hint(&named,
	               "\"pgunlock terminate 6743a1b2.1267\" ends it by name; \"pgunlock tree\" "
	               "shows what it waits for, \"pgunlock history\" what it did");
	render_error_text(text, bare, &style);
	render_error_text(text, full, &style);
	render_error_text(text, named, &style);
	golden_compare(golden, "errors.txt", text->str);
	render_error_json(json, bare, &style, FALSE);
	g_string_append_c(json, '\n');
	render_error_json(json, full, &style, FALSE);
	g_string_append_c(json, '\n');
	render_error_json(json, named, &style, FALSE);
	g_string_append_c(json, '\n');
	golden_compare(golden, "errors.jsonl", json->str);
	g_string_truncate(text, 0);
	render_check_error(text, full);
	golden_compare(golden, "check-error.txt", text->str);
}

int main(int argc, char **argv)
{
	Golden golden = {.update = argc == 3 && strcmp(argv[1], "--update") == 0};

	if (argc != 2 + golden.update) {
		fputs("usage: render_golden [--update] DIRECTORY\n", stderr);
		return 2;
	}
	golden.directory = argv[argc - 1];
	for (guint i = 0; i < n_fixtures; i++) {
		run_fixture(&golden, &fixtures[i]);
		check_sizes(&golden, &fixtures[i]);
	}
	for (guint i = 0; i < n_doctor_fixtures; i++)
		run_doctor(&golden, &doctor_fixtures[i]);
	for (guint i = 0; i < n_notice_fixtures; i++)
		run_notice(&golden, &notice_fixtures[i]);
	run_metrics(&golden);
	run_policies(&golden);
	run_replay(&golden);
	run_history(&golden);
	run_errors(&golden);
	return golden_end(&golden);
}
