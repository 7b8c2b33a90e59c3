#include "model/session.h"

#include "base/error.h"
#include "base/timestamp.h"

#define SECOND G_GINT64_CONSTANT(1000000)
/* 0x6743a1b2 seconds; 0x1267 is 4711 */
#define START (G_GINT64_CONSTANT(0x6743a1b2) * SECOND + 123456)

static Session backend(gint32 pid, gint64 backend_start)
{
	return (Session){.kind = SESSION_KIND_BACKEND,
	                 .pid = pid,
	                 .backend_start = backend_start,
	                 .xact_start = TIMESTAMP_NONE,
	                 .query_start = TIMESTAMP_NONE};
}

static Session prepared(const char *gid, guint32 transaction)
{
	return (Session){.kind = SESSION_KIND_PREPARED,
	                 .backend_start = TIMESTAMP_NONE,
	                 .gid = gid,
	                 .gid_bytes = gid,
	                 .transaction = transaction};
}

static void test_states(void)
{
	g_assert_cmpint(session_state_from_text("starting"), ==, SESSION_STATE_STARTING);
	g_assert_cmpint(session_state_from_text("active"), ==, SESSION_STATE_ACTIVE);
	g_assert_cmpint(session_state_from_text("idle"), ==, SESSION_STATE_IDLE);
	g_assert_cmpint(session_state_from_text("idle in transaction"), ==,
	                SESSION_STATE_IDLE_IN_TRANSACTION);
	g_assert_cmpint(session_state_from_text("idle in transaction (aborted)"), ==,
	                SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED);
	g_assert_cmpint(session_state_from_text("fastpath function call"), ==, SESSION_STATE_FASTPATH);
	g_assert_cmpint(session_state_from_text("disabled"), ==, SESSION_STATE_DISABLED);
	g_assert_cmpint(session_state_from_text("new in 30"), ==, SESSION_STATE_UNKNOWN);
	g_assert_cmpint(session_state_from_text(NULL), ==, SESSION_STATE_UNKNOWN);
}

