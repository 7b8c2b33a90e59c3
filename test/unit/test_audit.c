#include "audit/audit.h"
#include "base/error.h"

#include "scene.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A plan to end the holder of the login incident. */
typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Plan *plan;
	char *folder;
} Fixture;

static void set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	Scene scene;
	GPtrArray *sessions = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_ptr_array_add(sessions, session_ref_parse("100", NULL));
	Selection selection = {.command = COMMAND_TERMINATE, .sessions = sessions};

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 3);
	fixture->snapshot = scene_end(&scene);
	fixture->graph = wait_graph_new(fixture->snapshot);
	fixture->plan = plan_new(fixture->graph, &selection, NULL);
	fixture->folder = g_dir_make_tmp("pgunlock-audit-XXXXXX", NULL);
	g_ptr_array_unref(sessions);
}

static void tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	plan_free(fixture->plan);
	wait_graph_free(fixture->graph);
	snapshot_free(fixture->snapshot);
	g_rmdir(fixture->folder);
	g_free(fixture->folder);
}

static void test_append(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *path = g_build_filename(fixture->folder, "audit.jsonl", NULL);
	g_autoptr(Outcome) outcome = outcome_new(fixture->plan);
	g_autofree char *log = NULL;
	GError *error = NULL;
	struct stat facts;

	g_assert_true(audit_append(path, NULL, fixture->plan, NULL, &error));
	g_assert_no_error(error);
	g_assert_true(audit_append(path, NULL, fixture->plan, outcome, &error));
	g_assert_no_error(error);

	g_assert_cmpint(stat(path, &facts), ==, 0);
	g_assert_cmpuint(facts.st_mode & 0777, ==, 0600);
	g_assert_true(g_file_get_contents(path, &log, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 3);
	g_assert_true(g_str_has_prefix(lines[0], "{"));
	g_assert_true(g_str_has_suffix(lines[1], "}"));
	g_assert_cmpstr(lines[2], ==, "");

	g_unlink(path);
}

static void test_missing_folder(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *folder = g_build_filename(fixture->folder, "mistyped", NULL);
	g_autofree char *path = g_build_filename(folder, "audit.jsonl", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_false(audit_check_place(path, &error));
	g_assert_nonnull(strstr(error->message, "cannot open the audit log"));
	g_clear_error(&error);
	g_assert_false(audit_append(path, NULL, fixture->plan, NULL, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_assert_nonnull(strstr(error_hint(error), folder));
	g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
	g_clear_error(&error);
	g_assert_false(audit_check_place(fixture->folder, &error));
	g_assert_nonnull(strstr(error->message, "Is a directory"));
}

static void test_failures(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const paths[] = {"/dev/full", "/proc/pgunlock/audit.jsonl", "/"};
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(audit_append(paths[i], NULL, fixture->plan, NULL, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
		g_assert_nonnull(strstr(error->message, paths[i]));
	}
}

static void test_who(void)
{
	g_unsetenv("SUDO_USER");
	g_autofree char *plain = audit_os_user();
	g_assert_cmpstr(plain, !=, "");
	g_setenv("SUDO_USER", "alice", TRUE);
	g_autofree char *by_sudo = audit_os_user();
	g_autofree char *expected = g_strdup_printf("%s (sudo: alice)", plain);
	g_assert_cmpstr(by_sudo, ==, expected);
	g_unsetenv("SUDO_USER");
}

static void test_default_path(void)
{
	g_autofree char *path = audit_default_path();
	g_assert_cmpstr(path, ==, "/nowhere/state/pgunlock/audit.jsonl");
}

int main(int argc, char **argv)
{
	g_setenv("XDG_STATE_HOME", "/nowhere/state", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/audit/append", Fixture, NULL, set_up, test_append, tear_down);
	g_test_add("/audit/failures", Fixture, NULL, set_up, test_failures, tear_down);
	g_test_add("/audit/missing-folder", Fixture, NULL, set_up, test_missing_folder, tear_down);
	g_test_add_func("/audit/who", test_who);
	g_test_add_func("/audit/default-path", test_default_path);
	return g_test_run();
}
