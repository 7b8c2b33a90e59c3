#include "base/json_writer.h"
#include "base/timestamp.h"

#include <string.h>

static void write_sample(JsonWriter *json)
{
	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.tree/1");
	json_key_null(json, "nothing");
	json_key_bool(json, "granted", TRUE);
	json_key_bool(json, "fast_path", FALSE);
	json_key_int(json, "pid", 4711);
	json_key_seconds(json, "wait_seconds", 12300000);
	json_key_timestamp(json, "taken_at", G_GINT64_CONSTANT(1795415509123456));
	json_key(json, "empty_object");
	json_begin_object(json);
	json_end_object(json);
	json_key(json, "empty_array");
	json_begin_array(json);
	json_end_array(json);
	json_key(json, "edges");
	json_begin_array(json);
	json_int(json, 1);
	json_begin_object(json);
	json_key_string(json, "kind", "hard");
	json_end_object(json);
	json_begin_array(json);
	json_null(json);
	json_bool(json, FALSE);
	json_end_array(json);
	json_end_array(json);
	json_end_object(json);
}

static void test_one_line(void)
{
	g_autoptr(GString) out = g_string_new("before ");
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	write_sample(json);
	g_assert_cmpstr(out->str, ==,
	                "before {\"schema\":\"pgunlock.tree/1\",\"nothing\":null,\"granted\":true,"
	                "\"fast_path\":false,\"pid\":4711,\"wait_seconds\":12.3,"
	                "\"taken_at\":\"2026-11-23T06:31:49.123456Z\",\"empty_object\":{},"
	                "\"empty_array\":[],\"edges\":[1,{\"kind\":\"hard\"},[null,false]]}");
}

static void test_pretty(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, TRUE);
	write_sample(json);
	g_assert_cmpstr(out->str, ==,
	                "{\n"
	                "  \"schema\": \"pgunlock.tree/1\",\n"
	                "  \"nothing\": null,\n"
	                "  \"granted\": true,\n"
	                "  \"fast_path\": false,\n"
	                "  \"pid\": 4711,\n"
	                "  \"wait_seconds\": 12.3,\n"
	                "  \"taken_at\": \"2026-11-23T06:31:49.123456Z\",\n"
	                "  \"empty_object\": {},\n"
	                "  \"empty_array\": [],\n"
	                "  \"edges\": [\n"
	                "    1,\n"
	                "    {\n"
	                "      \"kind\": \"hard\"\n"
	                "    },\n"
	                "    [\n"
	                "      null,\n"
	                "      false\n"
	                "    ]\n"
	                "  ]\n"
	                "}");
}

typedef struct {
	const char *value;
	const char *expected;
} StringCase;

static void test_strings(void)
{
	static const StringCase cases[] = {
	    {NULL, "null"},
	    {"", "\"\""},
	    {"plain", "\"plain\""},
	    {"größe 表 🔒", "\"größe 表 🔒\""},
	    {"\"quoted\" \\ /", "\"\\\"quoted\\\" \\\\ /\""},
	    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
	    {"\x01\x0b\x1f\x1b[2J", "\"\\u0001\\u000b\\u001f\\u001b[2J\""},
	    /* valid, but a terminal would obey */
	    {"\x7f\xc2\x85\xc2\x9b", "\"\\u007f\\u0085\\u009b\""},
	    {"\u202e\u2066\u2069\u202c\u200b\ufeff", "\"\\u202e\\u2066\\u2069\\u202c\\u200b\\ufeff\""},
	    {"\u2028\u2029", "\"\\u2028\\u2029\""},
	    {"\U000e0041", "\"\\udb40\\udc41\""},
	    /* not valid */
	    {"M\xfcller", "\"M\uFFFDller\""},
	    {"\xc0\x80\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\""},
	    {"cut \xe2\x82", "\"cut \""},
	    {"\xff\"\x1b", "\"\uFFFD\\\"\\u001b\""},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
		json_string(json, cases[i].value);
		g_assert_cmpstr(out->str, ==, cases[i].expected);
	}
}

static void test_keys_are_escaped(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	json_begin_object(json);
	json_key_int(json, "a \"column\"\n\xff", 1);
	json_end_object(json);
	g_assert_cmpstr(out->str, ==, "{\"a \\\"column\\\"\\n\uFFFD\":1}");
}

typedef struct {
	gint64 value;
	const char *as_int;
	const char *as_seconds;
} NumberCase;

