#include "fuzz.h"

#include "base/error.h"
#include "model/advisory_labels.h"

#include <string.h>

/* Whatever is found is text that a JSON writer and a terminal's guard take. */
static void check_found(const AdvisoryLabels *labels, const char *database, AdvisoryKey key)
{
	const char *found = advisory_labels_find(labels, database, &key);
	if (found == NULL)
		return;
	g_assert_cmpstr(found, !=, "");
	g_assert_true(g_utf8_validate(found, -1, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const gint64 numbers[] = {0, 1, -1, 7, 42, 1500, G_MAXINT32, G_MININT64, G_MAXINT64};
	static const char *const databases[] = {NULL, "app", ""};
	g_autoptr(GError) error = NULL;
	g_autoptr(AdvisoryLabels) labels =
	    advisory_labels_parse((const char *) data, size, "labels", &error);
	if (labels == NULL) {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
		g_assert_true(g_str_has_prefix(error->message, "labels, line "));
		return 0;
	}
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		for (guint j = 0; j < G_N_ELEMENTS(databases); j++) {
			check_found(labels, databases[j], (AdvisoryKey){.number = numbers[i]});
			check_found(labels, databases[j],
			            (AdvisoryKey){.is_pair = TRUE, .first = 7, .second = (gint32) numbers[i]});
		}
	}
	return 0;
}
