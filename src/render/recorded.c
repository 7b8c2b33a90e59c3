#include "render/recorded.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "render/session_words.h"
#include "render/statement.h"
#include "render/target.h"

#include <string.h>

/* Oids in the place of those that had the recorded names: of roles, and of a database that isn't
 * the one that a lock is in. */
enum { ROLE_OID = 10, OTHER_OID = 1 };

/* A snapshot with nothing in it but names, so that what is written of the living can be written of
 * the recorded, too. */
typedef struct {
	Snapshot *snapshot;
	AdvisoryLabels *labels;
} Stage;

static Snapshot *snapshot_of_database(guint32 own, const char *name)
{
	const ServerInfo server = {.database = name, .database_oid = own};

	return snapshot_builder_finish(snapshot_builder_new(&server, TIMESTAMP_NONE));
}

/* The one label that is wanted, for whatever key. */
static AdvisoryLabels *label_everything(const char *label)
{
	g_autofree char *file = g_strdup_printf("* = %s\n*,* = %s\n", label, label);

	return label != NULL ? advisory_labels_parse(file, strlen(file), "", NULL) : NULL;
}

static void add_names(Names *names, const LockTarget *target)
{
	const LockTag *place = lock_target_place(target);
	const RelationName relation = {
	    .database = place->database,
	    .oid = place->relation,
	    .schema = target->schema,
	    .name = target->relation,
	    .relkind = target->relkind,
	    .table_oid = place->relation,
	};
	const RowKey key = {
	    .n = target->n_key,
	    .columns = (const char *const *) target->key_columns,
	    .values = (const char *const *) target->key_values,
	};

	if (target->database != NULL)
		names_add_database(names, place->database, target->database);
	if (target->relation != NULL)
		names_add_relation(names, &relation);
	if (target->n_key > 0 && place->type == LOCK_TYPE_TUPLE)
		names_add_row_key(names, place, &key);
}

static Stage stage_of_target(const LockTarget *target)
{
	guint32 database = lock_target_place(target)->database;
	Stage stage = {.labels = label_everything(target->advisory_label)};

	stage.snapshot = target->is_elsewhere ? snapshot_of_database(OTHER_OID, NULL)
	                                      : snapshot_of_database(database, target->database);
	add_names(snapshot_names(stage.snapshot), target);
	snapshot_set_advisory_labels(stage.snapshot, stage.labels);
	return stage;
}

static void stage_clear(Stage *stage)
{
	snapshot_free(stage->snapshot);
	advisory_labels_free(stage->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stage, stage_clear)

static const LockTag *row_tag(const LockTarget *target)
{
	return target->has_row ? &target->row_tag : NULL;
}

char *recorded_target_text(const LockTarget *target)
{
	if (target == NULL)
		return g_strdup("something that isn't known");
	g_auto(Stage) stage = stage_of_target(target);

	return target_text(stage.snapshot, &target->tag, row_tag(target));
}

void recorded_target_json(JsonWriter *json, const LockTarget *target)
{
	if (target == NULL) {
		json_null(json);
		return;
	}
	g_auto(Stage) stage = stage_of_target(target);

	target_write_json(json, stage.snapshot, &target->tag, row_tag(target));
}

/* --- sessions ------------------------------------------------------------------------------- */

/* Borrows all texts. */
static Session as_session(const SessionFacts *facts)
{
	return (Session){
	    .kind = facts->kind,
	    .pid = facts->pid,
	    .backend_start = facts->backend_start,
	    .type = backend_type_from_text(facts->backend_type),
	    .backend_type = facts->backend_type,
	    .hidden = facts->hidden,
	    .database = facts->database != NULL ? OTHER_OID + 1 : 0,
	    .user = facts->user != NULL ? ROLE_OID : 0,
	    .application_name = facts->application_name,
	    .client_addr = facts->client_addr,
	    .client_port = facts->client_port,
	    .state = session_state_from_text(facts->state),
	    .state_text = facts->state,
	    .query = facts->query,
	    .gid = facts->gid,
	    .gid_bytes = facts->is_gid_exact ? facts->gid : "",
	    .transaction = facts->transaction,
	};
}

char *recorded_name_text(const SessionFacts *facts)
{
	const Session session = as_session(facts);

	if (facts->kind == SESSION_KIND_BACKEND && facts->pid == 0)
		return g_strdup("a session that isn't known");
	return session_name_text(&session);
}

char *recorded_id_text(const char *id)
{
	const char *pid = "pid:";

	if (id == NULL)
		return g_strdup("?");
	return text_safe(g_str_has_prefix(id, pid) ? id + strlen(pid) : id);
}

char *recorded_application_text(const SessionFacts *facts)
{
	const Session session = as_session(facts);

	return session_application_text(&session);
}

char *recorded_client_text(const SessionFacts *facts)
{
	const Session session = as_session(facts);
	g_autoptr(Snapshot) snapshot = snapshot_of_database(OTHER_OID, NULL);
	Names *names = snapshot_names(snapshot);

	if (facts->user != NULL)
		names_add_role(names, ROLE_OID, facts->user);
	if (facts->database != NULL)
		names_add_database(names, OTHER_OID + 1, facts->database);
	return session_client_text(snapshot, &session);
}

char *recorded_statement_text(const char *statement, guint max_columns)
{
	const Session session = {.query = statement};

	return session_statement_excerpt(&session, max_columns);
}

static void key_int_unless_zero(JsonWriter *json, const char *name, gint64 value)
{
	if (value != 0)
		json_key_int(json, name, value);
	else
		json_key_null(json, name);
}

static void key_has_written(JsonWriter *json, HasWritten has_written)
{
	if (has_written == WRITTEN_UNKNOWN)
		json_key_null(json, "has_written");
	else
		json_key_bool(json, "has_written", has_written == WRITTEN_YES);
}

void recorded_session_json(JsonWriter *json, const SessionFacts *facts)
{
	g_autofree char *id = session_facts_id(facts);
	g_autofree char *log_id = session_facts_log_id(facts);

	json_begin_object(json);
	json_key_string(json, "id", id);
	key_int_unless_zero(json, "pid", facts->pid);
	json_key_string(json, "gid", facts->gid);
	json_key_string(json, "session_id", log_id);
	json_key_timestamp(json, "backend_start", facts->backend_start);
	json_key_string(json, "user", facts->user);
	json_key_string(json, "database", facts->database);
	json_key_string(json, "application_name", facts->application_name);
	json_key_string(json, "client_addr", facts->client_addr);
	key_int_unless_zero(json, "client_port", facts->client_port);
	json_key_string(json, "backend_type", facts->backend_type);
	json_key_string(json, "state", facts->state);
	json_key_timestamp(json, "xact_start", facts->xact_start);
	json_key_timestamp(json, "state_change", facts->state_change);
	json_key_timestamp(json, "query_start", facts->query_start);
	json_key_timestamp(json, "prepared_at", facts->prepared_at);
	json_key_string(json, "query", facts->query);
	key_has_written(json, facts->has_written);
	json_key_bool(json, "hidden", facts->hidden);
	json_end_object(json);
}