static void test_numbers(void)
{
	static const NumberCase cases[] = {
	    {0, "0", "0"},
	    {1, "1", "0.000001"},
	    {-1, "-1", "-0.000001"},
	    {10, "10", "0.00001"},
	    {999999, "999999", "0.999999"},
	    {1000000, "1000000", "1"},
	    {5000000, "5000000", "5"},
	    {12300000, "12300000", "12.3"},
	    {100000000000, "100000000000", "100000"},
	    {1000001, "1000001", "1.000001"},
	    {1010100, "1010100", "1.0101"},
	    {-2500000, "-2500000", "-2.5"},
	    {G_MAXINT64, "9223372036854775807", "9223372036854.775807"},
	    {G_MININT64, "-9223372036854775808", "-9223372036854.775808"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
		json_begin_array(json);
		json_int(json, cases[i].value);
		json_seconds(json, cases[i].value);
		json_end_array(json);
		g_autofree char *expected =
		    g_strdup_printf("[%s,%s]", cases[i].as_int, cases[i].as_seconds);
		g_assert_cmpstr(out->str, ==, expected);
	}
}

static void test_timestamps(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	json_begin_array(json);
	json_timestamp(json, 0);
	json_timestamp(json, TIMESTAMP_NONE);
	json_timestamp(json, G_MAXINT64);
	json_end_array(json);
	g_assert_cmpstr(out->str, ==, "[\"1970-01-01T00:00:00.000000Z\",null,null]");
}

static void test_deep(void)
{
	const gsize depth = 10000;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	for (gsize i = 0; i < depth; i++)
		json_begin_array(json);
	for (gsize i = 0; i < depth; i++)
		json_end_array(json);
	g_assert_cmpuint(out->len, ==, 2 * depth);
}

static void test_large_string(void)
{
	const gsize size = (gsize) 1024 * 1024;
	g_autofree char *escapes = g_strnfill(size, '\x1b');
	g_autofree char *broken = g_strnfill(size, '\xff');
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	json_begin_array(json);
	json_string(json, escapes);
	json_string(json, broken);
	json_end_array(json);
	g_assert_cmpuint(out->len, ==, size * 6 + size * 3 + strlen("[\"\",\"\"]"));
	g_assert_true(g_utf8_validate(out->str, -1, NULL));
}

/* Wrong nesting: a letter a call. { } [ ] begin and end, k a key, v a value. */
static const char *const wrong[] = {
    "}",  "]",   "k",   "{]",   "[}",  "{v",    "{[",   "{{",   "[k", "{kk", "{k}",
    "vv", "{}v", "[][", "{kvv", "{}}", "[[]]]", "{kv]", "{k[}", "{",  "[",   "{k",
};

static void write_letters(JsonWriter *json, const char *letters)
{
	for (const char *letter = letters; *letter != '\0'; letter++) {
		switch (*letter) {
		case '{':
			json_begin_object(json);
			break;
		case '}':
			json_end_object(json);
			break;
		case '[':
			json_begin_array(json);
			break;
		case ']':
			json_end_array(json);
			break;
		case 'k':
			json_key(json, "key");
			break;
		default:
			json_null(json);
			break;
		}
	}
}

static void test_wrong_nesting(gconstpointer data)
{
	if (g_test_subprocess()) {
		g_autoptr(GString) out = g_string_new(NULL);
		JsonWriter *json = json_writer_new(out, FALSE);
		write_letters(json, data);
		json_writer_free(json);
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_failed();
	g_test_trap_assert_stderr("*JSON: *");
}

static void test_right_nesting(void)
{
	static const char *const right[] = {"", "v", "{}", "[]", "[vv{}[]]", "{kvk{kv}k[v]}", "[[[]]]"};
	for (gsize i = 0; i < G_N_ELEMENTS(right); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		JsonWriter *json = json_writer_new(out, TRUE);
		write_letters(json, right[i]);
		json_writer_free(json);
	}
	json_writer_free(NULL);
}

/* One of the millions that a large queue has; run with -m perf to see how many a second. */
static void write_edge(JsonWriter *json)
{
	json_begin_object(json);
	json_key_string(json, "waiter", "pid:123456");
	json_key_string(json, "blocker", "pid:654321");
	json_key_string(json, "kind", "soft");
	json_key_string(json, "target", "row login_sessions (user_id=42)");
	json_key_string(json, "waiter_mode", "ExclusiveLock");
	json_key_string(json, "blocker_mode", "ExclusiveLock");
	json_key_int(json, "position", 1499);
	json_key_seconds(json, "seconds", 252123456);
	json_end_object(json);
}

static void test_many_edges(void)
{
	const guint n = g_test_perf() ? 1000000 : 1000;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	g_test_timer_start();
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_edge(json);
	json_end_array(json);
	double ns = g_test_timer_elapsed() / n * 1e9;
	g_test_minimized_result(ns, "%.0f nanoseconds an edge", ns);
	g_assert_cmpuint(out->len, >, (gsize) n * 200);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/json-writer/one-line", test_one_line);
	g_test_add_func("/json-writer/pretty", test_pretty);
	g_test_add_func("/json-writer/strings", test_strings);
	g_test_add_func("/json-writer/keys-are-escaped", test_keys_are_escaped);
	g_test_add_func("/json-writer/numbers", test_numbers);
	g_test_add_func("/json-writer/timestamps", test_timestamps);
	g_test_add_func("/json-writer/deep", test_deep);
	g_test_add_func("/json-writer/large-string", test_large_string);
	g_test_add_func("/json-writer/right-nesting", test_right_nesting);
	g_test_add_func("/json-writer/many-edges", test_many_edges);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *path = g_strdup_printf("/json-writer/wrong-nesting/%s", wrong[i]);
		g_test_add_data_func(path, wrong[i], test_wrong_nesting);
	}
	return g_test_run();
}
