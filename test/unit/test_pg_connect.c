/*
 * Connection attempts that are abandoned, at each of their stages. The server is a socket of this
 * test, which says just as much as it takes to get there; the name service is this test's, too.
 */

#include "base/duration.h"
#include "base/error.h"
#include "pg/connection_internal.h"
#include "pg/elsewhere.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LONG_US (60 * DURATION_SECOND)
#define SLOW_HOST "slow.example"

/* --- the name service ----------------------------------------------------------------------- */

static GMutex names_mutex;
static GCond names_changed;
static gboolean names_are_held;
static guint n_asked;

static void set_names_held(gboolean are_held)
{
	g_mutex_lock(&names_mutex);
	names_are_held = are_held;
	g_cond_broadcast(&names_changed);
	g_mutex_unlock(&names_mutex);
}

static void wait_until_asked(void)
{
	g_mutex_lock(&names_mutex);
	while (n_asked == 0)
		g_cond_wait(&names_changed, &names_mutex);
	n_asked = 0;
	g_mutex_unlock(&names_mutex);
}

typedef int (*GetAddrInfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* In place of the C library's: the name's answer, which is our own host's, may take as long as the
 * test wants. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **list)
{
	GetAddrInfo real;
	gboolean is_slow =
	    name != NULL && strcmp(name, SLOW_HOST) == 0 && (hints->ai_flags & AI_NUMERICHOST) == 0;

	*(void **) &real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!is_slow)
		return real(name, service, hints, list);
	g_mutex_lock(&names_mutex);
	n_asked++;
	g_cond_broadcast(&names_changed);
	while (names_are_held)
		g_cond_wait(&names_changed, &names_mutex);
	g_mutex_unlock(&names_mutex);
	return real("127.0.0.1", service, NULL, list);
}

/* --- the server ----------------------------------------------------------------------------- */

typedef struct {
	GMainContext *context;
	char *folder;
	char *path; /* of the socket */
	int listening;
	int peer; /* the server's end of a connection, or -1 */
	PgTarget *target;
	PgConnecting *connecting; /* NULL once it has called back */
	guint n_called;
	PgConnection *connection;
	GError *error;
} Fixture;

static void set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	fixture->context = g_main_context_new();
	fixture->folder = g_dir_make_tmp("pgunlock-connect-XXXXXX", NULL);
	fixture->path = g_build_filename(fixture->folder, ".s.PGSQL.5432", NULL);
	g_strlcpy(address.sun_path, fixture->path, sizeof(address.sun_path));
	fixture->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(fixture->listening, (const struct sockaddr *) &address, sizeof(address)),
	                ==, 0);
	g_assert_cmpint(listen(fixture->listening, 5), ==, 0);
	fixture->peer = -1;
	fixture->target = pg_target_new();
	pg_target_set(fixture->target, "host", fixture->folder);
	pg_target_set(fixture->target, "port", "5432");
	pg_target_set(fixture->target, "user", "test");
	pg_target_set(fixture->target, "dbname", "test");
}

static void tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	pg_connection_free(fixture->connection);
	g_clear_error(&fixture->error);
	pg_target_free(fixture->target);
	if (fixture->peer >= 0)
		close(fixture->peer);
	close(fixture->listening);
	g_unlink(fixture->path);
	g_rmdir(fixture->folder);
	g_free(fixture->path);
	g_free(fixture->folder);
	g_main_context_unref(fixture->context);
}

/* Waits for a client while it is let go on. */
static void accept_client(Fixture *fixture)
{
	while ((fixture->peer = accept4(fixture->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) <
	       0)
		g_main_context_iteration(fixture->context, FALSE);
}

/* What the client says next, while it is let go on; 0: it has closed the connection. */
static gssize hear(Fixture *fixture, char *said, gsize size)
{
	gssize n;

	while ((n = read(fixture->peer, said, size)) < 0)
		g_main_context_iteration(fixture->context, FALSE);
	return n;
}

static void say(const Fixture *fixture, const char *bytes, gsize length)
{
	g_assert_cmpint(write(fixture->peer, bytes, length), ==, (gssize) length);
}

#define SAY(fixture, literal) say(fixture, literal, sizeof(literal) - 1)

/* AuthenticationOk, ParameterStatus, BackendKeyData, ReadyForQuery. */
static void let_in(Fixture *fixture)
{
	char startup[1024];

	accept_client(fixture);
	g_assert_cmpint(hear(fixture, startup, sizeof(startup)), >, 8);
	SAY(fixture, "R\0\0\0\10\0\0\0\0"
	             "S\0\0\0\30server_version\00015.0\0"
	             "K\0\0\0\14\0\0\0\1\0\0\0\1"
	             "Z\0\0\0\5I");
}

/* --- what is asserted ----------------------------------------------------------------------- */

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Fixture *fixture = user_data;

	fixture->n_called++;
	fixture->connecting = NULL;
	fixture->connection = connection;
	fixture->error = error;
}

