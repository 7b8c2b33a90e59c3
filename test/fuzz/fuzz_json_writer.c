#include "fuzz.h"

#include "base/json_writer.h"

/* Any bytes as key and value: what comes out is valid UTF-8 on one line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *) data, size);
	g_autoptr(GString) out = g_string_new(NULL);
	{
		g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
		json_begin_object(json);
		json_key_string(json, "value", text);
		json_end_object(json);
	}
	g_assert_true(g_utf8_validate(out->str, (gssize) out->len, NULL));
	g_assert_true(g_str_has_prefix(out->str, "{\"value\""));
	g_assert_true(g_str_has_suffix(out->str, "\"}"));
	for (gsize i = 0; i < out->len; i++)
		g_assert_cmpuint((guchar) out->str[i], >=, 0x20);
	return 0;
}
