#include "film.h"

#include "base/timestamp.h"
#include "model/incident_record.h"
#include "model/lock_target.h"
#include "model/session_facts.h"

#include <string.h>

/* What a statement is cut to ends with a whole character. */
static void test_cut(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	while (text->len < FACTS_MOST_STATEMENT_BYTES - 1)
		g_string_append_c(text, 'x');
	g_string_append(text, "\xC3\xA4");
	g_autofree char *cut = facts_cut(text->str);
	g_assert_cmpuint(strlen(cut), ==, FACTS_MOST_STATEMENT_BYTES - 1);
	g_assert_true(g_utf8_validate(cut, -1, NULL));

	g_string_set_size(text, FACTS_MOST_STATEMENT_BYTES - 1);
	g_string_append_c(text, 'y');
	g_autofree char *whole = facts_cut(text->str);
	g_assert_cmpstr(whole, ==, text->str);
	g_assert_null(facts_cut(NULL));
}

static SessionFacts *facts_of(const FilmLook *look, gint32 pid)
{
	return session_facts_new(look->snapshot, snapshot_find_pid(look->snapshot, pid));
}

static const Session *session_of(const FilmLook *look, gint32 pid)
{
	return snapshot_session(look->snapshot, snapshot_find_pid(look->snapshot, pid));
}

static void test_session(void)
{
	g_auto(FilmLook) look = film_look(10, "100 tx@1 runs@2; 101 born@5 tx@6; 102 hidden tx@1");
	g_auto(FilmLook) later = film_look(20, "100 tx@15; 101 born@12 tx@13; 102 tx@1");
	g_autoptr(SessionFacts) facts = facts_of(&look, 100);
	g_autoptr(SessionFacts) copy = session_facts_copy(facts);
	g_autoptr(SessionFacts) other = facts_of(&look, 101);
	g_autoptr(SessionFacts) hidden = facts_of(&look, 102);
	g_autofree char *id = session_facts_id(copy);
	g_autofree char *log_id = session_facts_log_id(copy);

	g_assert_cmpstr(id, ==, "pid:100");
	g_assert_cmpstr(log_id, ==, "6553e2f0.64");
	g_assert_cmpstr(copy->user, ==, "app_rw");
	g_assert_cmpstr(copy->database, ==, "app");
	g_assert_cmpstr(copy->query, ==, "UPDATE table_500 SET n = n + 1");
	g_assert_cmpint(copy->query_start, ==, FILM_AT(2));
	g_assert_cmpint(copy->has_written, ==, WRITTEN_NO);

	g_assert_true(session_facts_are_of(facts, session_of(&later, 100)));
	g_assert_false(session_facts_are_of_transaction(facts, session_of(&later, 100)));
	g_assert_true(session_facts_are_of_transaction(facts, session_of(&look, 100)));
	g_assert_false(session_facts_are_of(facts, session_of(&look, 101)));
	g_assert_false(session_facts_are_of(other, session_of(&later, 101)));
	g_assert_true(session_facts_are_of_transaction(hidden, session_of(&later, 102)));
	g_assert_null(session_facts_copy(NULL));
	session_facts_free(NULL);
}

static guint find_prepared(const Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++)
		if (snapshot_session(snapshot, i)->kind == SESSION_KIND_PREPARED)
			return i;
	return NO_SESSION;
}

static void test_prepared(void)
{
	g_auto(FilmLook) look = film_look(10, "7 prepared holds=500; 101 waits=500@5");
	g_auto(FilmLook) other = film_look(10, "8 prepared holds=500; 101 waits=500@5");
	g_autoptr(SessionFacts) facts = session_facts_new(look.snapshot, find_prepared(look.snapshot));

	g_assert_true(
	    session_facts_are_of(facts, snapshot_session(look.snapshot, find_prepared(look.snapshot))));
	g_assert_false(session_facts_are_of(
	    facts, snapshot_session(other.snapshot, find_prepared(other.snapshot))));
	g_assert_false(session_facts_are_of(facts, session_of(&look, 101)));
	/* A name that is not valid UTF-8 is told by the transaction. */
	facts->is_gid_exact = FALSE;
	g_autofree char *id = session_facts_id(facts);
	g_assert_cmpstr(id, ==, "xid:7");
}

static void add_relation(Snapshot *snapshot, guint32 oid, const char *name, char relkind,
                         guint32 table)
{
	const RelationName relation = {.database = FILM_DATABASE,
	                               .oid = oid,
	                               .schema = "public",
	                               .name = name,
	                               .relkind = relkind,
	                               .table_oid = table};

	names_add_relation(snapshot_names(snapshot), &relation);
}

