#include "film.h"

#include "base/timestamp.h"
#include "history/blocker_json.h"
#include "history/facts_json.h"

#include <string.h>

/* The documents that the file keeps: what is written is what is read. */

static Blocker *blocker_of(const FilmLook *look, gint32 pid)
{
	return blocker_new(look->graph, snapshot_find_pid(look->snapshot, pid), TIMESTAMP_NONE);
}

static void test_blockers(void)
{
	g_auto(FilmLook) look = film_look(
	    20,
	    "100 tx@1 idle holds=500 holds=501; 101 tx@2 waits=500@10; 102 waits=501@11; 103 hidden "
	    "holds=700; 104 waits=700@5");
	g_autoptr(Blocker) first = blocker_of(&look, 100);
	g_autoptr(Blocker) second = blocker_of(&look, 103);
	const Blocker *const blockers[] = {first, second};
	g_autofree char *text = blockers_to_json(blockers, 2);
	g_autoptr(GPtrArray) read = blockers_from_json(text);

	g_assert_cmpuint(read->len, ==, 2);
	g_autofree char *again = blockers_to_json((const Blocker *const *) read->pdata, read->len);
	g_assert_cmpstr(again, ==, text);

	const Blocker *back = g_ptr_array_index(read, 0);
	g_assert_true(blocker_is_same(back, first));
	g_assert_cmpint(back->taken_at, ==, FILM_AT(20));
	g_assert_cmpstr(back->user, ==, "app_rw");
	g_assert_cmpstr(back->application, ==, "checkout");
	g_assert_cmpint(back->session_state, ==, SESSION_STATE_IDLE_IN_TRANSACTION);
	g_assert_cmpint(back->type, ==, BACKEND_TYPE_CLIENT);
	g_assert_cmpint(back->in_transaction, ==, ANSWER_YES);
	g_assert_cmpint(back->transaction_since, ==, FILM_AT(1));
	g_assert_cmpint(back->blocked_since, ==, first->blocked_since);
	g_assert_cmpuint(back->blocked_total, ==, 2);
	g_assert_true(back->is_root);
	g_assert_cmpuint(back->n_targets, ==, first->n_targets);
	g_assert_cmpuint(back->n_targets, >, 0);
	g_assert_cmpint(back->targets[0].mode, ==, LOCK_MODE_ACCESS_EXCLUSIVE);
	g_assert_cmpuint(back->targets[0].n_relations, ==, 1);
	g_assert_cmpstr(back->targets[0].relations[0].names[0].schema, ==, "public");
	g_assert_true(lock_tag_equal(&back->targets[0].tag, &first->targets[0].tag));
	back = g_ptr_array_index(read, 1);
	g_assert_true(back->hidden);
	g_assert_cmpstr(back->user, ==, second->user);
	g_assert_cmpint(back->in_transaction, ==, second->in_transaction);
}

/* A prepared transaction may be called by any bytes, and a statement be of any length. */
static void test_any_bytes(void)
{
	g_autoptr(Blocker) blocker = blocker_new_empty();
	g_autofree char *statement = g_strnfill(2 * FACTS_MOST_STATEMENT_BYTES, 'x');
	const Blocker *const blockers[] = {blocker};

	blocker->kind = SESSION_KIND_PREPARED;
	blocker->gid = "caf\\xE9";
	blocker->gid_bytes = "caf\xE9";
	blocker->transaction = 7;
	blocker->statement = statement;
	g_autofree char *text = blockers_to_json(blockers, 1);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_autoptr(GPtrArray) read = blockers_from_json(text);
	const Blocker *back = g_ptr_array_index(read, 0);

	g_assert_cmpstr(back->gid, ==, "caf\\xE9");
	g_assert_cmpint(strcmp(back->gid_bytes, "caf\xE9"), ==, 0);
	g_assert_cmpuint(strlen(back->statement), ==, FACTS_MOST_STATEMENT_BYTES);
}

