#include "tui/export.h"

#include "base/error.h"
#include "render/render.h"
#include "tui/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void render(GString *out, const TopLook *look, const char *path, const RenderStyle *style,
                   const Grid *grid, Theme theme)
{
	RenderStyle plain = *style;

	if (g_str_has_suffix(path, ".svg")) {
		picture_append_svg(out, grid, theme);
		return;
	}
	if (g_str_has_suffix(path, ".json")) {
		render_tree_json(out, look->graph, EDGES_SHOWN, TRUE);
		g_string_append_c(out, '\n');
		return;
	}
	plain.color = FALSE;
	plain.full = TRUE;
	render_tree_text(out, look->graph, &plain);
	render_warnings_text(out, look->snapshot, &plain);
}

static gboolean write_all(int fd, const GString *text)
{
	gsize done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->str + done, text->len - done);
		if (n < 0 && errno != EINTR)
			return FALSE;
		done += n > 0 ? (gsize) n : 0;
	}
	return TRUE;
}

/* As a shell has it: "~/x" is in one's own home. */
static char *expand_home(const char *path)
{
	return g_str_has_prefix(path, "~/") ? g_build_filename(g_get_home_dir(), path + 2, NULL)
	                                    : g_strdup(path);
}

gboolean export_look(const TopLook *look, const char *path, const RenderStyle *style,
                     const Grid *grid, Theme theme, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *real_path = expand_home(path);
	int fd = open(real_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot write %s: %s", path, g_strerror(errno));
		return FALSE;
	}
	render(text, look, path, style, grid, theme);
	gboolean is_written = write_all(fd, text);
	int trouble = errno;
	if (close(fd) == 0 && is_written)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot write %s: %s", path,
	          g_strerror(is_written ? errno : trouble));
	unlink(real_path);
	return FALSE;
}
