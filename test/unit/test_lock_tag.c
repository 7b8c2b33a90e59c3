#include "model/lock_tag.h"

static const LockTag base_tag = {.type = LOCK_TYPE_RELATION};

static void assert_different(const LockTag *tag)
{
	g_assert_false(lock_tag_equal(&base_tag, tag));
	g_assert_false(lock_tag_equal(tag, &base_tag));
	/* not promised, but with a fixed function it either holds or not */
	g_assert_cmpuint(lock_tag_hash(&base_tag), !=, lock_tag_hash(tag));
	g_assert_true(lock_tag_equal(tag, tag));
}

static void test_equal(void)
{
	const LockTag others[] = {
	    {.type = LOCK_TYPE_EXTEND},
	    {.database = 1},
	    {.relation = 1},
	    {.page = 1},
	    {.tuple = 1},
	    {.transaction = 1},
	    {.classid = 1},
	    {.objid = 1},
	    {.objsubid = 1},
	    {.virtualxid = {.backend = 1}},
	    {.virtualxid = {.local = 1}},
	};
	LockTag same = base_tag;

	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		assert_different(&others[i]);
	g_assert_true(lock_tag_equal(&base_tag, &same));
	g_assert_cmpuint(lock_tag_hash(&base_tag), ==, lock_tag_hash(&same));
}

/* Tags come in runs: transactions and rows one after the other, tables with their indexes. */
static void test_hash_spreads(void)
{
	enum { N = 65536 };
	g_autofree guint *buckets = g_new0(guint, N);
	guint worst = 0;

	for (guint32 i = 0; i < N / 2; i++) {
		LockTag transaction = {.type = LOCK_TYPE_TRANSACTIONID, .transaction = 725 + i};
		LockTag row = {.type = LOCK_TYPE_TUPLE,
		               .database = 5,
		               .relation = 16384,
		               .page = i / 100,
		               .tuple = (guint16) (1 + i % 100)};

		buckets[lock_tag_hash(&transaction) % N]++;
		buckets[lock_tag_hash(&row) % N]++;
	}
	for (guint i = 0; i < N; i++)
		worst = MAX(worst, buckets[i]);
	/* by pure chance about 8 */
	g_assert_cmpuint(worst, <, 16);
}

static void test_types(void)
{
	static const char *const names[] = {
	    "relation",   "extend",    "frozenid", "page",     "tuple",    "transactionid",
	    "virtualxid", "spectoken", "object",   "userlock", "advisory", "applytransaction",
	};

	for (LockType type = LOCK_TYPE_RELATION; type < LOCK_TYPE_OTHER; type++) {
		g_assert_cmpstr(lock_type_name(type), ==, names[type]);
		g_assert_cmpint(lock_type_from_name(names[type]), ==, type);
	}
	g_assert_cmpint(lock_type_from_name("unknown 13"), ==, LOCK_TYPE_OTHER);
	g_assert_cmpint(lock_type_from_name(""), ==, LOCK_TYPE_OTHER);
	g_assert_cmpstr(lock_type_name(LOCK_TYPE_OTHER), ==, "other");
}

static void test_virtual_transaction_id(void)
{
	static const struct {
		const char *text;
		gboolean valid;
		VirtualTransactionId vxid;
	} cases[] = {
	    {"3/1547", TRUE, {3, 1547}},
	    {"-1/725", TRUE, {-1, 725}},
	    {"0/0", TRUE, {0, 0}},
	    {"2147483647/4294967295", TRUE, {G_MAXINT32, G_MAXUINT32}},
	    {"-2147483648/0", TRUE, {G_MININT32, 0}},
	    {"2147483648/1", FALSE, {0, 0}},
	    {"-21474836480/1", FALSE, {0, 0}},
	    {"1/4294967296", FALSE, {0, 0}},
	    {"1/-1", FALSE, {0, 0}},
	    {"3", FALSE, {0, 0}},
	    {"3/", FALSE, {0, 0}},
	    {"/3", FALSE, {0, 0}},
	    {"", FALSE, {0, 0}},
	    {"3/1/2", FALSE, {0, 0}},
	    {"3/1x", FALSE, {0, 0}},
	    {" 3/1", FALSE, {0, 0}},
	    {"3 /1", FALSE, {0, 0}},
	    {"3/ 1", FALSE, {0, 0}},
	    {"x/1", FALSE, {0, 0}},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		VirtualTransactionId vxid = {0, 0};

		g_test_message("\"%s\"", cases[i].text);
		g_assert_cmpint(virtual_transaction_id_parse(cases[i].text, &vxid), ==, cases[i].valid);
		g_assert_cmpint(vxid.backend, ==, cases[i].vxid.backend);
		g_assert_cmpuint(vxid.local, ==, cases[i].vxid.local);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/lock_tag/equal", test_equal);
	g_test_add_func("/lock_tag/hash_spreads", test_hash_spreads);
	g_test_add_func("/lock_tag/types", test_types);
	g_test_add_func("/lock_tag/virtual_transaction_id", test_virtual_transaction_id);
	return g_test_run();
}
