#include "doctor/setting_value.h"

#include <string.h>

static const struct {
	const char *name;
	double ms;
} units[] = {{"us", 0.001},  {"ms", 1},      {"s", 1000},
             {"min", 60000}, {"h", 3600000}, {"d", 86400000}};

static gboolean find_unit(const char *name, double *ms)
{
	for (guint i = 0; name != NULL && i < G_N_ELEMENTS(units); i++) {
		if (strcmp(name, units[i].name) == 0) {
			*ms = units[i].ms;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean split(const char *value, double *number, char **rest)
{
	char *end = NULL;

	*number = g_ascii_strtod(value, &end);
	*rest = g_strstrip(g_strdup(end));
	return end != value;
}

gboolean setting_ms(const char *value, const char *unit, double *ms)
{
	g_autofree char *rest = NULL;
	double number, scale;

	if (!split(value, &number, &rest) || !find_unit(*rest != '\0' ? rest : unit, &scale))
		return FALSE;
	*ms = number * scale;
	return TRUE;
}

gboolean setting_number(const char *value, double *number)
{
	g_autofree char *rest = NULL;

	return split(value, number, &rest) && *rest == '\0';
}

gboolean setting_is_on(const char *value)
{
	static const char *const words[] = {"true", "yes", "on", "1"};
	gsize length = strlen(value);

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		/* "o" could be "off" */
		if (length > (i == 2) && g_ascii_strncasecmp(words[i], value, length) == 0)
			return TRUE;
	}
	return FALSE;
}
