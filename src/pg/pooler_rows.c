#include "pg/pooler_rows.h"

#include "base/error.h"
#include "pg/request.h"

#include <string.h>

#define PURPOSE "asking the pooler's console"

typedef struct {
	const char *name;
	gboolean may_lack; /* in some versions */
} Column;

enum {
	CLIENT_PTR,
	CLIENT_LINK,
	CLIENT_ADDR,
	CLIENT_PORT,
	CLIENT_USER,
	CLIENT_DATABASE,
	CLIENT_APPLICATION_NAME,
	CLIENT_COLUMN_COUNT
};

static const Column CLIENT_COLUMNS[CLIENT_COLUMN_COUNT] = {
    [CLIENT_PTR] = {"ptr", FALSE},
    [CLIENT_LINK] = {"link", FALSE},
    [CLIENT_ADDR] = {"addr", FALSE},
    [CLIENT_PORT] = {"port", FALSE},
    [CLIENT_USER] = {"user", TRUE},
    [CLIENT_DATABASE] = {"database", TRUE},
    [CLIENT_APPLICATION_NAME] = {"application_name", TRUE}, /* 1.18 on */
};

enum {
	SERVER_PTR,
	SERVER_LINK,
	SERVER_PID,
	SERVER_LOCAL_ADDR,
	SERVER_LOCAL_PORT,
	SERVER_COLUMN_COUNT
};

static const Column SERVER_COLUMNS[SERVER_COLUMN_COUNT] = {
    [SERVER_PTR] = {"ptr", FALSE},
    [SERVER_LINK] = {"link", FALSE},
    [SERVER_PID] = {"remote_pid", FALSE},
    [SERVER_LOCAL_ADDR] = {"local_addr", FALSE},
    [SERVER_LOCAL_PORT] = {"local_port", FALSE},
};

/* fields: where each column is, -1 where it lacks. */
static gboolean find_columns(const PGresult *result, const Column *columns, guint n, int *fields,
                             GError **error)
{
	if (!pg_result_check(result, PURPOSE, error))
		return FALSE;
	for (guint i = 0; i < n; i++) {
		fields[i] = PQfnumber(result, columns[i].name);
		if (fields[i] >= 0 || columns[i].may_lack)
			continue;
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: its answer has no column %s", PURPOSE,
		          columns[i].name);
		return FALSE;
	}
	return TRUE;
}

/* NULL where there is none, or an empty one. Borrowed. */
static const char *text_at(const PGresult *result, int row, int field)
{
	if (field < 0 || PQgetisnull(result, row, field))
		return NULL;
	const char *text = PQgetvalue(result, row, field);

	return text[0] != '\0' ? text : NULL;
}

/* 0 for what isn't a number. */
static gint32 number_at(const PGresult *result, int row, int field)
{
	const char *text = text_at(result, row, field);
	gint64 number = 0;

	if (text != NULL)
		g_ascii_string_to_signed(text, 10, 0, G_MAXINT32, &number, NULL);
	return (gint32) number;
}

/* How the console writes the address of a Unix socket (in some versions with the peer's pid). */
static gboolean is_unix(const char *addr)
{
	return addr != NULL && g_str_has_prefix(addr, "unix");
}

static PoolerClient read_client(const PGresult *result, int row, const int *fields)
{
	const char *addr = text_at(result, row, fields[CLIENT_ADDR]);

	return (PoolerClient){
	    .addr = is_unix(addr) ? NULL : addr,
	    .port = number_at(result, row, fields[CLIENT_PORT]),
	    .application_name = text_at(result, row, fields[CLIENT_APPLICATION_NAME]),
	    .user = text_at(result, row, fields[CLIENT_USER]),
	    .database = text_at(result, row, fields[CLIENT_DATABASE]),
	};
}

static PoolerConnection read_server(const PGresult *result, int row, const int *fields)
{
	const char *addr = text_at(result, row, fields[SERVER_LOCAL_ADDR]);

	return (PoolerConnection){
	    .pid = number_at(result, row, fields[SERVER_PID]),
	    .is_unix_socket = is_unix(addr),
	    .local_addr = is_unix(addr) ? NULL : addr,
	    .local_port = number_at(result, row, fields[SERVER_LOCAL_PORT]),
	};
}

gboolean pooler_rows_collect(Snapshot *snapshot, const PGresult *clients, const PGresult *servers,
                             GError **error)
{
	int client_fields[CLIENT_COLUMN_COUNT];
	int server_fields[SERVER_COLUMN_COUNT];
	/* ptr -> row + 1 */
	g_autoptr(GHashTable) by_ptr = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GArray) connections = g_array_new(FALSE, FALSE, sizeof(PoolerConnection));

	if (!find_columns(clients, CLIENT_COLUMNS, CLIENT_COLUMN_COUNT, client_fields, error) ||
	    !find_columns(servers, SERVER_COLUMNS, SERVER_COLUMN_COUNT, server_fields, error))
		return FALSE;
	for (int row = 0; row < PQntuples(clients); row++)
		g_hash_table_insert(by_ptr, PQgetvalue(clients, row, client_fields[CLIENT_PTR]),
		                    GINT_TO_POINTER(row + 1));
	for (int row = 0; row < PQntuples(servers); row++) {
		PoolerConnection connection = read_server(servers, row, server_fields);
		const char *link = text_at(servers, row, server_fields[SERVER_LINK]);

		if (link != NULL) {
			int client = GPOINTER_TO_INT(g_hash_table_lookup(by_ptr, link)) - 1;
			const char *back =
			    client >= 0 ? text_at(clients, client, client_fields[CLIENT_LINK]) : NULL;

			/* It went from client to client between the two answers: who knows whose it is. */
			if (g_strcmp0(back, PQgetvalue(servers, row, server_fields[SERVER_PTR])) != 0)
				continue;
			connection.has_client = TRUE;
			connection.client = read_client(clients, client, client_fields);
		}
		g_array_append_val(connections, connection);
	}
	snapshot_set_pooler(snapshot, (const PoolerConnection *) (gpointer) connections->data,
	                    connections->len);
	return TRUE;
}
