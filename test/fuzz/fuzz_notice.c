#include "fuzz.h"

#include "render/notice.h"

#include <string.h>

/* Every text of the notice is what the input has; its first bytes choose the kind and the result.
 */
static Notice notice_of(const uint8_t *data, size_t size, const char *text)
{
	Notice notice =
	    notice_begin(size > 0 ? data[0] % (guint) N_NOTICE_KINDS : NOTICE_ACTED, text, 0);

	notice.seen_at = 1;
	notice.act = ACT_TERMINATE;
	notice.result = size > 1 ? data[1] % (guint) (RESULT_STILL_THERE + 1) : RESULT_FREED;
	notice.is_dry_run = size > 2 && data[2] % 2 != 0;
	notice.blocked = size > 3 ? data[3] : 0;
	notice.target = notice.rule = notice.reason = text;
	notice.session = (NoticeSession){
	    .pid = size > 4 ? data[4] % 2 : 1,
	    .gid = text,
	    .gid_bytes = text,
	    .user = text,
	    .database = text,
	    .application_name = text,
	    .client_addr = text,
	    .backend_type = text,
	    .state = text,
	    .query = text,
	};
	return notice;
}

/* The message for a chat room, up to the document for programs: nothing of Slack's markup that
 * isn't ours, one line. */
static void check_message(const GString *message)
{
	const char *document = strstr(message->str, "\"pgunlock\":");

	g_assert_nonnull(document);
	for (const char *p = message->str; p < document; p++) {
		g_assert_true(*p != '<' && *p != '>' && (guchar) *p >= ' ');
		g_assert_true(*p != '&' || g_str_has_prefix(p, "&amp;") || g_str_has_prefix(p, "&lt;") ||
		              g_str_has_prefix(p, "&gt;"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *) data, size);
	const Notice notice = notice_of(data, size, text);
	g_autoptr(GString) message = g_string_new(NULL);
	g_autoptr(GString) document = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new(NULL);
	g_autoptr(GPtrArray) fields = render_notice_journal(&notice);

	render_notice_webhook(message, &notice);
	render_notice_json(document, &notice);
	render_notice_log(line, &notice);
	check_message(message);
	g_assert_true(g_utf8_validate(message->str, (gssize) message->len, NULL));
	g_assert_true(g_utf8_validate(document->str, (gssize) document->len, NULL));
	g_assert_true(g_utf8_validate(line->str, (gssize) line->len, NULL));
	g_assert_cmpuint(message->len, <, 80000);
	g_assert_null(strchr(line->str, '\n'));
	for (guint i = 0; i < fields->len; i++)
		g_assert_null(strchr(fields->pdata[i], '\n'));
	return 0;
}
