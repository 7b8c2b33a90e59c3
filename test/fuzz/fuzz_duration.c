#include "fuzz.h"

#include "base/duration.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *) data, size);
	g_autoptr(GError) error = NULL;
	gint64 duration_us = -1;
	if (duration_parse(text, &duration_us, &error)) {
		g_assert_no_error(error);
		g_assert_cmpint(duration_us, >=, 0);
		g_autofree char *shown = duration_to_text(duration_us);
		g_assert_cmpstr(shown, !=, "");
	} else {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
	return 0;
}
