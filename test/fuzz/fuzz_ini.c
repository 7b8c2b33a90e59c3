#include "fuzz.h"

#include "base/error.h"
#include "base/ini.h"

#include <string.h>

static void check_section(const IniSection *section, guint *last_line)
{
	g_assert_cmpstr(section->kind, !=, "");
	g_assert_true(g_utf8_validate(section->kind, -1, NULL));
	g_assert_true(g_utf8_validate(section->name, -1, NULL));
	g_assert_cmpuint(section->line, >, *last_line);
	*last_line = section->line;
	for (guint i = 0; i < section->n_entries; i++) {
		const IniEntry *entry = &section->entries[i];

		g_assert_cmpstr(entry->key, !=, "");
		g_assert_null(strchr(entry->key, '='));
		g_assert_cmpstr(entry->value, !=, "");
		g_assert_true(g_utf8_validate(entry->value, -1, NULL));
		g_assert_null(strpbrk(entry->value, "\n\r\033"));
		g_assert_cmpuint(entry->line, >, *last_line);
		*last_line = entry->line;
		for (guint k = 0; k < i; k++)
			g_assert_cmpstr(section->entries[k].key, !=, entry->key);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IniFile) ini = ini_parse((const char *) data, size, "p", &error);
	guint last_line = 0;

	if (ini == NULL) {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
		g_assert_true(g_str_has_prefix(error->message, "p:"));
		return 0;
	}
	g_assert_no_error(error);
	for (guint i = 0; i < ini_n_sections(ini); i++)
		check_section(ini_section(ini, i), &last_line);
	return 0;
}
