#include "demo/login_pool.h"

#include "base/duration.h"
#include "pg/staging.h"

#define CONNECT_TIMEOUT_US (10 * DURATION_SECOND)
#define STEP_TIMEOUT_US (10 * DURATION_SECOND)
/* A login waits until somebody helps. */
#define LOGIN_TIMEOUT_US DURATION_HOUR

typedef struct {
	LoginPool *pool;
	PgConnection *connection;
	gint64 sent;
} Client;

struct LoginPool {
	PgTarget *target;
	PgConnecting *connecting; /* one of them, or NULL */
	Client crashed;
	Client *clients;
	guint n_clients;
	guint next; /* client to connect; staging step of the crashed one */
	LoginPoolDone done;
	LoginPoolLoggedIn logged_in;
	gpointer user_data;
};

LoginPool *login_pool_new(const PgTarget *target, guint n_clients)
{
	LoginPool *pool = g_new0(LoginPool, 1);

	pool->target = pg_target_copy(target);
	pool->n_clients = n_clients;
	pool->clients = g_new0(Client, n_clients);
	pool->crashed.pool = pool;
	for (guint i = 0; i < n_clients; i++)
		pool->clients[i].pool = pool;
	return pool;
}

void login_pool_free(LoginPool *pool)
{
	if (!pool)
		return;
	pg_connecting_abandon(pool->connecting);
	pg_connection_free(pool->crashed.connection);
	for (guint i = 0; i < pool->n_clients; i++)
		pg_connection_free(pool->clients[i].connection);
	g_free(pool->clients);
	pg_target_free(pool->target);
	g_free(pool);
}

/* What the client does before it crashes. */
static void crash_step(GError *error, gpointer data)
{
	static const StagingStep steps[] = {STAGE_TABLE, STAGE_USERS, STAGE_APPLICATION, STAGE_BEGIN,
	                                    STAGE_LOGIN};
	LoginPool *pool = data;

	if (error || pool->next == G_N_ELEMENTS(steps)) {
		pool->done(error, pool->user_data);
		return;
	}
	pg_stage(pool->crashed.connection, steps[pool->next++], STEP_TIMEOUT_US, crash_step, pool);
}

static void on_crash_connected(PgConnection *connection, GError *error, gboolean needs_password,
                               gpointer data)
{
	LoginPool *pool = data;

	(void) needs_password;
	pool->connecting = NULL;
	pool->crashed.connection = connection;
	crash_step(error, pool);
}

void login_pool_crash(LoginPool *pool, LoginPoolDone done, gpointer user_data)
{
	pool->done = done;
	pool->user_data = user_data;
	pool->next = 0;
	pool->connecting = pg_connect(NULL, pool->target, CONNECT_TIMEOUT_US, STEP_TIMEOUT_US,
	                              on_crash_connected, pool);
}

static void on_logged_in(GError *error, gpointer data)
{
	Client *client = data;
	LoginPool *pool = client->pool;

	pool->logged_in((guint) (client - pool->clients), g_get_monotonic_time() - client->sent, error,
	                pool->user_data);
	g_clear_error(&error);
}

static void connect_next(LoginPool *pool);

static void on_named(GError *error, gpointer data)
{
	Client *client = data;
	LoginPool *pool = client->pool;

	if (error) {
		pool->done(error, pool->user_data);
		return;
	}
	client->sent = g_get_monotonic_time();
	pg_stage(client->connection, STAGE_LOGIN, LOGIN_TIMEOUT_US, on_logged_in, client);
	pool->next++;
	connect_next(pool);
}

static void on_connected(PgConnection *connection, GError *error, gboolean needs_password,
                         gpointer data)
{
	Client *client = data;

	(void) needs_password;
	client->pool->connecting = NULL;
	client->connection = connection;
	if (error)
		client->pool->done(error, client->pool->user_data);
	else
		pg_stage(connection, STAGE_APPLICATION, STEP_TIMEOUT_US, on_named, client);
}

static void connect_next(LoginPool *pool)
{
	if (pool->next == pool->n_clients)
		pool->done(NULL, pool->user_data);
	else
		pool->connecting = pg_connect(NULL, pool->target, CONNECT_TIMEOUT_US, STEP_TIMEOUT_US,
		                              on_connected, &pool->clients[pool->next]);
}

void login_pool_log_in(LoginPool *pool, LoginPoolDone done, LoginPoolLoggedIn logged_in,
                       gpointer user_data)
{
	pool->done = done;
	pool->logged_in = logged_in;
	pool->user_data = user_data;
	pool->next = 0;
	connect_next(pool);
}
