#include "fuzz.h"

#include "guard/metrics.h"

/* The header of a request, which anybody may send: some answer to all of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *accept = g_strndup((const char *) data, size);
	g_autofree char *with_text = g_strconcat(accept, ",text/plain;q=2", NULL);
	MetricsFormat format = metrics_format_for(accept);

	g_assert_true(format == METRICS_TEXT || format == METRICS_OPENMETRICS);
	g_assert_nonnull(metrics_content_type(format));
	/* Wanting text as well never makes it less likely to be given. */
	g_assert_true(format == METRICS_OPENMETRICS || metrics_format_for(with_text) == METRICS_TEXT);
	return 0;
}
