#include "notice_documents.h"

#include "base/duration.h"
#include "base/timestamp.h"
#include "stage.h"

/* The guard's clock is a little ahead of the server's. */
#define AT (STAGE_NOW + 250 * DURATION_MS)
#define AGO(seconds) (STAGE_NOW - (seconds) *DURATION_SECOND)

#define ABOUT_NOBODY                                                                               \
	{                                                                                              \
		.backend_start = TIMESTAMP_NONE, .state_since = TIMESTAMP_NONE,                            \
		.xact_start = TIMESTAMP_NONE,                                                              \
	}

#define LOGIN_SERVICE                                                                              \
	{                                                                                              \
		.pid = 4711, .backend_start = AGO(7200), .user = "app_rw", .database = "app",              \
		.application_name = "login-service", .client_addr = "10.0.3.7",                            \
		.backend_type = "client backend", .state = "idle in transaction", .state_since = AGO(543), \
		.xact_start = AGO(544),                                                                    \
		.query = "UPDATE login_sessions\n   SET seen_at = now()\n WHERE id = $1",                  \
	}

/* What every notice about the login incident says. */
#define LOGIN_INCIDENT                                                                             \
	.at = AT, .seen_at = STAGE_NOW, .server = "main", .incident = 17, .started_at = AGO(252),      \
	.session = LOGIN_SERVICE, .target = "row (0,1) of login_sessions (transaction 725)"

/* What no receiver may take for its own: markup, mentions, links, an end of a code span, of a line,
 * of a character, of a field. */
#define NASTY                                                                                      \
	"<!channel> @all *b* `x` ```y``` &amp; <https://evil.example|go>\r\nPRIORITY=0 \033[31m\xff"