static void test_backend_types(void)
{
	static const struct {
		const char *text;
		BackendType type;
	} cases[] = {
	    {NULL, BACKEND_TYPE_UNKNOWN},
	    {"client backend", BACKEND_TYPE_CLIENT},
	    {"parallel worker", BACKEND_TYPE_PARALLEL_WORKER},
	    {"autovacuum worker", BACKEND_TYPE_AUTOVACUUM_WORKER},
	    {"autovacuum launcher", BACKEND_TYPE_SYSTEM},
	    {"walsender", BACKEND_TYPE_WALSENDER},
	    {"startup", BACKEND_TYPE_STARTUP},
	    {"logical replication worker", BACKEND_TYPE_LOGICAL_REPLICATION},
	    {"logical replication parallel worker", BACKEND_TYPE_LOGICAL_REPLICATION},
	    {"logical replication tablesync worker", BACKEND_TYPE_LOGICAL_REPLICATION},
	    {"checkpointer", BACKEND_TYPE_SYSTEM},
	    {"pg_cron", BACKEND_TYPE_BACKGROUND_WORKER},
	    {"", BACKEND_TYPE_BACKGROUND_WORKER},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(backend_type_from_text(cases[i].text), ==, cases[i].type);
}

typedef char *(*Namer)(const Session *session);

static void assert_name(Namer namer, Session session, const char *expected)
{
	g_autofree char *name = namer(&session);

	g_assert_cmpstr(name, ==, expected);
}

static void test_ids(void)
{
	assert_name(session_id, backend(4711, START), "pid:4711");
	assert_name(session_id, prepared("order-17", 725), "gid:order-17");
	assert_name(session_id, prepared(NULL, 725), "xid:725");
	assert_name(session_log_id, backend(4711, START), "6743a1b2.1267");
	assert_name(session_log_id, backend(4711, TIMESTAMP_NONE), NULL);
	assert_name(session_log_id, prepared("order-17", 725), NULL);
	assert_name(session_exact_name, backend(4711, START), "6743a1b2.1267");
	assert_name(session_exact_name, backend(4711, TIMESTAMP_NONE), "4711");
	assert_name(session_exact_name, prepared("order-17", 725), "gid:order-17");
}

static void assert_earlier_work(gint64 xact_start, gint64 query_start, gboolean expected)
{
	Session session = backend(4711, START);

	session.xact_start = xact_start;
	session.query_start = query_start;
	g_assert_cmpint(session_has_earlier_work(&session), ==, expected);
}

static void test_earlier_work(void)
{
	assert_earlier_work(START, START, FALSE);
	assert_earlier_work(START, START + SECOND / 500, FALSE);
	assert_earlier_work(START, START + SECOND / 500 + 1, TRUE);
	assert_earlier_work(START + 5, START, FALSE);
	assert_earlier_work(TIMESTAMP_NONE, START, FALSE);
	assert_earlier_work(START, TIMESTAMP_NONE, FALSE);
	assert_earlier_work(TIMESTAMP_NONE, TIMESTAMP_NONE, FALSE);
}

static void test_ref_parse(void)
{
	static const struct {
		const char *text;
		gint32 pid;
		gint64 second;
		const char *gid;
	} cases[] = {
	    {"4711", 4711, -1, NULL},
	    {"pid:4711", 4711, -1, NULL},
	    {"6743a1b2.1267", 4711, 0x6743a1b2, NULL},
	    {"6743A1B2.1267", 4711, 0x6743a1b2, NULL},
	    {"2147483647", G_MAXINT32, -1, NULL},
	    {"1.1", 1, 1, NULL},
	    {"gid:order-17", 0, -1, "order-17"},
	    {"gid:4711", 0, -1, "4711"},
	    {"gid:with space, 'quote' and : colon", 0, -1, "with space, 'quote' and : colon"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(SessionRef) ref = session_ref_parse(cases[i].text, &error);

		g_assert_no_error(error);
		g_assert_nonnull(ref);
		g_assert_cmpstr(ref->text, ==, cases[i].text);
		g_assert_cmpint(ref->pid, ==, cases[i].pid);
		g_assert_cmpint(ref->backend_start_second, ==, cases[i].second);
		g_assert_cmpstr(ref->gid, ==, cases[i].gid);
	}
}

static void test_ref_parse_errors(void)
{
	static const char *const cases[] = {
	    "",
	    "0",
	    "-1",
	    "2147483648",
	    "4711x",
	    " 4711",
	    "4711 ",
	    "pid:",
	    "pid:0",
	    "pid:abc",
	    "gid:",
	    "xid:",
	    "xid:0",
	    "xid:4294967296",
	    ".",
	    ".1267",
	    "6743a1b2.",
	    "12.0",
	    "12.80000000",
	    "1g.1",
	    "12.1g",
	    "12.1.1",
	    "all",
	    "99999999999999999.1",
	    "ffffffffffffffff.1",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("\"%s\"", cases[i]);
		g_assert_null(session_ref_parse(cases[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
	session_ref_free(NULL);
}

static void assert_matches(const char *text, Session session, gboolean expected)
{
	g_autoptr(SessionRef) ref = session_ref_parse(text, NULL);

	g_assert_cmpint(session_ref_matches(ref, &session), ==, expected);
}

static void test_ref_matches(void)
{
	assert_matches("4711", backend(4711, START), TRUE);
	assert_matches("4711", backend(4712, START), FALSE);
	assert_matches("4711", prepared("4711", 4711), FALSE);
	assert_matches("6743a1b2.1267", backend(4711, START), TRUE);
	/* the pid is used by another process since */
	assert_matches("6743a1b2.1267", backend(4711, START + SECOND), FALSE);
	assert_matches("6743a1b2.1267", backend(4711, TIMESTAMP_NONE), FALSE);
	assert_matches("gid:order-17", prepared("order-17", 725), TRUE);
	assert_matches("gid:order-17", prepared("order-18", 725), FALSE);
	assert_matches("gid:order-17", prepared(NULL, 725), FALSE);
	assert_matches("gid:order-17", backend(4711, START), FALSE);
	assert_matches("xid:725", prepared("order-17", 725), TRUE);
	assert_matches("xid:726", prepared("order-17", 725), FALSE);
	assert_matches("xid:725", backend(725, START), FALSE);
}

/* Another one could look the same. */
static void test_gid_that_is_no_utf8(void)
{
	Session session = prepared("order-\\xFF", 725);

	session.gid_bytes = "order-\xff";
	assert_name(session_id, session, "xid:725");
	assert_name(session_exact_name, session, "xid:725");
	assert_matches("gid:order-\xff", session, TRUE);
	assert_matches("gid:order-\\xFF", session, FALSE);
	assert_matches("xid:725", session, TRUE);
}

static void test_in_transaction(void)
{
	static const struct {
		SessionState state;
		gint64 xact_start;
		guint32 backend_xid;
		gboolean expected;
	} cases[] = {
	    {SESSION_STATE_IDLE, TIMESTAMP_NONE, 0, FALSE},
	    {SESSION_STATE_ACTIVE, 1, 0, TRUE},
	    /* a walsender, which shows no xact_start */
	    {SESSION_STATE_IDLE_IN_TRANSACTION, TIMESTAMP_NONE, 0, TRUE},
	    {SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED, TIMESTAMP_NONE, 0, TRUE},
	    {SESSION_STATE_ACTIVE, TIMESTAMP_NONE, 700, TRUE},
	    {SESSION_STATE_ACTIVE, TIMESTAMP_NONE, 0, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Session session = {.state = cases[i].state,
		                         .xact_start = cases[i].xact_start,
		                         .backend_xid = cases[i].backend_xid};

		g_test_message("case %zu", i);
		g_assert_cmpint(session_is_in_transaction(&session), ==, cases[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/session/states", test_states);
	g_test_add_func("/session/backend_types", test_backend_types);
	g_test_add_func("/session/ids", test_ids);
	g_test_add_func("/session/earlier_work", test_earlier_work);
	g_test_add_func("/session/ref_parse", test_ref_parse);
	g_test_add_func("/session/ref_parse_errors", test_ref_parse_errors);
	g_test_add_func("/session/ref_matches", test_ref_matches);
	g_test_add_func("/session/gid_that_is_no_utf8", test_gid_that_is_no_utf8);
	g_test_add_func("/session/in-transaction", test_in_transaction);
	return g_test_run();
}
