#include "base/duration.h"
#include "base/error.h"
#include "guard/samples.h"
#include "rows.h"

#include <string.h>

/* Statements of open transactions: read from the server's answer, and kept while they are open. */

#define COLUMNS "izzzzttz"
#define YEAR_2000 G_GINT64_CONSTANT(946684800000000)

static void set_row(PGresult *rows, int row, gint32 pid, gint64 xact_start, gint64 query_start,
                    const char *state, const char *query)
{
	rows_set_number(rows, row, 0, pid);
	rows_set_number(rows, row, 1, 1);
	rows_set_number(rows, row, 2, xact_start);
	rows_set_number(rows, row, 3, query_start);
	rows_set_number(rows, row, 4, query_start);
	rows_set_text(rows, row, 5, state);
	rows_set_text(rows, row, 6, query);
	rows_set_number(rows, row, 7, 100 * DURATION_SECOND);
}

static GArray *read_rows(const PGresult *rows, gint64 *now)
{
	g_autoptr(GError) error = NULL;
	GArray *transactions = transactions_read(rows, now, &error);

	g_assert_no_error(error);
	return transactions;
}

static void test_read(void)
{
	g_autoptr(PGresult) rows = rows_new(COLUMNS);
	g_autoptr(PGresult) wrong = rows_new("izzzttz");
	g_autoptr(GError) error = NULL;
	g_autofree char *long_query = g_strnfill(3 * OPEN_STATEMENT_BYTES, 'x');
	gint64 now = 7;

	set_row(rows, 0, 100, 10, 20, "idle in transaction", "UPDATE a \xff");
	set_row(rows, 1, 200, 10, 20, "active", long_query);
	rows_set_null(rows, 1, 6);
	set_row(rows, 2, 300, 10, 20, "active", long_query);
	g_autoptr(GArray) transactions = read_rows(rows, &now);
	const OpenTransaction *first = &g_array_index(transactions, OpenTransaction, 0);

	g_assert_cmpuint(transactions->len, ==, 3);
	g_assert_cmpint(now, ==, YEAR_2000 + 100 * DURATION_SECOND);
	g_assert_cmpint(first->pid, ==, 100);
	g_assert_cmpint(first->query_start, ==, YEAR_2000 + 20);
	g_assert_true(first->is_idle);
	g_assert_true(g_utf8_validate(first->query, -1, NULL));
	g_assert_null(g_array_index(transactions, OpenTransaction, 1).query);
	g_assert_false(g_array_index(transactions, OpenTransaction, 1).is_idle);
	g_assert_cmpuint(strlen(g_array_index(transactions, OpenTransaction, 2).query), ==,
	                 OPEN_STATEMENT_BYTES);
	g_assert_null(transactions_read(wrong, &now, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_clear_error(&error);
	rows_set_bytes(rows, 0, 0, "xyz", 3);
	g_assert_null(transactions_read(rows, &now, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
}

/* "SELECT 1; SELECT 2": what is known of pid 100 in the transaction that began then. */
static char *words(const GuardSamples *samples, gint64 xact_start)
{
	const SessionFacts facts = {
	    .pid = 100, .backend_start = YEAR_2000 + 1, .xact_start = YEAR_2000 + xact_start};
	const GArray *statements = guard_samples_of(samples, &facts);
	GString *text = g_string_new(NULL);

	for (guint i = 0; statements != NULL && i < statements->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
		                       g_array_index(statements, SampledStatement, i).query);
	return g_string_free(text, FALSE);
}

static void take(GuardSamples *samples, gint64 xact_start, gint64 query_start, const char *query)
{
	g_autoptr(PGresult) rows = rows_new(COLUMNS);
	gint64 now = 0;

	if (query != NULL)
		set_row(rows, 0, 100, xact_start, query_start, "idle in transaction", query);
	g_autoptr(GArray) transactions = read_rows(rows, &now);

	guard_samples_take(samples, transactions, now);
}

static void assert_words(const GuardSamples *samples, gint64 xact_start, const char *expected)
{
	g_autofree char *found = words(samples, xact_start);

	g_assert_cmpstr(found, ==, expected);
}

static void test_samples(void)
{
	g_autoptr(GuardSamples) samples = guard_samples_new();

	take(samples, 10, 20, "SELECT 1");
	take(samples, 10, 20, "SELECT 1");
	take(samples, 10, 30, "SELECT 2");
	assert_words(samples, 10, "SELECT 1; SELECT 2");
	g_assert_cmpint(guard_samples_oldest_idle_us(samples), ==, 100 * DURATION_SECOND - 30);
	/* the next transaction of the same session */
	take(samples, 40, 50, "SELECT 3");
	assert_words(samples, 10, "");
	assert_words(samples, 40, "SELECT 3");
	take(samples, 0, 0, NULL);
	assert_words(samples, 40, "");
	g_assert_cmpint(guard_samples_oldest_idle_us(samples), ==, 0);
}

/* Of very many the first and the latest are kept: the lock may be the first one's. */
static void test_many(void)
{
	g_autoptr(GuardSamples) samples = guard_samples_new();

	for (gint64 i = 1; i <= 1000; i++) {
		g_autofree char *query = g_strdup_printf("SELECT %d", (int) i);

		take(samples, 10, 10 + i, query);
	}
	g_autofree char *found = words(samples, 10);

	g_assert_true(g_str_has_prefix(found, "SELECT 1; SELECT 2; "));
	g_assert_true(g_str_has_suffix(found, "SELECT 999; SELECT 1000"));
	g_assert_cmpuint(strlen(found), <, 1000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/samples/read", test_read);
	g_test_add_func("/samples/kept", test_samples);
	g_test_add_func("/samples/many", test_many);
	return g_test_run();
}
