#include "audit/audit.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

char *audit_default_path(void)
{
	return g_build_filename(g_get_user_state_dir(), "pgunlock", "audit.jsonl", NULL);
}

char *audit_os_user(void)
{
	const struct passwd *entry = getpwuid(getuid());
	g_autofree char *name =
	    entry ? g_strdup(entry->pw_name) : g_strdup_printf("uid %u", (guint) getuid());
	const char *sudo_user = g_getenv("SUDO_USER");
	if (!sudo_user || !*sudo_user)
		return g_steal_pointer(&name);
	return g_strdup_printf("%s (sudo: %s)", name, sudo_user);
}

static gboolean failed(const char *path, const char *what, int error_number, GError **error)
{
	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot %s the audit log %s: %s", what, path,
	          g_strerror(error_number));
	return FALSE;
}

static void hint_at_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *quoted = text_shell_quote(folder);

	error_set_hint(error, "there is no folder %s: mkdir -p %s makes it", folder, quoted);
}

gboolean audit_check_place(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return failed(path, "open", EISDIR, error);
	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return TRUE;
	failed(path, "open", ENOENT, error);
	hint_at_folder(path, error);
	return FALSE;
}

static gboolean append_line(const char *path, const GString *line, GError **error)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0) {
		int open_error = errno;
		failed(path, "open", open_error, error);
		if (open_error == ENOENT)
			hint_at_folder(path, error);
		return FALSE;
	}

	ssize_t written;
	do
		written = write(fd, line->str, line->len);
	while (written < 0 && errno == EINTR);
	int write_error = written < 0 ? errno : ENOSPC;
	/* Some file systems report a full disk only now. */
	if (close(fd) != 0 && written == (ssize_t) line->len)
		return failed(path, "write", errno, error);
	if (written != (ssize_t) line->len)
		return failed(path, "write", write_error, error);
	return TRUE;
}

/* A home that isn't there is meant not to be: that of a service's account, say. */
static gboolean make_default_folder(const char *path, GError **error)
{
	const char *state = g_getenv("XDG_STATE_HOME");
	const char *home = g_get_home_dir();
	g_autofree char *folder = g_path_get_dirname(path);

	if ((!state || !*state) && !g_file_test(home, G_FILE_TEST_IS_DIR)) {
		failed(path, "make the folder of", ENOENT, error);
		error_set_hint(error, "%s, this user's home, isn't there: --audit FILE names another place",
		               home);
		return FALSE;
	}
	if (g_mkdir_with_parents(folder, 0700) != 0)
		return failed(path, "make the folder of", errno, error);
	return TRUE;
}

gboolean audit_append(const char *given_path, const char *rule, const Plan *plan,
                      const Outcome *outcome, GError **error)
{
	g_autofree char *default_path = given_path ? NULL : audit_default_path();
	const char *path = given_path ? given_path : default_path;
	if (!given_path && !make_default_folder(path, error))
		return FALSE;

	g_autofree char *os_user = audit_os_user();
	g_autoptr(GString) line = g_string_new(NULL);
	render_audit_line(line, plan, outcome, g_get_real_time(), os_user, rule);
	g_string_append_c(line, '\n');
	return append_line(path, line, error);
}
