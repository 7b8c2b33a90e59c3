#include "history/blocker_json.h"

#include "base/json_writer.h"
#include "history/document.h"
#include "history/facts_json.h"
#include "model/session_facts.h"

#include <string.h>

static void key_time(JsonWriter *json, const char *name, gint64 time)
{
	if (time != TIMESTAMP_NONE)
		json_key_int(json, name, time);
	else
		json_key_null(json, name);
}

/* Unknown is null. */
static void key_answer(JsonWriter *json, const char *name, Answer answer)
{
	if (answer == ANSWER_UNKNOWN)
		json_key_null(json, name);
	else
		json_key_bool(json, name, answer == ANSWER_YES);
}

static Answer member_answer(JsonObject *object, const char *name)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) ||
	    json_node_get_value_type(node) != G_TYPE_BOOLEAN)
		return ANSWER_UNKNOWN;
	return answer_of(json_node_get_boolean(node));
}

/* Any bytes: valid UTF-8 as text, anything else as an array of numbers. */
static void key_bytes(JsonWriter *json, const char *name, const char *bytes)
{
	if (bytes == NULL || g_utf8_validate(bytes, -1, NULL)) {
		json_key_string(json, name, bytes);
		return;
	}
	json_key(json, name);
	json_begin_array(json);
	for (const char *byte = bytes; *byte != '\0'; byte++)
		json_int(json, (guchar) *byte);
	json_end_array(json);
}

static const char *member_bytes(Arena *arena, JsonObject *object, const char *name)
{
	JsonArray *numbers = member_array(object, name);

	if (numbers == NULL)
		return arena_strdup(arena, member_text(object, name));
	g_autoptr(GString) bytes = g_string_new(NULL);
	for (guint i = 0; i < array_length(numbers); i++) {
		gint64 number = json_array_get_int_element(numbers, i);

		if (number > 0 && number <= G_MAXUINT8)
			g_string_append_c(bytes, (char) number);
	}
	return arena_strdup(arena, bytes->str);
}

static void write_relation(JsonWriter *json, const BlockerRelation *relation)
{
	json_begin_object(json);
	json_key_int(json, "database_oid", relation->database_oid);
	json_key_int(json, "oid", relation->oid);
	json_key_string(json, "database", relation->database);
	json_key(json, "names");
	json_begin_array(json);
	for (guint i = 0; i < relation->n_names; i++) {
		json_begin_object(json);
		json_key_string(json, "schema", relation->names[i].schema);
		json_key_string(json, "name", relation->names[i].name);
		json_end_object(json);
	}
	json_end_array(json);
	json_key_bool(json, "knows_names", relation->knows_names);
	json_end_object(json);
}

static void write_target(JsonWriter *json, const BlockerTarget *target)
{
	json_begin_object(json);
	json_key(json, "tag");
	lock_tag_write_json(json, &target->tag);
	json_key(json, "row_tag");
	if (target->has_row)
		lock_tag_write_json(json, &target->row_tag);
	else
		json_null(json);
	json_key_string(json, "mode", lock_mode_name(target->mode));
	json_key_bool(json, "holds", target->holds);
	json_key_int(json, "n_waiters", target->n_waiters);
	json_key(json, "relations");
	json_begin_array(json);
	for (guint i = 0; i < target->n_relations; i++)
		write_relation(json, &target->relations[i]);
	json_end_array(json);
	json_key_bool(json, "is_inferred", target->is_inferred);
	json_key_bool(json, "knows_relations", target->knows_relations);
	json_end_object(json);
}

static void write_who(JsonWriter *json, const Blocker *blocker)
{
	key_time(json, "taken_at", blocker->taken_at);
	json_key_bool(json, "is_prepared", blocker->kind == SESSION_KIND_PREPARED);
	json_key_int(json, "pid", blocker->pid);
	key_time(json, "backend_start", blocker->backend_start);
	json_key_string(json, "gid", blocker->gid);
	key_bytes(json, "gid_bytes", blocker->gid_bytes);
	json_key_int(json, "transaction", blocker->transaction);
	json_key_bool(json, "hidden", blocker->hidden);
	json_key_string(json, "database", blocker->database);
	json_key_string(json, "user", blocker->user);
	json_key_string(json, "application", blocker->application);
	json_key_string(json, "client_addr", blocker->client_addr);
	json_key_int(json, "client_port", blocker->client_port);
	json_key_string(json, "backend_type", blocker->backend_type);
}

static void write_blocker(JsonWriter *json, const Blocker *blocker)
{
	g_autofree char *statement = facts_cut(blocker->statement);

	json_begin_object(json);
	write_who(json, blocker);
	json_key_int(json, "type", blocker->type);
	json_key_int(json, "session_state", blocker->session_state);
	json_key_string(json, "state", blocker->state);
	json_key_string(json, "statement", statement);
	key_answer(json, "in_transaction", blocker->in_transaction);
	key_time(json, "transaction_since", blocker->transaction_since);
	key_answer(json, "is_idle", blocker->is_idle);
	key_time(json, "idle_since", blocker->idle_since);
	key_time(json, "query_start", blocker->query_start);
	json_key_bool(json, "has_written", blocker->has_written);
	json_key_int(json, "blocked_total", blocker->blocked_total);
	json_key_bool(json, "is_root", blocker->is_root);
	key_time(json, "blocked_since", blocker->blocked_since);
	json_key_bool(json, "blocked_since_is_seen", blocker->blocked_since_is_seen);
	json_key(json, "targets");
	json_begin_array(json);
	for (guint i = 0; i < blocker->n_targets; i++)
		write_target(json, &blocker->targets[i]);
	json_end_array(json);
	json_end_object(json);
}

