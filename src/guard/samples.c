#include "guard/samples.h"

#include "base/timestamp.h"

/* Of a transaction that runs statement after statement the first and the latest are kept: the lock
 * may be the first one's. */
#define MOST_STATEMENTS 40
#define KEPT_FIRST 20

/* The session in one transaction. */
typedef struct {
	gint32 pid;
	gint64 backend_start;
	gint64 xact_start;
} Key;

typedef struct {
	Key key;
	GArray *statements; /* of SampledStatement */
	guint64 seen_in;
} Transaction;

struct GuardSamples {
	GHashTable *transactions; /* of Transaction: its key -> itself */
	guint64 n_samples;
	gint64 oldest_idle_us;
};

static guint hash_key(gconstpointer data)
{
	const Key *key = data;

	return g_int_hash(&key->pid) ^ g_int64_hash(&key->xact_start);
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
	const Key *x = a, *y = b;

	return x->pid == y->pid && x->backend_start == y->backend_start &&
	       x->xact_start == y->xact_start;
}

static void transaction_free(gpointer data)
{
	Transaction *transaction = data;

	g_array_unref(transaction->statements);
	g_free(transaction);
}

static void clear_statement(gpointer data)
{
	g_free(((SampledStatement *) data)->query);
}

GuardSamples *guard_samples_new(void)
{
	GuardSamples *samples = g_new0(GuardSamples, 1);

	samples->transactions = g_hash_table_new_full(hash_key, equal_keys, NULL, transaction_free);
	return samples;
}

void guard_samples_free(GuardSamples *samples)
{
	if (samples == NULL)
		return;
	g_hash_table_unref(samples->transactions);
	g_free(samples);
}

static Transaction *find_or_add(GuardSamples *samples, const Key *key)
{
	Transaction *transaction = g_hash_table_lookup(samples->transactions, key);

	if (transaction != NULL)
		return transaction;
	transaction = g_new0(Transaction, 1);
	transaction->key = *key;
	transaction->statements = g_array_new(FALSE, FALSE, sizeof(SampledStatement));
	g_array_set_clear_func(transaction->statements, clear_statement);
	g_hash_table_insert(samples->transactions, &transaction->key, transaction);
	return transaction;
}

static void add_statement(GArray *statements, const OpenTransaction *open, gint64 now)
{
	const SampledStatement *last =
	    statements->len > 0 ? &g_array_index(statements, SampledStatement, statements->len - 1)
	                        : NULL;
	SampledStatement added = {.query_start = open->query_start, .seen_at = now};

	if (open->query == NULL || (last != NULL && last->query_start == open->query_start))
		return;
	if (statements->len == MOST_STATEMENTS)
		g_array_remove_index(statements, KEPT_FIRST);
	added.query = g_strdup(open->query);
	g_array_append_val(statements, added);
}

static gboolean is_over(G_GNUC_UNUSED gpointer key, gpointer value, gpointer data)
{
	return ((const Transaction *) value)->seen_in != ((const GuardSamples *) data)->n_samples;
}

void guard_samples_take(GuardSamples *samples, const GArray *transactions, gint64 now)
{
	samples->n_samples++;
	samples->oldest_idle_us = 0;
	for (guint i = 0; i < transactions->len; i++) {
		const OpenTransaction *open = &g_array_index(transactions, OpenTransaction, i);
		const Key key = {open->pid, open->backend_start, open->xact_start};
		Transaction *transaction = find_or_add(samples, &key);

		transaction->seen_in = samples->n_samples;
		add_statement(transaction->statements, open, now);
		if (open->is_idle)
			samples->oldest_idle_us =
			    MAX(samples->oldest_idle_us, timestamp_age(now, open->state_change));
	}
	g_hash_table_foreach_remove(samples->transactions, is_over, samples);
}

const GArray *guard_samples_of(const GuardSamples *samples, const SessionFacts *session)
{
	const Key key = {session->pid, session->backend_start, session->xact_start};
	const Transaction *transaction = g_hash_table_lookup(samples->transactions, &key);

	return transaction != NULL ? transaction->statements : NULL;
}

gint64 guard_samples_oldest_idle_us(const GuardSamples *samples)
{
	return samples->oldest_idle_us;
}
