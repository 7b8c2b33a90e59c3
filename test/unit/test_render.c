#include "scene.h"

#include "plan/act.h"
#include "render/act_words.h"
#include "render/alike.h"
#include "render/command.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/statement.h"
#include "render/tree_rows.h"

#include <string.h>

static const RenderStyle narrow = {.width = 20, .unicode = TRUE, .connection_args = " -h db1"};
static const RenderStyle colored = {.width = 20, .color = TRUE, .connection_args = ""};

/* 13 doesn't tell how long hidden sessions wait. */
static void test_unknown_waits_in_a_unit(void)
{
	TreeUnit unit = TREE_UNIT_EMPTY;

	tree_unit_add_waits(&unit, WAITED_UNKNOWN, WAITED_UNKNOWN);
	g_assert_cmpint(unit.shortest_us, ==, WAITED_UNKNOWN);
	g_assert_cmpint(unit.longest_us, ==, WAITED_UNKNOWN);
	tree_unit_add_waits(&unit, 5, 7);
	tree_unit_add_waits(&unit, WAITED_UNKNOWN, WAITED_UNKNOWN);
	g_assert_cmpint(unit.shortest_us, ==, 5);
	g_assert_cmpint(unit.longest_us, ==, 7);
	tree_unit_add_waits(&unit, 0, 9);
	g_assert_cmpint(unit.shortest_us, ==, 0);
	g_assert_cmpint(unit.longest_us, ==, 9);
}

static void test_words_break_at_blanks(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, "  ");
	line_words(&line, INK_PLAIN, "nobody waits for a lock on it");
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "nobody waits for a\n  lock on it\n");
}

static void test_long_words_are_split(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, "  ");
	line_words(&line, INK_PLAIN, "a 0123456789012345678901234567890 b");
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "a\n  012345678901234567\n  8901234567890 b\n");
}

static void test_wide_characters_count_twice(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, NULL);
	line_words(&line, INK_PLAIN, "倉庫倉庫倉庫倉庫倉庫倉庫");
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "倉庫倉庫倉庫倉庫倉庫\n倉庫\n");
}

static void test_colors_take_no_columns(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &colored, NULL);
	line_words(&line, INK_STRONG, "0123456789");
	line_blanks(&line, 1);
	line_piece(&line, INK_BAD, "012345678");
	line_piece(&line, INK_PLAIN, "x");
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "\033[1m0123456789\033[0m \033[31m012345678\033[0m\nx\n");
}

static void test_rest_is_cut(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, "  ");
	line_words(&line, INK_PLAIN, "0123456789");
	line_blanks(&line, 2);
	line_rest(&line, INK_PLAIN, "SELECT something", 5);
	line_end(&line);
	line_begin(&line, out, &narrow, "  ");
	line_words(&line, INK_PLAIN, "0123456789");
	line_blanks(&line, 2);
	line_rest(&line, INK_PLAIN, "SELECT something", 10);
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "0123456789  SELECT …\n0123456789\n  SELECT something\n");
}

static void test_paragraph_keeps_to_its_lines(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, NULL);
	line_paragraph(&line, INK_PLAIN, "one two three four five six seven eight nine ten", 2);
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "one two three four\nfive six seven eigh…\n");
}

static void test_copied_text_stays_whole(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Line line;

	line_begin(&line, out, &narrow, NULL);
	line_raw(&line, INK_PLAIN, "GRANT pg_signal_backend TO oncall;");
	line_end(&line);
	g_assert_cmpstr(out->str, ==, "GRANT pg_signal_backend TO oncall;\n");
}

