#include "film.h"

#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define ROLE 10
/* What each takes as its role's and database's name. */
#define USER_NAME "app_rw"

typedef struct {
	SnapshotBuilder *builder;
	GHashTable *relations; /* a set */
} Film;

static gint64 second_of(const char *text, gint64 otherwise)
{
	return text != NULL ? FILM_AT(g_ascii_strtod(text, NULL)) : otherwise;
}

static const char *after(const char *word, const char *prefix)
{
	return g_str_has_prefix(word, prefix) ? word + strlen(prefix) : NULL;
}

/* "500@12" */
static void add_lock(Film *film, gint32 pid, gboolean is_prepared, const char *what,
                     const char *mode, gboolean granted)
{
	const char *at = strchr(what, '@');
	guint32 relation = (guint32) strtoul(what, NULL, 10);
	const LockRow row = {
	    .locktype = "relation",
	    .tag = {.type = LOCK_TYPE_RELATION, .database = FILM_DATABASE, .relation = relation},
	    .virtualtransaction = {is_prepared ? -1 : pid, is_prepared ? (guint32) pid : 1},
	    .pid = is_prepared ? 0 : pid,
	    .mode = mode,
	    .granted = granted,
	    .waitstart =
	        granted ? TIMESTAMP_NONE : second_of(at != NULL ? at + 1 : NULL, TIMESTAMP_NONE),
	};

	snapshot_builder_add_lock(film->builder, &row);
	g_hash_table_add(film->relations, GUINT_TO_POINTER(relation));
}

static void add_prepared(Film *film, gint32 pid, gint64 prepared_at)
{
	g_autofree char *gid = g_strdup_printf("order-%d", pid);
	const PreparedRow row = {.transaction = (guint32) pid,
	                         .gid = gid,
	                         .prepared_at = prepared_at,
	                         .owner = ROLE,
	                         .database = FILM_DATABASE};
	const LockRow lock = {
	    .locktype = "transactionid",
	    .tag = {.type = LOCK_TYPE_TRANSACTIONID, .transaction = (guint32) pid},
	    .virtualtransaction = {-1, (guint32) pid},
	    .mode = "ExclusiveLock",
	    .granted = TRUE,
	    .waitstart = TIMESTAMP_NONE,
	};

	snapshot_builder_add_prepared(film->builder, &row);
	snapshot_builder_add_lock(film->builder, &lock);
}

static void add_locks(Film *film, gint32 pid, gboolean is_prepared, char *const *words)
{
	static const struct {
		const char *word;
		const char *mode;
		gboolean granted;
	} kinds[] = {
	    {"holds=", "AccessExclusiveLock", TRUE},
	    {"shares=", "AccessShareLock", TRUE},
	    {"waits=", "RowExclusiveLock", FALSE},
	    {"wants=", "AccessExclusiveLock", FALSE},
	};

	for (; *words != NULL; words++)
		for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
			if (after(*words, kinds[i].word) != NULL)
				add_lock(film, pid, is_prepared, after(*words, kinds[i].word), kinds[i].mode,
				         kinds[i].granted);
}

static void add_session(Film *film, gint32 pid, char *const *words)
{
	gboolean hidden = g_strv_contains((const char *const *) words, "hidden");
	gboolean idle = g_strv_contains((const char *const *) words, "idle");
	const char *runs = NULL;
	Session session = {
	    .pid = pid,
	    .backend_start = FILM_AT(-3600),
	    .backend_type = "client backend",
	    .database = FILM_DATABASE,
	    .user = ROLE,
	    .application_name = "checkout",
	    .client_addr = "10.0.3.7",
	    .client_port = 50000,
	    .state_text = idle ? "idle in transaction" : "active",
	    .xact_start = TIMESTAMP_NONE,
	    .query = "UPDATE table_500 SET n = n + 1",
	};

	for (char *const *word = words; *word != NULL; word++) {
		const char *waits = after(*word, "waits=");

		waits = waits != NULL ? strchr(waits, '@') : NULL;
		session.xact_start = second_of(after(*word, "tx@"), session.xact_start);
		session.backend_start = second_of(after(*word, "born@"), session.backend_start);
		runs = after(*word, "runs@") != NULL   ? after(*word, "runs@")
		       : waits != NULL && runs == NULL ? waits + 1
		                                       : runs;
	}
	session.query_start = second_of(runs, session.xact_start);
	session.state_change = session.query_start;
	if (hidden) {
		session.state_text = NULL;
		session.backend_type = NULL;
		session.backend_start = TIMESTAMP_NONE;
		session.xact_start = TIMESTAMP_NONE;
		session.query = "<insufficient privilege>";
	}
	snapshot_builder_add_session(film->builder, &session);
}

static void add_names(Film *film, Snapshot *snapshot)
{
	GHashTableIter iter;
	gpointer key;

	names_add_role(snapshot_names(snapshot), ROLE, USER_NAME);
	names_add_database(snapshot_names(snapshot), FILM_DATABASE, "app");
	g_hash_table_iter_init(&iter, film->relations);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		guint32 oid = GPOINTER_TO_UINT(key);
		g_autofree char *name = g_strdup_printf("table_%u", oid);
		const RelationName relation = {
		    .database = FILM_DATABASE,
		    .oid = oid,
		    .schema = "public",
		    .name = name,
		    .relkind = 'r',
		    .table_oid = oid,
		};

		if (oid >= 500 && oid < 600)
			names_add_relation(snapshot_names(snapshot), &relation);
	}
}

FilmLook film_look(double second, const char *words)
{
	ServerInfo server = {
	    .host = "db1",
	    .port = 5432,
	    .database = "app",
	    .database_oid = FILM_DATABASE,
	    .version_num = 150000,
	    .version = "15.20",
	    .started_at = FILM_SERVER_STARTED,
	    .user = "guard",
	};
	g_auto(GStrv) sessions = g_strsplit(words, ";", -1);
	FilmLook look;

	for (guint i = 0; sessions[i] != NULL; i++) {
		if (strcmp(g_strstrip(sessions[i]), "restarted") == 0)
			server.started_at = FILM_AT(second);
		if (strcmp(sessions[i], "13") == 0)
			server.version_num = 130000;
	}
	Film film = {
	    .builder = snapshot_builder_new(&server, FILM_AT(second)),
	    .relations = g_hash_table_new(NULL, NULL),
	};

	for (guint i = 0; sessions[i] != NULL; i++) {
		g_auto(GStrv) parts = g_strsplit(sessions[i], " ", -1);
		gint32 pid = (gint32) strtol(parts[0] != NULL ? parts[0] : "0", NULL, 10);
		gboolean is_prepared = g_strv_contains((const char *const *) parts, "prepared");

		if (pid == 0 || strcmp(sessions[i], "13") == 0)
			continue;
		if (is_prepared)
			add_prepared(&film, pid, FILM_AT(-60));
		else
			add_session(&film, pid, parts);
		add_locks(&film, pid, is_prepared, parts);
	}
	look.snapshot = snapshot_builder_finish(film.builder);
	add_names(&film, look.snapshot);
	g_hash_table_unref(film.relations);
	look.graph = wait_graph_new(look.snapshot);
	return look;
}

void film_look_clear(FilmLook *look)
{
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}
