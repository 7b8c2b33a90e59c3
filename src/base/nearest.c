#include "base/nearest.h"

#include <string.h>

/* Longer words are no typing mistakes of ours. */
#define MAX_LENGTH 40

/* The optimal string alignment distance. */
static guint distance(const char *a, const char *b)
{
	gsize n = strlen(a);
	gsize m = strlen(b);
	guint d[MAX_LENGTH + 1][MAX_LENGTH + 1];

	for (gsize i = 0; i <= n; i++)
		d[i][0] = (guint) i;
	for (gsize j = 0; j <= m; j++)
		d[0][j] = (guint) j;
	for (gsize i = 1; i <= n; i++) {
		for (gsize j = 1; j <= m; j++) {
			char x = g_ascii_tolower(a[i - 1]);
			char y = g_ascii_tolower(b[j - 1]);
			guint best = MIN(d[i - 1][j], d[i][j - 1]) + 1;
			best = MIN(best, d[i - 1][j - 1] + (x == y ? 0 : 1));
			if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
				best = MIN(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	}
	return d[n][m];
}

const char *nearest_name(const char *typed, const char *const *names)
{
	gsize length = strlen(typed);
	if (length == 0 || length > MAX_LENGTH)
		return NULL;

	const char *nearest = NULL;
	guint least = G_MAXUINT;
	for (; *names; names++) {
		if (strlen(*names) > MAX_LENGTH)
			continue;
		guint mistakes = distance(typed, *names);
		if (length >= 3 && g_ascii_strncasecmp(typed, *names, length) == 0)
			mistakes = 1;
		if (mistakes < least && mistakes <= MAX(strlen(*names) / 3, 1)) {
			nearest = *names;
			least = mistakes;
		}
	}
	return nearest;
}
