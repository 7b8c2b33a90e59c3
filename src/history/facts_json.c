#include "history/facts_json.h"

#include "base/json_writer.h"
#include "base/timestamp.h"

/* As a number; TIMESTAMP_NONE as null. */
static void key_time(JsonWriter *json, const char *name, gint64 time)
{
	if (time != TIMESTAMP_NONE)
		json_key_int(json, name, time);
	else
		json_key_null(json, name);
}

char *session_facts_to_json(const SessionFacts *facts)
{
	if (facts == NULL)
		return NULL;
	GString *out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);

	json_begin_object(json);
	json_key_bool(json, "is_prepared", facts->kind == SESSION_KIND_PREPARED);
	json_key_int(json, "pid", facts->pid);
	key_time(json, "backend_start", facts->backend_start);
	json_key_string(json, "gid", facts->gid);
	json_key_bool(json, "is_gid_exact", facts->is_gid_exact);
	json_key_int(json, "transaction", facts->transaction);
	key_time(json, "prepared_at", facts->prepared_at);
	json_key_string(json, "user", facts->user);
	json_key_string(json, "database", facts->database);
	json_key_string(json, "application_name", facts->application_name);
	json_key_string(json, "client_addr", facts->client_addr);
	json_key_int(json, "client_port", facts->client_port);
	json_key_string(json, "backend_type", facts->backend_type);
	json_key_string(json, "state", facts->state);
	key_time(json, "xact_start", facts->xact_start);
	key_time(json, "query_start", facts->query_start);
	key_time(json, "state_change", facts->state_change);
	json_key_int(json, "has_written", facts->has_written);
	json_key_bool(json, "hidden", facts->hidden);
	json_key_string(json, "query", facts->query);
	json_end_object(json);
	return g_string_free(out, FALSE);
}

SessionFacts *session_facts_from_json(const char *text)
{
	g_autoptr(Document) document = document_parse(text);
	JsonObject *object = document != NULL ? document_root(document) : NULL;
	SessionFacts *facts = g_new0(SessionFacts, 1);

	*facts = (SessionFacts){
	    .kind = member_bool(object, "is_prepared") ? SESSION_KIND_PREPARED : SESSION_KIND_BACKEND,
	    .pid = (gint32) member_int(object, "pid", 0),
	    .backend_start = member_time(object, "backend_start"),
	    .gid = g_strdup(member_text(object, "gid")),
	    .is_gid_exact = member_bool(object, "is_gid_exact"),
	    .transaction = (guint32) member_int(object, "transaction", 0),
	    .prepared_at = member_time(object, "prepared_at"),
	    .user = g_strdup(member_text(object, "user")),
	    .database = g_strdup(member_text(object, "database")),
	    .application_name = g_strdup(member_text(object, "application_name")),
	    .client_addr = g_strdup(member_text(object, "client_addr")),
	    .client_port = (gint32) member_int(object, "client_port", 0),
	    .backend_type = g_strdup(member_text(object, "backend_type")),
	    .state = g_strdup(member_text(object, "state")),
	    .xact_start = member_time(object, "xact_start"),
	    .query_start = member_time(object, "query_start"),
	    .state_change = member_time(object, "state_change"),
	    .has_written = (HasWritten) CLAMP(member_int(object, "has_written", WRITTEN_UNKNOWN),
	                                      WRITTEN_UNKNOWN, WRITTEN_YES),
	    .hidden = member_bool(object, "hidden"),
	    .query = g_strdup(member_text(object, "query")),
	};
	return facts;
}

void lock_tag_write_json(JsonWriter *json, const LockTag *tag)
{
	json_begin_object(json);
	json_key_string(json, "type", lock_type_name(tag->type));
	json_key_int(json, "database", tag->database);
	json_key_int(json, "relation", tag->relation);
	json_key_int(json, "page", tag->page);
	json_key_int(json, "tuple", tag->tuple);
	json_key_int(json, "transaction", tag->transaction);
	json_key_int(json, "classid", tag->classid);
	json_key_int(json, "objid", tag->objid);
	json_key_int(json, "objsubid", tag->objsubid);
	json_key_int(json, "virtual_backend", tag->virtualxid.backend);
	json_key_int(json, "virtual_local", tag->virtualxid.local);
	json_end_object(json);
}