static void test_commands_are_quoted(void)
{
	static const char *const words[][2] = {
	    {"6743a1b2.1267", "6743a1b2.1267"}, {"gid:a b", "'gid:a b'"},
	    {"gid:it's", "'gid:it'\\''s'"},     {"gid:\033[31m'\\", "$'gid:\\033[31m\\'\\\\'"},
	    {"gid:a\n1", "$'gid:a\\0121'"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autofree char *quoted = command_quote(words[i][0]);
		g_assert_cmpstr(quoted, ==, words[i][1]);
	}
}

static char *excerpt(const char *query, guint columns)
{
	const Session session = {.query = query};

	return session_statement_excerpt(&session, columns);
}

static void assert_hint(const char *hint, const char *expected)
{
	g_autofree char *completed = command_hint(hint, " -h 'my host'");

	g_assert_cmpstr(completed, ==, expected);
}

static void test_commands_in_hints_say_where(void)
{
	assert_hint(NULL, NULL);
	assert_hint("GRANT x TO y;", "GRANT x TO y;");
	assert_hint("\"pgunlock tree\" shows it", "\"pgunlock tree -h 'my host'\" shows it");
	assert_hint("it: \"pgunlock terminate 4711\"; \"pgunlock tree\"",
	            "it: \"pgunlock terminate -h 'my host' 4711\"; \"pgunlock tree -h 'my host'\"");
	/* these take none, and a word that only begins so is none of ours */
	assert_hint("\"pgunlock history\", \"pgunlock guard\"",
	            "\"pgunlock history\", \"pgunlock guard\"");
	assert_hint("\"pgunlock rows\", \"pgunlock ", "\"pgunlock rows\", \"pgunlock ");
	/* not a command to type, but a role of that name */
	assert_hint("GRANT x TO \"pgunlock\";", "GRANT x TO \"pgunlock\";");
}

static void test_excerpt_reads_no_more_than_it_needs(void)
{
	g_autofree char *large = g_strnfill(1000000, 'x');
	g_autofree char *indented = g_strdup_printf("\n\n    SELECT  1,\n\t 2%s", large);
	g_autofree char *blanks = g_strnfill(1000000, ' ');
	g_autofree char *of_large = excerpt(large, 40);
	g_autofree char *of_indented = excerpt(indented, 12);
	g_autofree char *of_blanks = excerpt(blanks, 40);
	g_autofree char *of_short = excerpt("SELECT 1;\n", 40);
	g_autofree char *of_nothing = excerpt(NULL, 40);

	g_assert_cmpuint(strlen(of_large), ==, 41);
	g_assert_true(g_str_has_prefix(of_indented, "SELECT 1, 2"));
	g_assert_cmpuint(strlen(of_indented), <=, 13);
	g_assert_cmpstr(of_blanks, ==, "");
	g_assert_cmpstr(of_short, ==, "SELECT 1;");
	g_assert_cmpstr(of_nothing, ==, "");
}

/* A word for every code: a new one without words would crash the one who is shown it. */
static void test_every_reason_and_refusal_has_words(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);

	scene_begin(&scene, 150000);
	scene_session(&scene, 4711, "active", 5, 5, "SELECT 1");
	snapshot = scene_end(&scene);
	for (ActReason reason = REASON_REQUESTED; reason <= REASON_PROCESS; reason++) {
		g_assert_nonnull(reason_code(reason));
		g_assert_nonnull(reason_text(reason));
	}
	for (ActRefusal refusal = REFUSAL_SELF; refusal <= REFUSAL_COMPANION; refusal++) {
		g_autofree char *text = refusal_text(snapshot, 0, refusal);
		g_autofree char *grant = refusal_grant(snapshot, 0, refusal);

		g_assert_nonnull(text);
		g_assert_null(strchr(text, '{'));
		g_assert_true(g_hash_table_add(codes, (gpointer) (gsize) refusal_code(refusal)));
		g_assert_true(grant == NULL || g_str_has_suffix(grant, " TO oncall;"));
	}
}

/* Four alike waiters, one of another application among them, and one that blocks a seventh. */
static Snapshot *make_mixed_queue(void)
{
	static const double waited[] = {90, 80, 70, 60, 50, 40, 30};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle in transaction", 100, 100, "LOCK TABLE t");
	scene_lock(&scene, 100, tag_advisory(0, 1, 1), "ExclusiveLock", GRANTED);
	for (gint32 i = 0; i < 6; i++) {
		Session session = scene_blank_session(101 + i);

		session.state_text = "active";
		session.application_name = i == 2 ? "other" : "login-service";
		session.query = "SELECT 1";
		snapshot_builder_add_session(scene.builder, &session);
		scene_lock(&scene, 101 + i, tag_advisory(0, 1, 1), "ShareLock", waited[i]);
	}
	scene_lock(&scene, 104, tag_advisory(0, 2, 1), "ExclusiveLock", GRANTED);
	scene_session(&scene, 107, "active", 30, 30, "SELECT 2");
	scene_lock(&scene, 107, tag_advisory(0, 2, 1), "ExclusiveLock", 30);
	return scene_end(&scene);
}

static gint32 pid_of(const Snapshot *snapshot, guint session)
{
	return snapshot_session(snapshot, session)->pid;
}

