#include "base/duration.h"

#include "base/error.h"

#include <string.h>

typedef struct {
	const char *name;
	gint64 us;
} DurationUnit;

static const DurationUnit units[] = {
    {"ms", DURATION_MS},  {"s", DURATION_SECOND}, {"m", DURATION_MINUTE},
    {"h", DURATION_HOUR}, {"d", DURATION_DAY},
};

static const DurationUnit *find_unit(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	}
	return NULL;
}

/* whole and fraction are runs of digits, as text. FALSE on overflow. */
static gboolean multiply(const char *whole, gsize n_whole, const char *fraction, gsize n_fraction,
                         gint64 unit_us, gint64 *product_us)
{
	gint64 count = 0;
	for (gsize i = 0; i < n_whole; i++) {
		if (__builtin_mul_overflow(count, 10, &count) ||
		    __builtin_add_overflow(count, whole[i] - '0', &count))
			return FALSE;
	}
	/* From the last digit on, and so exact however many digits there are. */
	gint64 part_us = 0;
	for (gsize i = n_fraction; i > 0; i--)
		part_us = ((fraction[i - 1] - '0') * unit_us + part_us) / 10;
	gint64 whole_us;
	return !__builtin_mul_overflow(count, unit_us, &whole_us) &&
	       !__builtin_add_overflow(whole_us, part_us, product_us);
}

static gboolean parse(const char *text, gint64 *duration_us)
{
	static const char digits[] = "0123456789";
	gsize n_whole = strspn(text, digits);
	if (n_whole == 0)
		return FALSE;
	const char *rest = text + n_whole;
	const char *fraction = rest;
	gsize n_fraction = 0;
	if (*rest == '.') {
		fraction = rest + 1;
		n_fraction = strspn(fraction, digits);
		if (n_fraction == 0)
			return FALSE;
		rest = fraction + n_fraction;
	}
	if (strcmp(text, "0") == 0) {
		*duration_us = 0;
		return TRUE;
	}
	const DurationUnit *unit = find_unit(rest);
	return unit != NULL && multiply(text, n_whole, fraction, n_fraction, unit->us, duration_us);
}

gboolean duration_parse(const char *text, gint64 *duration_us, GError **error)
{
	gint64 parsed_us;
	if (!parse(text, &parsed_us)) {
		error_set(error, PGUNLOCK_ERROR_USAGE,
		          "invalid duration \"%s\": expected a number and a unit, as in 500ms, 30s, 5m, 2h "
		          "or 1d",
		          text);
		return FALSE;
	}
	*duration_us = parsed_us;
	return TRUE;
}

/* Two neighbouring units, the smaller one left out when it is zero. */
static char *two_units(gint64 large, char large_unit, gint64 small, int small_digits,
                       char small_unit)
{
	if (small == 0)
		return g_strdup_printf("%" G_GINT64_FORMAT "%c", large, large_unit);
	return g_strdup_printf("%" G_GINT64_FORMAT "%c%0*d%c", large, large_unit, small_digits,
	                       (int) small, small_unit);
}

char *duration_to_text(gint64 duration_us)
{
	gint64 us = MAX(duration_us, 0);
	if (us < DURATION_SECOND)
		return g_strdup_printf("%dms", (int) (us / DURATION_MS));
	if (us < 10 * DURATION_SECOND)
		return g_strdup_printf("%d.%ds", (int) (us / DURATION_SECOND),
		                       (int) (us % DURATION_SECOND / (DURATION_SECOND / 10)));
	if (us < DURATION_MINUTE)
		return g_strdup_printf("%ds", (int) (us / DURATION_SECOND));
	if (us < DURATION_HOUR)
		return two_units(us / DURATION_MINUTE, 'm', us % DURATION_MINUTE / DURATION_SECOND, 2, 's');
	if (us < DURATION_DAY)
		return two_units(us / DURATION_HOUR, 'h', us % DURATION_HOUR / DURATION_MINUTE, 2, 'm');
	return two_units(us / DURATION_DAY, 'd', us % DURATION_DAY / DURATION_HOUR, 1, 'h');
}