LockTag lock_tag_read_json(JsonObject *object)
{
	const char *type = member_text(object, "type");

	return (LockTag){
	    .type = type != NULL ? lock_type_from_name(type) : LOCK_TYPE_OTHER,
	    .database = (guint32) member_int(object, "database", 0),
	    .relation = (guint32) member_int(object, "relation", 0),
	    .page = (guint32) member_int(object, "page", 0),
	    .tuple = (guint16) member_int(object, "tuple", 0),
	    .transaction = (guint32) member_int(object, "transaction", 0),
	    .classid = (guint32) member_int(object, "classid", 0),
	    .objid = (guint32) member_int(object, "objid", 0),
	    .objsubid = (gint16) member_int(object, "objsubid", 0),
	    .virtualxid = {.backend = (gint32) member_int(object, "virtual_backend", 0),
	                   .local = (guint32) member_int(object, "virtual_local", 0)},
	};
}

static void key_texts(JsonWriter *json, const char *name, char *const *texts, guint n)
{
	json_key(json, name);
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		json_string(json, texts[i]);
	json_end_array(json);
}

char *lock_target_to_json(const LockTarget *target)
{
	if (target == NULL)
		return NULL;
	const char relkind[] = {target->relkind, '\0'};
	GString *out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);

	json_begin_object(json);
	json_key(json, "tag");
	lock_tag_write_json(json, &target->tag);
	json_key(json, "row_tag");
	if (target->has_row)
		lock_tag_write_json(json, &target->row_tag);
	else
		json_null(json);
	json_key_bool(json, "is_elsewhere", target->is_elsewhere);
	json_key_string(json, "database", target->database);
	json_key_string(json, "schema", target->schema);
	json_key_string(json, "relation", target->relation);
	json_key_string(json, "relkind", relkind);
	key_texts(json, "tables", target->tables,
	          target->tables != NULL ? g_strv_length(target->tables) : 0);
	key_texts(json, "key_columns", target->key_columns, target->n_key);
	key_texts(json, "key_values", target->key_values, target->n_key);
	json_key_string(json, "advisory_label", target->advisory_label);
	json_end_object(json);
	return g_string_free(out, FALSE);
}

static void read_row_key(LockTarget *target, JsonObject *object)
{
	JsonArray *columns = member_array(object, "key_columns");
	JsonArray *values = member_array(object, "key_values");
	guint n = MIN(array_length(columns), array_length(values));

	target->n_key = n;
	target->key_columns = g_new0(char *, n + 1);
	target->key_values = g_new0(char *, n + 1);
	for (guint i = 0; i < n; i++) {
		const char *column = array_text(columns, i);

		target->key_columns[i] = g_strdup(column != NULL ? column : "?");
		target->key_values[i] = g_strdup(array_text(values, i));
	}
}

static char **read_tables(JsonObject *object)
{
	JsonArray *array = member_array(object, "tables");
	guint n = array_length(array);
	char **tables = g_new0(char *, n + 1);

	for (guint i = 0; i < n; i++) {
		const char *name = array_text(array, i);

		tables[i] = g_strdup(name != NULL ? name : "");
	}
	return tables;
}

LockTarget *lock_target_from_json(const char *text)
{
	g_autoptr(Document) document = document_parse(text);
	JsonObject *object = document != NULL ? document_root(document) : NULL;

	if (member_object(object, "tag") == NULL)
		return NULL;
	LockTarget *target = g_new0(LockTarget, 1);
	JsonObject *row = member_object(object, "row_tag");
	const char *relkind = member_text(object, "relkind");

	*target = (LockTarget){
	    .tag = lock_tag_read_json(member_object(object, "tag")),
	    .has_row = row != NULL,
	    .row_tag = row != NULL ? lock_tag_read_json(row) : (LockTag){0},
	    .is_elsewhere = member_bool(object, "is_elsewhere"),
	    .database = g_strdup(member_text(object, "database")),
	    .schema = g_strdup(member_text(object, "schema")),
	    .relation = g_strdup(member_text(object, "relation")),
	    .relkind = *(relkind != NULL ? relkind : ""),
	    .advisory_label = g_strdup(member_text(object, "advisory_label")),
	};
	target->tables = read_tables(object);
	read_row_key(target, object);
	return target;
}