static void test_alike_waiters_stand_together(void)
{
	g_autoptr(Snapshot) snapshot = make_mixed_queue();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(TreeUnit));
	static const gint32 expected[] = {101, 102, 105, 106, 103, 104};
	guint n;
	const guint *children = wait_graph_children(graph, wait_graph_root(graph, 0), &n);

	g_assert_cmpuint(n, ==, 6);
	alike_append_units(graph, children, n, TRUE, units);
	g_assert_cmpuint(units->len, ==, 6);
	for (guint i = 0; i < units->len; i++) {
		const TreeUnit *unit = &g_array_index(units, TreeUnit, i);

		g_assert_cmpint(pid_of(snapshot, unit->session), ==, expected[i]);
		g_assert_cmpuint(unit->n, ==, 1);
	}
}

static void test_many_alike_waiters_fold(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(TreeUnit));
	const guint *children;
	const TreeUnit *folded;
	guint n;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 7);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	children = wait_graph_children(graph, wait_graph_root(graph, 0), &n);
	g_assert_cmpuint(n, ==, 1);
	children = wait_graph_children(graph, children[0], &n);
	g_assert_cmpuint(n, ==, 6);
	alike_append_units(graph, children, n, TRUE, units);
	g_assert_cmpuint(units->len, ==, 4);
	folded = &g_array_index(units, TreeUnit, 3);
	g_assert_cmpuint(folded->n, ==, 3);
	g_assert_cmpint(folded->longest_us, ==, G_GINT64_CONSTANT(248000000));
	g_assert_cmpint(folded->shortest_us, ==, G_GINT64_CONSTANT(246000000));
	g_array_set_size(units, 0);
	alike_append_units(graph, children, n, FALSE, units);
	g_assert_cmpuint(units->len, ==, 6);
}

/* Statements as applications send them, with values; one that is long before it differs; white
 * space; and three that do something else. */
static Snapshot *make_queue_of_values(void)
{
	static const char *const ends[] = {"token = '7'",    "token = 'it''s'", "token =\n  8",
	                                   "token = 'last",  "token = NULL",    "key = '7'",
	                                   "\"Token\" = '7'"};
	g_autofree char *values = g_strnfill(1000, '1');
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle in transaction", 100, 100, "LOCK TABLE t");
	scene_lock(&scene, 100, tag_advisory(0, 1, 1), "ExclusiveLock", GRANTED);
	for (gint32 i = 0; i < (gint32) G_N_ELEMENTS(ends); i++) {
		g_autofree char *query =
		    g_strdup_printf("UPDATE t SET data = '%.*s', %s", i * 100, values, ends[i]);

		scene_session(&scene, 101 + i, "active", 90, 90, query);
		scene_lock(&scene, 101 + i, tag_advisory(0, 1, 1), "ShareLock", 90 - i);
	}
	for (gint32 i = 0; i < 3; i++) {
		scene_session(&scene, 120 + i, "active", 90, 90, "UPDATE t SET data = '', token = 9");
		scene_lock(&scene, 120 + i, tag_advisory(0, 1, 1), "ShareLock", 50 - i);
	}
	return scene_end(&scene);
}

static void test_values_make_no_difference(void)
{
	g_autoptr(Snapshot) snapshot = make_queue_of_values();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(TreeUnit));
	static const gint32 expected[] = {101, 102, 103, 104, 105, 106, 107};
	static const guint of[] = {1, 1, 1, 4, 1, 1, 1};
	guint n;
	const guint *children = wait_graph_children(graph, wait_graph_root(graph, 0), &n);

	alike_append_units(graph, children, n, TRUE, units);
	g_assert_cmpuint(units->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < MIN(units->len, G_N_ELEMENTS(expected)); i++) {
		const TreeUnit *unit = &g_array_index(units, TreeUnit, i);

		g_assert_cmpint(pid_of(snapshot, unit->session), ==, expected[i]);
		g_assert_cmpuint(unit->n, ==, of[i]);
	}
}

static guint measure_two(G_GNUC_UNUSED const TreeUnit *unit, G_GNUC_UNUSED guint depth,
                         G_GNUC_UNUSED gpointer user_data)
{
	return 2;
}