const NoticeFixture notice_fixtures[] = {
    {"started",
     {.kind = NOTICE_INCIDENT_STARTED, LOGIN_INCIDENT, .blocked = 1, .longest_wait_us = 10200000}},
    {"escalated",
     {.kind = NOTICE_INCIDENT_ESCALATED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = 252 * DURATION_SECOND,
      .rule = "leaked-login"}},
    {"acted",
     {.kind = NOTICE_ACTED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = 252 * DURATION_SECOND,
      .rule = "leaked-login",
      .act = ACT_TERMINATE,
      .result = RESULT_FREED,
      .took_us = 83000,
      .granted = 142,
      .gave_up = 1}},
    {"acted-dry-run",
     {.kind = NOTICE_ACTED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = 252 * DURATION_SECOND,
      .rule = "leaked-login",
      .act = ACT_TERMINATE,
      .is_dry_run = TRUE}},
    {"acted-dry-run-refused",
     {.kind = NOTICE_ACTED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = 252 * DURATION_SECOND,
      .rule = "leaked-login",
      .act = ACT_TERMINATE,
      .result = RESULT_REFUSED,
      .reason = "role guard may not signal sessions of role app_rw",
      .is_dry_run = TRUE}},
    {"acted-refused",
     {.kind = NOTICE_ACTED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = WAITED_UNKNOWN,
      .rule = "leaked-login",
      .act = ACT_TERMINATE,
      .result = RESULT_REFUSED,
      .still_waiting = 143,
      .reason = "permission denied to terminate process"}},
    {"acted-cancel",
     {.kind = NOTICE_ACTED,
      LOGIN_INCIDENT,
      .blocked = 2,
      .longest_wait_us = 9 * DURATION_SECOND,
      .rule = "long-report",
      .act = ACT_CANCEL,
      .result = RESULT_CANCELLED_STILL_HOLDING,
      .took_us = 5 * DURATION_SECOND,
      .still_waiting = 2}},
    {"ended",
     {.kind = NOTICE_INCIDENT_ENDED,
      LOGIN_INCIDENT,
      .blocked = 143,
      .longest_wait_us = 252 * DURATION_SECOND,
      .reason = "its transaction has ended"}},
    {"breaker",
     {.kind = NOTICE_BREAKER_OPENED,
      LOGIN_INCIDENT,
      .blocked = 12,
      .longest_wait_us = 31 * DURATION_SECOND,
      .rule = "leaked-login",
      .reason = "sessions of login-service were ended 3 times within 10m, and blocked again"}},
    {"unknown",
     {.kind = NOTICE_POLICY_UNKNOWN,
      LOGIN_INCIDENT,
      .blocked = 12,
      .longest_wait_us = 31 * DURATION_SECOND,
      .rule = "spare-replication",
      .reason = "table: the name of relation 29999 could not be read"}},
    {"history",
     {.kind = NOTICE_HISTORY_TROUBLE,
      .at = AT,
      .seen_at = TIMESTAMP_NONE,
      .started_at = TIMESTAMP_NONE,
      .session = ABOUT_NOBODY,
      .longest_wait_us = WAITED_UNKNOWN,
      .reason = "cannot write /var/lib/pgunlock/history.db: database or disk is full"}},
    {"lost",
     {.kind = NOTICE_NOTICES_LOST,
      .at = AT,
      .seen_at = TIMESTAMP_NONE,
      .started_at = TIMESTAMP_NONE,
      .session = ABOUT_NOBODY,
      .longest_wait_us = WAITED_UNKNOWN,
      .n_lost = 7,
      .lost_since = AT - 20 * DURATION_MINUTE}},
    {"prepared",
     {.kind = NOTICE_INCIDENT_STARTED,
      .at = AT,
      .seen_at = STAGE_NOW,
      .server = "shop",
      .started_at = TIMESTAMP_NONE,
      .session = {.gid = "order-4711",
                  .gid_bytes = "order-4711",
                  .transaction = 731,
                  .user = "app_rw",
                  .database = "shop",
                  .backend_start = TIMESTAMP_NONE,
                  .state = "prepared",
                  .state_since = AGO(10800),
                  .xact_start = AGO(10800)},
      .blocked = 2,
      .longest_wait_us = WAITED_UNKNOWN}},
    {"nasty",
     {.kind = NOTICE_ACTED,
      .at = AT,
      .seen_at = STAGE_NOW,
      .server = NASTY,
      .incident = 18,
      .started_at = AGO(60),
      .session = {.pid = 6666,
                  .backend_start = AGO(60),
                  .user = NASTY,
                  .database = NASTY,
                  .application_name = NASTY,
                  .client_addr = NASTY,
                  .backend_type = NASTY,
                  .state = NASTY,
                  .state_since = TIMESTAMP_NONE,
                  .xact_start = TIMESTAMP_NONE,
                  .query = NASTY},
      .target = NASTY,
      .blocked = 1,
      .longest_wait_us = DURATION_SECOND,
      .rule = NASTY,
      .act = ACT_TERMINATE,
      .result = RESULT_STILL_THERE,
      .still_waiting = 1,
      .reason = NASTY}},
};
const guint n_notice_fixtures = G_N_ELEMENTS(notice_fixtures);

static void document_json(GString *out, const Notice *notice)
{
	render_notice_json(out, notice);
	g_string_append_c(out, '\n');
}

static void document_webhook(GString *out, const Notice *notice)
{
	render_notice_webhook(out, notice);
	g_string_append_c(out, '\n');
}

static void document_log(GString *out, const Notice *notice)
{
	g_autoptr(GPtrArray) fields = render_notice_journal(notice);

	render_notice_log(out, notice);
	g_string_append(out, "\n\n");
	for (guint i = 0; i < fields->len; i++)
		g_string_append_printf(out, "%s\n", (const char *) fields->pdata[i]);
}

const NoticeDocument notice_documents[] = {
    {"notice.json", document_json},
    {"webhook.json", document_webhook},
    {"notice-log.txt", document_log},
};
const guint n_notice_documents = G_N_ELEMENTS(notice_documents);