/* An index, its table, and what that is a partition of. */
static void test_tables(void)
{
	g_auto(FilmLook) look = film_look(10, "100 tx@1 holds=900");
	const LockTag tag = {.type = LOCK_TYPE_RELATION, .database = FILM_DATABASE, .relation = 900};
	const guint32 ancestors[] = {902, 903};

	add_relation(look.snapshot, 900, "orders_2026_pkey", 'i', 901);
	add_relation(look.snapshot, 901, "orders_2026", 'r', 901);
	add_relation(look.snapshot, 902, "orders", 'p', 902);
	names_set_ancestors(snapshot_names(look.snapshot), FILM_DATABASE, 901, ancestors, 2);
	g_autoptr(LockTarget) target = lock_target_new(look.snapshot, &tag, NULL);
	g_autoptr(LockTarget) copy = lock_target_copy(target);
	g_autofree char *tables = g_strjoinv(" ", copy->tables);

	g_assert_cmpstr(tables, ==, "public orders_2026_pkey public orders_2026 public orders");
	g_assert_cmpstr(copy->relation, ==, "orders_2026_pkey");
	g_assert_cmpint(copy->relkind, ==, 'i');
	g_assert_cmpstr(copy->database, ==, "app");
	g_assert_false(copy->is_elsewhere);
	g_assert_true(lock_target_equal(copy, target));
	g_assert_true(lock_target_place(copy) == &copy->tag);
	g_assert_null(lock_target_copy(NULL));
	lock_target_free(NULL);
}

static void test_row(void)
{
	g_auto(FilmLook) look = film_look(10, "100 tx@1 holds=500");
	const LockTag tag = {.type = LOCK_TYPE_TRANSACTIONID, .transaction = 725};
	const LockTag row = {
	    .type = LOCK_TYPE_TUPLE, .database = FILM_DATABASE, .relation = 500, .page = 1, .tuple = 2};
	const char *const columns[] = {"user_id", "day"};
	const char *const values[] = {"42", NULL};
	const RowKey key = {.n = 2, .columns = columns, .values = values};

	names_add_row_key(snapshot_names(look.snapshot), &row, &key);
	g_autoptr(LockTarget) target = lock_target_new(look.snapshot, &tag, &row);
	g_autoptr(LockTarget) copy = lock_target_copy(target);
	g_autoptr(LockTarget) without = lock_target_new(look.snapshot, &tag, NULL);

	g_assert_true(copy->has_row);
	g_assert_true(lock_target_place(copy) == &copy->row_tag);
	g_assert_cmpuint(copy->n_key, ==, 2);
	g_assert_cmpstr(copy->key_columns[1], ==, "day");
	g_assert_cmpstr(copy->key_values[0], ==, "42");
	g_assert_null(copy->key_values[1]);
	g_assert_cmpstr(copy->relation, ==, "table_500");
	g_assert_false(lock_target_equal(copy, without));
	g_assert_null(without->database);
}

/* In another database, whose name isn't known. */
static void test_elsewhere(void)
{
	g_auto(FilmLook) look = film_look(10, "100 tx@1 holds=500");
	const LockTag tag = {.type = LOCK_TYPE_RELATION, .database = 77, .relation = 500};
	g_autoptr(LockTarget) target = lock_target_new(look.snapshot, &tag, NULL);

	g_assert_true(target->is_elsewhere);
	g_assert_null(target->database);
	g_assert_null(target->tables);
}

static void test_records(void)
{
	const StatementRecord statement = {
	    .incident = 1, .session = (char *) "pid:1", .statement = (char *) "SELECT 1"};
	const ActRecord act = {.id = 3, .server = (char *) "main", .result = (char *) "freed"};
	const NoticeRecord notice = {.server = (char *) "main", .event = (char *) "act"};
	IncidentRecord *record = incident_record_new(incident_new("main"));

	g_ptr_array_add(record->statements, statement_record_copy(&statement));
	g_ptr_array_add(record->acts, act_record_copy(&act));
	g_ptr_array_add(record->notices, notice_record_copy(&notice));
	g_assert_cmpstr(((ActRecord *) record->acts->pdata[0])->result, ==, "freed");
	incident_record_free(record);
	incident_record_free(NULL);
	statement_record_free(NULL);
	act_record_free(NULL);
	notice_record_free(NULL);
}

static void test_end_names(void)
{
	IncidentEnd end;

	for (IncidentEnd i = INCIDENT_LASTS; i <= INCIDENT_UNSEEN; i++) {
		g_assert_true(incident_end_from_name(incident_end_name(i), &end));
		g_assert_cmpint(end, ==, i);
	}
	g_assert_false(incident_end_from_name("lost", &end));
	incident_free(NULL);
	incident_tracker_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/incident-facts/cut", test_cut);
	g_test_add_func("/incident-facts/session", test_session);
	g_test_add_func("/incident-facts/prepared", test_prepared);
	g_test_add_func("/incident-facts/tables", test_tables);
	g_test_add_func("/incident-facts/row", test_row);
	g_test_add_func("/incident-facts/elsewhere", test_elsewhere);
	g_test_add_func("/incident-facts/records", test_records);
	g_test_add_func("/incident-facts/end-names", test_end_names);
	return g_test_run();
}