static void begin(Fixture *fixture, gint64 timeout_us)
{
	fixture->connecting =
	    pg_connect(fixture->context, fixture->target, timeout_us, timeout_us, on_connect, fixture);
}

/* Nothing waits any more in the context: no time, and no descriptor but its own. */
static void assert_nothing_waits(const Fixture *fixture)
{
	GPollFD descriptors[4];
	int priority, timeout_ms;

	g_assert_true(g_main_context_acquire(fixture->context));
	g_assert_false(g_main_context_prepare(fixture->context, &priority));
	g_assert_cmpint(g_main_context_query(fixture->context, G_MAXINT, &timeout_ms, descriptors,
	                                     G_N_ELEMENTS(descriptors)),
	                ==, 1);
	g_assert_cmpint(timeout_ms, ==, -1);
	g_main_context_release(fixture->context);
}

static void abandon(Fixture *fixture)
{
	g_assert_nonnull(fixture->connecting);
	g_clear_pointer(&fixture->connecting, pg_connecting_abandon);
	assert_nothing_waits(fixture);
	g_assert_cmpuint(fixture->n_called, ==, 0);
}

static void assert_nobody_came(const Fixture *fixture)
{
	g_assert_cmpint(accept(fixture->listening, NULL, NULL), ==, -1);
}

static void assert_closed(Fixture *fixture)
{
	char said[1024];

	/* Whatever was under way, and then the end. */
	while (hear(fixture, said, sizeof(said)) > 0)
		continue;
}

/* --- stages --------------------------------------------------------------------------------- */

static void test_at_once(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	begin(fixture, LONG_US);
	abandon(fixture);
	assert_nobody_came(fixture);
	pg_connecting_abandon(NULL);
}

static void look_name_up(Fixture *fixture)
{
	set_names_held(TRUE);
	pg_target_set(fixture->target, "host", SLOW_HOST);
	begin(fixture, LONG_US);
	while (!g_main_context_iteration(fixture->context, TRUE))
		continue;
	wait_until_asked();
}

/* The thread goes on, and its answer is nobody's. */
static void test_before_name(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	look_name_up(fixture);
	abandon(fixture);
	set_names_held(FALSE);
	while (!g_main_context_iteration(fixture->context, TRUE))
		continue;
	assert_nothing_waits(fixture);
	g_assert_cmpuint(fixture->n_called, ==, 0);
}

static void test_name_on_its_way(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	look_name_up(fixture);
	set_names_held(FALSE);
	while (!g_main_context_pending(fixture->context))
		g_thread_yield();
	g_clear_pointer(&fixture->connecting, pg_connecting_abandon);
	g_assert_true(g_main_context_iteration(fixture->context, FALSE));
	assert_nothing_waits(fixture);
	g_assert_cmpuint(fixture->n_called, ==, 0);
}

/* A login that hangs. */
static void test_handshake(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	char startup[1024];

	begin(fixture, LONG_US);
	accept_client(fixture);
	g_assert_cmpint(hear(fixture, startup, sizeof(startup)), >, 8);
	abandon(fixture);
	assert_closed(fixture);
	assert_nobody_came(fixture);
}

static void test_facts(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	char question[] = "?";

	begin(fixture, LONG_US);
	let_in(fixture);
	g_assert_cmpint(hear(fixture, question, 1), ==, 1);
	g_assert_cmpstr(question, ==, "P");
	abandon(fixture);
	assert_closed(fixture);
	assert_nobody_came(fixture);
}

/* The same login, waited for: its time ends it, and it is gone when it calls back. */
static void test_timeout(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	begin(fixture, 100 * DURATION_MS);
	accept_client(fixture);
	while (fixture->n_called == 0)
		g_main_context_iteration(fixture->context, TRUE);
	g_assert_null(fixture->connection);
	g_assert_error(fixture->error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_CONNECT);
	g_assert_nonnull(strstr(fixture->error->message, "no answer within "));
	assert_closed(fixture);
	assert_nobody_came(fixture);
	assert_nothing_waits(fixture);
}

/* --- beside another connection -------------------------------------------------------------- */

/* One that statements can be sent over. */
static PgConnection *connect_first(Fixture *fixture)
{
	pg_connect_console(fixture->context, fixture->target, LONG_US, on_connect, fixture);
	let_in(fixture);
	while (fixture->n_called == 0)
		g_main_context_iteration(fixture->context, TRUE);
	g_assert_no_error(fixture->error);
	PQenterPipelineMode(fixture->connection->conn);
	fixture->n_called = 0;
	return g_steal_pointer(&fixture->connection);
}