char *blockers_to_json(const Blocker *const *blockers, guint n)
{
	GString *out = g_string_new(NULL);
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);

	json_begin_object(json);
	json_key(json, "blockers");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_blocker(json, blockers[i]);
	json_end_array(json);
	json_end_object(json);
	return g_string_free(out, FALSE);
}

static BlockerRelation read_relation(Arena *arena, JsonObject *object)
{
	JsonArray *array = member_array(object, "names");
	guint n = array_length(array);
	BlockerName *names = arena_new_array(arena, BlockerName, n);

	for (guint i = 0; i < n; i++) {
		JsonObject *name = array_object(array, i);

		names[i].schema = arena_strdup(arena, member_text(name, "schema"));
		names[i].name = arena_strdup(arena, member_text(name, "name"));
	}
	return (BlockerRelation){
	    .database_oid = (guint32) member_int(object, "database_oid", 0),
	    .oid = (guint32) member_int(object, "oid", 0),
	    .database = arena_strdup(arena, member_text(object, "database")),
	    .names = names,
	    .n_names = n,
	    .knows_names = member_bool(object, "knows_names"),
	};
}

static BlockerTarget read_target(Arena *arena, JsonObject *object)
{
	JsonArray *array = member_array(object, "relations");
	JsonObject *row = member_object(object, "row_tag");
	const char *mode = member_text(object, "mode");
	guint n = array_length(array);
	BlockerRelation *relations = arena_new_array(arena, BlockerRelation, n);

	for (guint i = 0; i < n; i++)
		relations[i] = read_relation(arena, array_object(array, i));
	return (BlockerTarget){
	    .tag = lock_tag_read_json(member_object(object, "tag")),
	    .has_row = row != NULL,
	    .row_tag = row != NULL ? lock_tag_read_json(row) : (LockTag){0},
	    .mode = mode != NULL ? lock_mode_from_name(mode) : LOCK_MODE_NONE,
	    .holds = member_bool(object, "holds"),
	    .n_waiters = (guint) member_int(object, "n_waiters", 0),
	    .relations = relations,
	    .n_relations = n,
	    .is_inferred = member_bool(object, "is_inferred"),
	    .knows_relations = member_bool(object, "knows_relations"),
	};
}

static void read_who(Blocker *blocker, JsonObject *object)
{
	Arena *arena = blocker->arena;

	blocker->taken_at = member_time(object, "taken_at");
	blocker->kind =
	    member_bool(object, "is_prepared") ? SESSION_KIND_PREPARED : SESSION_KIND_BACKEND;
	blocker->pid = (gint32) member_int(object, "pid", 0);
	blocker->backend_start = member_time(object, "backend_start");
	blocker->gid = arena_strdup(arena, member_text(object, "gid"));
	blocker->gid_bytes = member_bytes(arena, object, "gid_bytes");
	blocker->transaction = (guint32) member_int(object, "transaction", 0);
	blocker->hidden = member_bool(object, "hidden");
	blocker->database = arena_strdup(arena, member_text(object, "database"));
	blocker->user = arena_strdup(arena, member_text(object, "user"));
	blocker->application = arena_strdup(arena, member_text(object, "application"));
	blocker->client_addr = arena_strdup(arena, member_text(object, "client_addr"));
	blocker->client_port = (gint32) member_int(object, "client_port", 0);
	blocker->backend_type = arena_strdup(arena, member_text(object, "backend_type"));
}

static Blocker *read_blocker(JsonObject *object)
{
	Blocker *blocker = blocker_new_empty();
	Arena *arena = blocker->arena;
	JsonArray *array = member_array(object, "targets");
	guint n = array_length(array);
	BlockerTarget *targets = arena_new_array(arena, BlockerTarget, n);

	read_who(blocker, object);
	blocker->type = (BackendType) CLAMP(member_int(object, "type", BACKEND_TYPE_UNKNOWN),
	                                    BACKEND_TYPE_UNKNOWN, BACKEND_TYPE_SYSTEM);
	blocker->session_state =
	    (SessionState) CLAMP(member_int(object, "session_state", SESSION_STATE_UNKNOWN),
	                         SESSION_STATE_UNKNOWN, SESSION_STATE_DISABLED);
	blocker->state = arena_strdup(arena, member_text(object, "state"));
	blocker->statement = arena_strdup(arena, member_text(object, "statement"));
	blocker->in_transaction = member_answer(object, "in_transaction");
	blocker->transaction_since = member_time(object, "transaction_since");
	blocker->is_idle = member_answer(object, "is_idle");
	blocker->idle_since = member_time(object, "idle_since");
	blocker->query_start = member_time(object, "query_start");
	blocker->has_written = member_bool(object, "has_written");
	blocker->blocked_total = (guint) member_int(object, "blocked_total", 0);
	blocker->is_root = member_bool(object, "is_root");
	blocker->blocked_since = member_time(object, "blocked_since");
	blocker->blocked_since_is_seen = member_bool(object, "blocked_since_is_seen");
	for (guint i = 0; i < n; i++)
		targets[i] = read_target(arena, array_object(array, i));
	blocker->targets = targets;
	blocker->n_targets = n;
	return blocker;
}

GPtrArray *blockers_from_json(const char *text)
{
	g_autoptr(Document) document = document_parse(text);
	JsonArray *array = document != NULL ? member_array(document_root(document), "blockers") : NULL;
	GPtrArray *blockers = g_ptr_array_new_with_free_func((GDestroyNotify) blocker_free);

	for (guint i = 0; i < array_length(array); i++)
		g_ptr_array_add(blockers, read_blocker(array_object(array, i)));
	return blockers;
}
