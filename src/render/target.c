#include "render/target.h"

#include "base/sql_ident.h"
#include "base/text.h"
#include "model/advisory_key.h"
#include "render/render.h"

#include <string.h>

static const char *relkind_word(char relkind)
{
	static const struct {
		char relkind;
		const char *word;
	} words[] = {
	    {'r', "table"}, {'p', "table"},       {'i', "index"},
	    {'I', "index"}, {'t', "TOAST table"}, {'m', "materialized view"},
	    {'v', "view"},  {'S', "sequence"},    {'f', "foreign table"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (words[i].relkind == relkind)
			return words[i].word;
	}
	return "relation";
}

static gboolean is_own_database(const Snapshot *snapshot, guint32 database)
{
	return database == 0 || database == snapshot_server(snapshot)->database_oid;
}

void target_append_database(GString *out, const Snapshot *snapshot, guint32 database)
{
	const char *name = names_database(snapshot_names(snapshot), database);

	if (name != NULL)
		sql_ident_append(out, name);
	else
		g_string_append_printf(out, "database %u", database);
}

static void append_named_relation(GString *out, const Snapshot *snapshot, const RelationName *name)
{
	gboolean own = is_own_database(snapshot, name->database);

	if (!own) {
		const char *database = names_database(snapshot_names(snapshot), name->database);

		if (database != NULL)
			sql_ident_append(out, database);
		else
			g_string_append_printf(out, "%u", name->database);
		g_string_append_c(out, '.');
	}
	if (name->schema != NULL && (!own || g_strcmp0(name->schema, "public") != 0)) {
		sql_ident_append(out, name->schema);
		g_string_append_c(out, '.');
	}
	sql_ident_append(out, name->name);
}

void target_append_relation(GString *out, const Snapshot *snapshot, guint32 database,
                            guint32 relation)
{
	const Names *names = snapshot_names(snapshot);
	const RelationName *name = names_relation(names, database, relation);

	if (name != NULL) {
		append_named_relation(out, snapshot, name);
	} else if (is_own_database(snapshot, database)) {
		g_string_append_printf(out, "relation %u", relation);
	} else if (names_database(names, database) != NULL) {
		sql_ident_append(out, names_database(names, database));
		g_string_append_printf(out, ".%u", relation);
	} else {
		g_string_append_printf(out, "relation %u of database %u", relation, database);
	}
}

/* "table orders", "index orders_pkey"; a relation without a name says by itself that it is one. */
static void append_relation_with_kind(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	const RelationName *name =
	    names_relation(snapshot_names(snapshot), tag->database, tag->relation);

	if (name != NULL)
		g_string_append_printf(out, "%s ", relkind_word(name->relkind));
	else if (!is_own_database(snapshot, tag->database) &&
	         names_database(snapshot_names(snapshot), tag->database) != NULL)
		g_string_append(out, "relation ");
	target_append_relation(out, snapshot, tag->database, tag->relation);
}

char *target_advisory_key(const LockTag *tag)
{
	AdvisoryKey key;

	return advisory_key_of(tag, &key) ? advisory_key_to_text(&key) : NULL;
}

/* Objects by the oid of their catalog (the fixed oids in src/include/catalog). */
static const struct {
	guint32 classid;
	const char *word;
} object_words[] = {
    {1213, "tablespace"},
    {1247, "type"},
    {1255, "function"},
    {1259, "relation"},
    {1260, "role"},
    {1262, "database"},
    {1417, "foreign server"},
    {2328, "foreign-data wrapper"},
    {2605, "cast"},
    {2606, "constraint"},
    {2607, "conversion"},
    {2612, "language"},
    {2615, "schema"},
    {2616, "operator class"},
    {2617, "operator"},
    {2753, "operator family"},
    {3079, "extension"},
    {3256, "row security policy"},
    {3381, "extended statistics"},
    {3456, "collation"},
    {3466, "event trigger"},
    {3600, "text search dictionary"},
    {3601, "text search parser"},
    {3602, "text search configuration"},
    {3764, "text search template"},
    {6000, "replication origin"},
    {6100, "subscription"},
    {6104, "publication"},
};

enum { CLASS_RELATION = 1259, CLASS_ROLE = 1260, CLASS_DATABASE = 1262 };

static void append_object(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	const Names *names = snapshot_names(snapshot);
	const char *word = NULL;
	const char *name = NULL;

	/* PreCommit_Notify takes this one, so that notifications are queued in order of commit
	 * (src/backend/commands/async.c): all transactions that notify stand in line here. */
	if (tag->classid == CLASS_DATABASE && tag->objid == 0) {
		g_string_append(out, "the queue of NOTIFY (object 0 of pg_database)");
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(object_words); i++) {
		if (object_words[i].classid == tag->classid)
			word = object_words[i].word;
	}
	if (tag->classid == CLASS_RELATION) {
		const LockTag relation = {
		    .type = LOCK_TYPE_RELATION, .database = tag->database, .relation = tag->objid};

		append_relation_with_kind(out, snapshot, &relation);
		return;
	}
	if (tag->classid == CLASS_ROLE)
		name = names_role(names, tag->objid);
	if (tag->classid == CLASS_DATABASE)
		name = names_database(names, tag->objid);
	if (name != NULL) {
		g_string_append_printf(out, "%s ", word);
		sql_ident_append(out, name);
	} else if (word != NULL) {
		g_string_append_printf(out, "%s %u", word, tag->objid);
	} else {
		g_string_append_printf(out, "object %u of catalog %u", tag->objid, tag->classid);
	}
	if (tag->objsubid != 0)
		g_string_append_printf(out, " part %d", tag->objsubid);
}

static void append_of_database(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	if (is_own_database(snapshot, tag->database))
		return;
	g_string_append(out, " in ");
	if (names_database(snapshot_names(snapshot), tag->database) != NULL)
		g_string_append(out, "database ");
	target_append_database(out, snapshot, tag->database);
}

static void append_advisory(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	g_autofree char *key = target_advisory_key(tag);
	const char *label = snapshot_advisory_label(snapshot, tag);

	if (key != NULL)
		g_string_append_printf(out, "advisory key %s", key);
	if (label != NULL) {
		g_string_append(out, " (");
		text_append_safe(out, label);
		g_string_append_c(out, ')');
	}
	if (key == NULL)
		g_string_append_printf(out, "advisory lock %u,%u of an extension (class %d)", tag->classid,
		                       tag->objid, tag->objsubid);
	append_of_database(out, snapshot, tag);
}

/* Columns of a value that is shown. */
#define MAX_VALUE 40
#define PLAIN_VALUE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:+@"

/* As it is where it can't be mistaken, else in quotes as SQL writes them. */
static void append_value(GString *out, const char *value)
{
	g_autofree char *safe = value != NULL ? text_safe(value) : NULL;
	g_autoptr(GString) shown = g_string_new(NULL);

	if (safe == NULL) {
		g_string_append(out, "NULL");
		return;
	}
	text_append_fit(shown, safe, MAX_VALUE, FALSE, FALSE);
	if (shown->len > 0 && strspn(shown->str, PLAIN_VALUE) == shown->len) {
		g_string_append(out, shown->str);
		return;
	}
	g_string_replace(shown, "'", "''", 0);
	g_string_append_printf(out, "'%s'", shown->str);
}

/* " (user_id=42, day=2026-11-30)" */
static void append_row_key(GString *out, const RowKey *key)
{
	for (guint i = 0; i < key->n; i++) {
		g_string_append(out, i == 0 ? " (" : ", ");
		sql_ident_append(out, key->columns[i]);
		g_string_append_c(out, '=');
		append_value(out, key->values[i]);
	}
	g_string_append_c(out, ')');
}

static const RowKey *row_key_of(const Snapshot *snapshot, const LockTag *tag)
{
	return names_row_key(snapshot_names(snapshot), tag);
}

/* By its key where that is known, else by its place. */
static void append_row(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	const RowKey *key = row_key_of(snapshot, tag);

	if (key == NULL) {
		g_string_append_printf(out, "row (%u,%u) of ", tag->page, tag->tuple);
		target_append_relation(out, snapshot, tag->database, tag->relation);
		return;
	}
	g_string_append(out, "row ");
	target_append_relation(out, snapshot, tag->database, tag->relation);
	append_row_key(out, key);
}

/* A speculative insertion's columns are those of any object up to some major: the transaction then
 * stands in database and the token in classid (pg_lock_status in src/backend/utils/adt/lockfuncs.c,
 * SET_LOCKTAG_SPECULATIVE_INSERTION in src/include/storage/lock.h). */
static guint32 speculative_transaction(const LockTag *tag)
{
	return tag->transaction != 0 ? tag->transaction : tag->database;
}

static void append_tag(GString *out, const Snapshot *snapshot, const LockTag *tag)
{
	switch (tag->type) {
	case LOCK_TYPE_RELATION:
		append_relation_with_kind(out, snapshot, tag);
		return;
	case LOCK_TYPE_EXTEND:
		g_string_append(out, "the extension of ");
		append_relation_with_kind(out, snapshot, tag);
		return;
	case LOCK_TYPE_FROZENID:
		g_string_append(out, "the frozen transaction ids of ");
		target_append_database(out, snapshot, tag->database);
		return;
	case LOCK_TYPE_PAGE:
		g_string_append_printf(out, "page %u of ", tag->page);
		append_relation_with_kind(out, snapshot, tag);
		return;
	case LOCK_TYPE_TUPLE:
		append_row(out, snapshot, tag);
		return;
	case LOCK_TYPE_TRANSACTIONID:
		g_string_append_printf(out, "transaction %u", tag->transaction);
		return;
	case LOCK_TYPE_VIRTUALXID:
		g_string_append_printf(out, "virtual transaction %d/%u", tag->virtualxid.backend,
		                       tag->virtualxid.local);
		return;
	case LOCK_TYPE_SPECTOKEN:
		g_string_append_printf(out, "a speculative insertion of transaction %u",
		                       speculative_transaction(tag));
		return;
	case LOCK_TYPE_OBJECT:
		append_object(out, snapshot, tag);
		append_of_database(out, snapshot, tag);
		return;
	case LOCK_TYPE_USERLOCK:
		g_string_append_printf(out, "user lock %u,%u,%d", tag->classid, tag->objid, tag->objsubid);
		append_of_database(out, snapshot, tag);
		return;
	case LOCK_TYPE_ADVISORY:
		append_advisory(out, snapshot, tag);
		return;
	case LOCK_TYPE_APPLYTRANSACTION:
		g_string_append_printf(out, "remote transaction %u of subscription %u", tag->transaction,
		                       tag->objid);
		append_of_database(out, snapshot, tag);
		return;
	case LOCK_TYPE_OTHER:
		break;
	}
	g_string_append_printf(out, "something new to this pgunlock (%u,%u,%u,%d)", tag->database,
	                       tag->classid, tag->objid, tag->objsubid);
}

void render_target(GString *out, const Snapshot *snapshot, const LockTag *tag,
                   const LockTag *row_tag)
{
	if (row_tag == NULL) {
		append_tag(out, snapshot, tag);
		return;
	}
	gboolean has_key = row_key_of(snapshot, row_tag) != NULL;

	append_tag(out, snapshot, row_tag);
	g_string_append(out, has_key ? ", " : " (");
	append_tag(out, snapshot, tag);
	if (!has_key)
		g_string_append_c(out, ')');
}

char *target_text(const Snapshot *snapshot, const LockTag *tag, const LockTag *row_tag)
{
	GString *out = g_string_new(NULL);

	render_target(out, snapshot, tag, row_tag);
	return g_string_free(out, FALSE);
}

/* Which of a tag's columns mean something, by its type: a column that doesn't is 0 in the tag as
 * one that is NULL, but a page, an object's part or a local number can be 0 in earnest. */
static gboolean has_relation(LockType type)
{
	return type == LOCK_TYPE_RELATION || type == LOCK_TYPE_EXTEND || type == LOCK_TYPE_PAGE ||
	       type == LOCK_TYPE_TUPLE;
}

static gboolean has_object(LockType type)
{
	return type == LOCK_TYPE_OBJECT || type == LOCK_TYPE_USERLOCK || type == LOCK_TYPE_ADVISORY ||
	       type == LOCK_TYPE_APPLYTRANSACTION || type == LOCK_TYPE_OTHER;
}

static void key_int_if(JsonWriter *json, const char *name, gboolean is_known, gint64 value)
{
	if (is_known)
		json_key_int(json, name, value);
	else
		json_key_null(json, name);
}

void target_write_row_key(JsonWriter *json, const RowKey *key)
{
	json_begin_object(json);
	for (guint i = 0; i < key->n; i++)
		json_key_string(json, key->columns[i], key->values[i]);
	json_end_object(json);
}

static void write_row(JsonWriter *json, const Snapshot *snapshot, const LockTag *place)
{
	const RowKey *key = place->type == LOCK_TYPE_TUPLE ? row_key_of(snapshot, place) : NULL;
	g_autoptr(GString) table = g_string_new(NULL);

	json_key(json, "row");
	if (key == NULL) {
		json_null(json);
		return;
	}
	target_append_relation(table, snapshot, place->database, place->relation);
	json_begin_object(json);
	json_key_string(json, "table", table->str);
	json_key(json, "key");
	target_write_row_key(json, key);
	json_end_object(json);
}

static void write_relation(JsonWriter *json, const Snapshot *snapshot, const LockTag *place)
{
	gboolean related = has_relation(place->type);
	gboolean in_page = place->type == LOCK_TYPE_PAGE || place->type == LOCK_TYPE_TUPLE;
	const Names *names = snapshot_names(snapshot);
	const RelationName *name =
	    related ? names_relation(names, place->database, place->relation) : NULL;
	char relkind[2] = "";
	gboolean has_database = place->database != 0 && place->type != LOCK_TYPE_SPECTOKEN;

	if (name != NULL)
		relkind[0] = name->relkind;
	json_key_string(json, "database", has_database ? names_database(names, place->database) : NULL);
	key_int_if(json, "database_oid", has_database, place->database);
	json_key_string(json, "schema", name != NULL ? name->schema : NULL);
	json_key_string(json, "relation", name != NULL ? name->name : NULL);
	key_int_if(json, "relation_oid", related, place->relation);
	json_key_string(json, "relkind", relkind[0] != '\0' ? relkind : NULL);
	key_int_if(json, "page", in_page, place->page);
	key_int_if(json, "tuple", place->type == LOCK_TYPE_TUPLE, place->tuple);
	write_row(json, snapshot, place);
}

void target_write_json(JsonWriter *json, const Snapshot *snapshot, const LockTag *tag,
                       const LockTag *row_tag)
{
	g_autofree char *text = target_text(snapshot, tag, row_tag);
	g_autofree char *key = target_advisory_key(tag);
	g_autofree char *virtualxid = NULL;
	guint32 transaction =
	    tag->type == LOCK_TYPE_SPECTOKEN ? speculative_transaction(tag) : tag->transaction;
	gboolean object = has_object(tag->type);

	if (tag->type == LOCK_TYPE_VIRTUALXID)
		virtualxid = g_strdup_printf("%d/%u", tag->virtualxid.backend, tag->virtualxid.local);
	json_begin_object(json);
	json_key_string(json, "type", lock_type_name(tag->type));
	write_relation(json, snapshot, row_tag != NULL ? row_tag : tag);
	key_int_if(json, "transaction", transaction != 0, transaction);
	json_key_string(json, "virtualxid", virtualxid);
	json_key_string(json, "advisory_key", key);
	json_key_string(json, "advisory_label", snapshot_advisory_label(snapshot, tag));
	key_int_if(json, "classid", object, tag->classid);
	key_int_if(json, "objid", object, tag->objid);
	key_int_if(json, "objsubid", object, tag->objsubid);
	json_key_string(json, "text", text);
	json_end_object(json);
}
