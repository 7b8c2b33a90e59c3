#include "render/notice.h"
#include "render/notice_words.h"

#include <string.h>

static void test_cut(void)
{
	static const struct {
		const char *bytes;
		guint max_chars;
		const char *cut;
		gboolean is_cut;
	} cases[] = {
	    {"", 3, "", FALSE},
	    {"abc", 3, "abc", FALSE},
	    {"abcd", 3, "abc", TRUE},
	    {"ééé", 3, "ééé", FALSE},
	    {"éééé", 3, "ééé", TRUE},
	    {"\U0001F512\U0001F512\U0001F512", 3, "\U0001F512\U0001F512\U0001F512", FALSE},
	    {"\U0001F512\U0001F512\U0001F512\U0001F512", 3, "\U0001F512\U0001F512\U0001F512", TRUE},
	    {"a\xff\xff", 3, "a��", FALSE},
	    {"\xff\xff\xff\xff", 3, "���", TRUE},
	};

	g_assert_null(notice_cut(NULL, 3, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gboolean is_cut;
		g_autofree char *cut = notice_cut(cases[i].bytes, cases[i].max_chars, &is_cut);
		g_assert_cmpstr(cut, ==, cases[i].cut);
		g_assert_cmpint(is_cut, ==, cases[i].is_cut);
	}
}

/* The command for more names the file, and the file is quoted for a shell. */
static void test_more(void)
{
	static const struct {
		const char *history;
		const char *more;
	} cases[] = {
	    {NULL, "\"`pgunlock history show 17`\""},
	    {"/var/lib/pgunlock/history.db", "\"`pgunlock history show 17`\""},
	    {"/srv/my history.db", "\"`pgunlock history show 17 --history '/srv/my history.db'`\""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) webhook = g_string_new(NULL);
		Notice notice = notice_begin(NOTICE_INCIDENT_STARTED, "main", 0);

		notice.incident = 17;
		notice.history = cases[i].history;
		notice.session.pid = 1;
		notice.session.client_addr = "";
		render_notice_webhook(webhook, &notice);
		g_assert_nonnull(strstr(webhook->str, cases[i].more));
		g_assert_nonnull(strstr(webhook->str, "\"client_addr\":null"));
	}
}

static void test_foreign(void)
{
	static const struct {
		const char *bytes;
		const char *plain;
		const char *chat;
	} cases[] = {
	    {"orders", "orders", "`orders`"},
	    {"a<b>&c", "a<b>&c", "`a&lt;b&gt;&amp;c`"},
	    {"x`y", "x`y", "`x'y`"},
	    {"1\n2\t3", "1 2 3", "`1 2 3`"},
	    {"0123456789abc", "0123456789…", "`0123456789…`"},
	    {"\033[0m", "\\x1b[0m", "`\\x1b[0m`"},
	    {NULL, "", "``"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) plain = g_string_new(NULL);
		g_autoptr(GString) chat = g_string_new(NULL);
		notice_append_foreign(plain, cases[i].bytes, 10, MARKUP_PLAIN);
		notice_append_foreign(chat, cases[i].bytes, 10, MARKUP_CHAT);
		g_assert_cmpstr(plain->str, ==, cases[i].plain);
		g_assert_cmpstr(chat->str, ==, cases[i].chat);
	}
}

/* Whatever a server says, a document stays small enough for its receivers. */
static void test_size(void)
{
	g_autofree char *huge = g_strnfill(1000000, '&');
	g_autoptr(GString) webhook = g_string_new(NULL);
	g_autoptr(GString) json = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new(NULL);
	Notice notice = notice_begin(NOTICE_ACTED, huge, 0);
	notice.rule = notice.target = notice.reason = huge;
	notice.session = (NoticeSession){
	    .pid = 1,
	    .user = huge,
	    .database = huge,
	    .application_name = huge,
	    .client_addr = huge,
	    .backend_type = huge,
	    .state = huge,
	    .query = huge,
	};

	render_notice_webhook(webhook, &notice);
	render_notice_json(json, &notice);
	render_notice_log(line, &notice);
	g_assert_cmpuint(webhook->len, <, 20000);
	g_assert_cmpuint(json->len, <, 12000);
	g_assert_cmpuint(line->len, <, 12000);
	g_assert_nonnull(strstr(json->str, "\"query_truncated\":true"));
}

static void test_priorities(void)
{
	Notice notice = notice_begin(NOTICE_ACTED, "main", 0);

	notice.act = ACT_TERMINATE;
	notice.result = RESULT_STILL_THERE;
	g_assert_cmpint(notice_priority(&notice), ==, 3);
	g_assert_cmpstr(notice_priority_name(&notice), ==, "error");
	notice.result = RESULT_FREED;
	g_assert_cmpint(notice_priority(&notice), ==, 5);
	notice.result = RESULT_NONE;
	notice.is_dry_run = TRUE;
	g_assert_cmpint(notice_priority(&notice), ==, 5);
	notice.kind = NOTICE_INCIDENT_ENDED;
	g_assert_cmpstr(notice_priority_name(&notice), ==, "info");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/notice/more", test_more);
	g_test_add_func("/notice/cut", test_cut);
	g_test_add_func("/notice/foreign", test_foreign);
	g_test_add_func("/notice/size", test_size);
	g_test_add_func("/notice/priorities", test_priorities);
	return g_test_run();
}