static void begin_elsewhere(Fixture *fixture, PgConnection *through)
{
	fixture->connecting =
	    pg_connect_elsewhere(through, "other", LONG_US, LONG_US, on_connect, fixture);
}

static void on_answer(G_GNUC_UNUSED PgRequest *request, GError *error, gpointer user_data)
{
	guint *n_answered = user_data;

	g_assert_no_error(error);
	g_clear_error(&error);
	(*n_answered)++;
}

static void ask(PgConnection *connection, guint *n_answered)
{
	PgRequest *request = pg_request_new(connection, "asking");

	pg_request_add_sql(request, "SELECT 1");
	pg_request_send(request, LONG_US, on_answer, n_answered, NULL);
}

/* ErrorResponse, ReadyForQuery. */
static void refuse_statement(const Fixture *fixture)
{
	SAY(fixture, "E\0\0\0\27SERROR\0C53300\0Mno\0\0"
	             "Z\0\0\0\5I");
}

/* How many statements (Sync) the client has sent, of which one is expected at least. */
static guint hear_statements(Fixture *fixture)
{
	char said[65536];
	gssize n = hear(fixture, said, sizeof(said));
	guint n_statements = 0;

	for (gssize at = 0; at < n;) {
		guint32 length;

		n_statements += said[at] == 'S';
		memcpy(&length, said + at + 1, sizeof(length));
		at += 1 + (gssize) GUINT32_FROM_BE(length);
	}
	return n_statements;
}

/* What was asked is answered, to nobody, and the next in the queue gets its own answer. */
static void test_slots(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(PgConnection) first = connect_first(fixture);
	guint n_answered = 0;

	begin_elsewhere(fixture, first);
	ask(first, &n_answered);
	g_assert_cmpuint(hear_statements(fixture), ==, 1);
	g_clear_pointer(&fixture->connecting, pg_connecting_abandon);
	refuse_statement(fixture);
	g_assert_cmpuint(hear_statements(fixture), ==, 1);
	g_assert_cmpuint(n_answered, ==, 0);
	refuse_statement(fixture);
	while (n_answered == 0)
		g_main_context_iteration(fixture->context, TRUE);
	g_assert_true(pg_connection_is_usable(first));
	g_assert_cmpuint(fixture->n_called, ==, 0);
	assert_nobody_came(fixture);
	assert_nothing_waits(fixture);
}

/* What wasn't asked yet never is. */
static void test_slots_in_queue(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(PgConnection) first = connect_first(fixture);
	guint n_answered = 0;

	ask(first, &n_answered);
	begin_elsewhere(fixture, first);
	g_clear_pointer(&fixture->connecting, pg_connecting_abandon);
	g_assert_cmpuint(hear_statements(fixture), ==, 1);
	refuse_statement(fixture);
	while (n_answered == 0)
		g_main_context_iteration(fixture->context, TRUE);
	assert_nothing_waits(fixture);
	g_assert_cmpuint(fixture->n_called, ==, 0);
}

/* Abandoned, and then what was asked is lost: nobody hears of that, either. */
static void test_slots_lost(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	PgConnection *first = connect_first(fixture);

	begin_elsewhere(fixture, first);
	g_clear_pointer(&fixture->connecting, pg_connecting_abandon);
	pg_connection_free(first);
	assert_closed(fixture);
	assert_nothing_waits(fixture);
	g_assert_cmpuint(fixture->n_called, ==, 0);
}

/* Not abandoned: it is told, and gone. */
static void test_slots_never_answered(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	PgConnection *first = connect_first(fixture);

	begin_elsewhere(fixture, first);
	pg_connection_free(first);
	g_assert_cmpuint(fixture->n_called, ==, 1);
	g_assert_error(fixture->error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_CONNECT);
	assert_nothing_waits(fixture);
}

static void test_slots_refused(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(PgConnection) first = connect_first(fixture);

	begin_elsewhere(fixture, first);
	g_assert_cmpuint(hear_statements(fixture), ==, 1);
	refuse_statement(fixture);
	while (fixture->n_called == 0)
		g_main_context_iteration(fixture->context, TRUE);
	g_assert_cmpstr(error_sqlstate(fixture->error), ==, "53300");
	assert_nobody_came(fixture);
	assert_nothing_waits(fixture);
}

#define ADD(path, test) g_test_add("/pg-connect/" path, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	ADD("at-once", test_at_once);
	ADD("before-name", test_before_name);
	ADD("name-on-its-way", test_name_on_its_way);
	ADD("handshake", test_handshake);
	ADD("facts", test_facts);
	ADD("timeout", test_timeout);
	ADD("slots", test_slots);
	ADD("slots-in-queue", test_slots_in_queue);
	ADD("slots-lost", test_slots_lost);
	ADD("slots-never-answered", test_slots_never_answered);
	ADD("slots-refused", test_slots_refused);
	return g_test_run();
}
