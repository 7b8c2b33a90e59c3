#include "fuzz.h"

#include "pg/pooler_rows.h"

#include <string.h>

/*
 * What a pooler's console answers: two tables in text form. The first byte says which of the
 * columns lack; then values as in fuzz_decode, row after row: of the clients up to a value of 254
 * bytes' length, of the servers from there on.
 */

static const char *const CLIENTS[] = {
    "ptr", "link", "addr", "port", "user", "database", "application_name", NULL};
static const char *const SERVERS[] = {"ptr",        "link",       "remote_pid",
                                      "local_addr", "local_port", NULL};

#define END_OF_CLIENTS 254
#define IS_NULL 255

/* Takes the values from *data; lacking: the column of this number, if there is one, has another
 * name. */
static PGresult *make_rows(const char *const *names, guint lacking, const uint8_t **data,
                           size_t *size)
{
	PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[8] = {0};
	char texts[8][32];
	int n = 0;

	for (; names[n] != NULL; n++) {
		g_strlcpy(texts[n], (guint) n == lacking ? "other" : names[n], sizeof(texts[n]));
		columns[n].name = texts[n];
	}
	g_assert_true(PQsetResultAttrs(rows, n, columns));
	for (int value = 0; *size > 0; value++) {
		uint8_t head = (*data)[0];
		size_t length = head == IS_NULL ? 0 : MIN(head, *size - 1);
		char bytes[256];

		if (head == END_OF_CLIENTS) {
			*data += 1;
			*size -= 1;
			break;
		}
		memcpy(bytes, *data + 1, length);
		g_assert_true(
		    PQsetvalue(rows, value / n, value % n, bytes, head == IS_NULL ? -1 : (int) length));
		*data += 1 + length;
		*size -= 1 + length;
	}
	return rows;
}

static void add_session(SnapshotBuilder *builder, gint32 pid)
{
	const Session session = {.pid = pid,
	                         .backend_type = "client backend",
	                         .client_addr = "127.0.0.1",
	                         .client_port = 5000 + pid};

	snapshot_builder_add_session(builder, &session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ServerInfo server = {.host = "", .database = "", .version = "", .user = ""};

	if (size == 0)
		return 0;
	guint lacking = data[0];
	g_autoptr(SnapshotBuilder) builder = snapshot_builder_new(&server, 0);
	g_autoptr(GError) error = NULL;

	data++;
	size--;
	g_autoptr(PGresult) clients = make_rows(CLIENTS, lacking & 15, &data, &size);
	g_autoptr(PGresult) servers = make_rows(SERVERS, lacking >> 4, &data, &size);

	for (gint32 pid = 1; pid <= 9; pid++)
		add_session(builder, pid);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));
	gboolean is_collected = pooler_rows_collect(snapshot, clients, servers, &error);

	g_assert_true(is_collected == (error == NULL));
	g_assert_true(is_collected == snapshot_has_pooler(snapshot));
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const PoolerClient *client = snapshot_session(snapshot, i)->pooler_client;

		if (client == NULL)
			continue;
		g_assert_true(client->application_name == NULL ||
		              g_utf8_validate(client->application_name, -1, NULL));
		g_assert_true(client->addr == NULL || g_utf8_validate(client->addr, -1, NULL));
	}
	return 0;
}