/* Three roots with four waiters each, who all hold up one more. */
static Snapshot *make_three_trees(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	for (guint32 root = 0; root < 3; root++) {
		gint32 pid = 100 * (gint32) (root + 1);

		scene_session(&scene, pid, "idle in transaction", 100, 100, "");
		scene_lock(&scene, pid, tag_advisory(0, root, 1), "ExclusiveLock", GRANTED);
		for (gint32 i = 1; i <= 4; i++) {
			g_autofree char *query = g_strdup_printf("SELECT %d", i);

			scene_session(&scene, pid + i, "active", 50, 50, query);
			scene_lock(&scene, pid + i, tag_advisory(0, root, 1), "ShareLock", 50 - i);
		}
	}
	return scene_end(&scene);
}

static void test_short_of_lines_all_roots_get_their_turn(void)
{
	g_autoptr(Snapshot) snapshot = make_three_trees();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(TreeRow));
	guint n_more = 0, n_hidden = 0, n_lines = 0, n_roots = 0;

	tree_rows_append(graph, 20, measure_two, NULL, rows);
	for (guint i = 0; i < rows->len; i++) {
		const TreeRow *row = &g_array_index(rows, TreeRow, i);

		n_lines += row->kind == ROW_SESSION ? 2 : 1;
		n_more += row->kind == ROW_MORE;
		n_hidden += row->kind == ROW_MORE ? row->unit.n : 0;
		n_roots += row->kind == ROW_SESSION && row->depth == 0;
	}
	g_assert_cmpuint(n_lines, <=, 20);
	g_assert_cmpuint(n_roots, ==, 3);
	g_assert_cmpuint(n_more, >, 0);
	g_assert_cmpuint(rows->len - n_more + n_hidden, ==, 15);
}

static void test_everything_is_shown_in_full(void)
{
	g_autoptr(Snapshot) snapshot = make_three_trees();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(TreeRow));

	tree_rows_append(graph, 0, NULL, NULL, rows);
	g_assert_cmpuint(rows->len, ==, 15);
	for (guint i = 0; i < rows->len; i++)
		g_assert_cmpint(g_array_index(rows, TreeRow, i).kind, ==, ROW_SESSION);
}

static void assert_standing(guint n_more, guint n_less, const char *expected)
{
	static const RenderStyle wide = {.width = 200, .connection_args = ""};
	g_autoptr(GString) out = g_string_new("tree\n");

	render_standing_text(out, 4200000, 420000, n_more, n_less, &wide);
	g_assert_cmpstr(out->str, ==, expected);
}

static void test_standing(void)
{
	assert_standing(0, 0,
	                "tree\n\nseen 4.2s ago; the same sessions still wait (a look takes 420ms here: "
	                "--budget)\n");
	assert_standing(2, 1,
	                "tree\n\nseen 4.2s ago; 2 sessions wait besides by now, 1 no longer (a look "
	                "takes 420ms here: --budget)\n");
	assert_standing(
	    0, 3, "tree\n\nseen 4.2s ago; 3 no longer wait (a look takes 420ms here: --budget)\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tree/unknown-waits-in-a-unit", test_unknown_waits_in_a_unit);
	g_test_add_func("/line/words-break-at-blanks", test_words_break_at_blanks);
	g_test_add_func("/line/long-words-are-split", test_long_words_are_split);
	g_test_add_func("/line/wide-characters", test_wide_characters_count_twice);
	g_test_add_func("/line/colors", test_colors_take_no_columns);
	g_test_add_func("/line/rest", test_rest_is_cut);
	g_test_add_func("/line/paragraph", test_paragraph_keeps_to_its_lines);
	g_test_add_func("/line/raw", test_copied_text_stays_whole);
	g_test_add_func("/command-quote", test_commands_are_quoted);
	g_test_add_func("/command-hint", test_commands_in_hints_say_where);
	g_test_add_func("/excerpt", test_excerpt_reads_no_more_than_it_needs);
	g_test_add_func("/words/every-code", test_every_reason_and_refusal_has_words);
	g_test_add_func("/alike/together", test_alike_waiters_stand_together);
	g_test_add_func("/alike/fold", test_many_alike_waiters_fold);
	g_test_add_func("/alike/values-make-no-difference", test_values_make_no_difference);
	g_test_add_func("/rows/short-of-lines", test_short_of_lines_all_roots_get_their_turn);
	g_test_add_func("/rows/full", test_everything_is_shown_in_full);
	g_test_add_func("/standing", test_standing);
	return g_test_run();
}