static void test_target(void)
{
	LockTarget target = {
	    .tag = {.type = LOCK_TYPE_VIRTUALXID, .virtualxid = {-1, 725}},
	    .has_row = TRUE,
	    .row_tag = {.type = LOCK_TYPE_TUPLE, .database = 5, .relation = 6, .page = 7, .tuple = 8},
	    .is_elsewhere = TRUE,
	    .relkind = 'p',
	    .n_key = 2,
	};
	char columns[] = "a", other[] = "b", value[] = "1";
	char *key_columns[] = {columns, other};
	char *key_values[] = {value, NULL};

	target.key_columns = key_columns;
	target.key_values = key_values;
	g_autofree char *text = lock_target_to_json(&target);
	g_autoptr(LockTarget) read = lock_target_from_json(text);
	g_autofree char *again = lock_target_to_json(read);

	g_assert_cmpstr(again, ==, text);
	g_assert_true(lock_target_equal(read, &target));
	g_assert_cmpint(read->relkind, ==, 'p');
	g_assert_cmpuint(read->n_key, ==, 2);
	g_assert_null(read->key_values[1]);
	g_assert_null(lock_target_to_json(NULL));
	g_assert_null(session_facts_to_json(NULL));
}

/* What can't be read is not known, and never a crash. */
static void test_damaged(void)
{
	static const char *const damaged[] = {
	    "",
	    "x",
	    "[]",
	    "7",
	    "{}",
	    "{\"blockers\": 7}",
	    "{\"tag\": {}, \"key_columns\": [1], \"key_values\": [2], \"tables\": [null, {}]}",
	    "{\"pid\": 1e99, \"backend_start\": true, \"query\": [], \"user\": {}}",
	    "{\"blockers\": [null, 1, {\"targets\": [null, {\"relations\": [7, {\"names\": [1]}]}]}]}",
	    "{\"blockers\": [{\"gid_bytes\": [0, 256, -1, 65]}]}",
	    /* more than one value, and where one ends hidden from a quick look */
	    "{\"pid\": 1} {\"pid\": 2}",
	    "2 {\"pid\": 2}",
	    "{\"pid\": 1} 2",
	    "{/*\"*/} {/*\"*/ \"pid\": 2}",
	    "{\"pid\": 1, \"query",
	    "{\"pid\": 1, \"query\\",
	};

	for (guint i = 0; i < G_N_ELEMENTS(damaged); i++) {
		g_autoptr(SessionFacts) facts = session_facts_from_json(damaged[i]);
		g_autoptr(LockTarget) target = lock_target_from_json(damaged[i]);
		g_autoptr(GPtrArray) blockers = blockers_from_json(damaged[i]);

		g_test_message("%s", damaged[i]);
		g_assert_cmpint(facts->pid, ==, 0);
		g_assert_null(facts->query);
		g_assert_true(facts->has_written <= WRITTEN_YES);
		g_assert_true((target != NULL) == (i == 6));
		g_assert_cmpuint(blockers->len, ==, i == 8 ? 3 : i == 9 ? 1 : 0);
	}
	g_autoptr(SessionFacts) whole =
	    session_facts_from_json(" {\"pid\": 7, \"query\": \"} \\\" / # {\"}\n");
	g_assert_cmpint(whole->pid, ==, 7);
	g_assert_cmpstr(whole->query, ==, "} \" / # {");
	g_autoptr(SessionFacts) nothing = session_facts_from_json(NULL);
	g_assert_cmpint(nothing->backend_start, ==, TIMESTAMP_NONE);
	g_assert_null(lock_target_from_json(NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/history-documents/blockers", test_blockers);
	g_test_add_func("/history-documents/any-bytes", test_any_bytes);
	g_test_add_func("/history-documents/target", test_target);
	g_test_add_func("/history-documents/damaged", test_damaged);
	return g_test_run();
}
