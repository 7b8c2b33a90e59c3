#include "model/dependency.h"

/* Random graphs, and every answer worked out once more in the plainest way there is. */

typedef struct {
	guint node;
	guint other;
	gboolean implied;
} Edge;

typedef struct {
	guint32 seed;
	guint n_parties;
	guint n_nodes;
	GArray *edges;   /* of Edge */
	gboolean *leads; /* [node * n_nodes + other], without the implied edges */
	Dependency *dependency;
} Graph;

static const Edge *edge_at(const Graph *graph, guint i)
{
	return &g_array_index(graph->edges, Edge, i);
}

static gboolean leads(const Graph *graph, guint node, guint other)
{
	return graph->leads[(gsize) node * graph->n_nodes + other];
}

static void find_where_all_lead(Graph *graph)
{
	gsize n = graph->n_nodes;
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(guint));

	g_free(graph->leads);
	graph->leads = g_new0(gboolean, n * n);
	for (guint start = 0; start < n; start++) {
		g_array_append_val(todo, start);
		while (todo->len > 0) {
			guint node = g_array_index(todo, guint, todo->len - 1);

			g_array_set_size(todo, todo->len - 1);
			for (guint i = 0; i < graph->edges->len; i++) {
				const Edge *edge = edge_at(graph, i);

				if (edge->node != node || edge->implied || leads(graph, start, edge->other))
					continue;
				graph->leads[start * n + edge->other] = TRUE;
				g_array_append_val(todo, edge->other);
			}
		}
	}
}

static void add_edge(Graph *graph, guint node, guint other, gboolean implied)
{
	Edge edge = {node, other, implied};

	if (node != other)
		g_array_append_val(graph->edges, edge);
}

/* Edges lead down in a random order of the nodes, but for a few that may close circles. */
static void add_random_edges(Graph *graph, GRand *rand, guint n_edges, guint n_back)
{
	guint n = graph->n_nodes;
	g_autofree guint *rank = g_new(guint, n);

	for (guint i = 0; i < n; i++) {
		guint j = (guint) g_rand_int_range(rand, 0, (gint32) i + 1);

		rank[i] = rank[j];
		rank[j] = i;
	}
	for (guint i = 0; i < n_edges + n_back; i++) {
		guint a = (guint) g_rand_int_range(rand, 0, (gint32) n);
		guint b = (guint) g_rand_int_range(rand, 0, (gint32) n);
		gboolean down = rank[a] > rank[b];

		if (i < n_edges)
			add_edge(graph, down ? a : b, down ? b : a, FALSE);
		else
			add_edge(graph, down ? b : a, down ? a : b, FALSE);
	}
}

/* Every helper stands for somebody. */
static void complete_helpers(Graph *graph, GRand *rand)
{
	for (guint helper = graph->n_parties; helper < graph->n_nodes; helper++) {
		gboolean stands_for_any = FALSE;

		for (guint i = 0; i < graph->edges->len; i++)
			stands_for_any |= edge_at(graph, i)->node == helper;
		if (!stands_for_any)
			add_edge(graph, helper, (guint) g_rand_int_range(rand, 0, (gint32) graph->n_parties),
			         FALSE);
	}
}

/* Implied edges, only where they are. */
static void add_implied_edges(Graph *graph, GRand *rand, guint n_tries)
{
	for (guint i = 0; i < n_tries; i++) {
		guint node = (guint) g_rand_int_range(rand, 0, (gint32) graph->n_nodes);
		guint other = (guint) g_rand_int_range(rand, 0, (gint32) graph->n_nodes);

		if (leads(graph, node, other))
			add_edge(graph, node, other, TRUE);
	}
}

static guint parties_in_circle_with(const Graph *graph, guint node)
{
	guint n = 0;

	for (guint party = 0; party < graph->n_parties; party++)
		n += leads(graph, node, party) && leads(graph, party, node);
	return n;
}

/* Whether there is a circle of helpers with one party or none, which nobody builds. */
static gboolean is_malformed(const Graph *graph)
{
	for (guint node = 0; node < graph->n_nodes; node++)
		if (leads(graph, node, node) && parties_in_circle_with(graph, node) < 2)
			return TRUE;
	return FALSE;
}

static Graph *graph_new(guint32 seed, guint max_parties)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	Graph *graph = g_new0(Graph, 1);

	graph->seed = seed;
	graph->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
	do {
		guint n;

		g_array_set_size(graph->edges, 0);
		graph->n_parties = (guint) g_rand_int_range(rand, 1, (gint32) max_parties + 1);
		graph->n_nodes =
		    graph->n_parties + (guint) g_rand_int_range(rand, 0, (gint32) graph->n_parties + 1);
		n = graph->n_nodes;
		add_random_edges(graph, rand, (guint) g_rand_int_range(rand, 0, (gint32) (2 * n)),
		                 g_rand_boolean(rand) ? 0 : (guint) g_rand_int_range(rand, 0, 4));
		complete_helpers(graph, rand);
		find_where_all_lead(graph);
		add_implied_edges(graph, rand, (guint) g_rand_int_range(rand, 0, (gint32) (2 * n)));
	} while (is_malformed(graph));
	return graph;
}

static void graph_free(Graph *graph)
{
	dependency_free(graph->dependency);
	g_array_unref(graph->edges);
	g_free(graph->leads);
	g_free(graph);
}

static void solve(Graph *graph)
{
	graph->dependency = dependency_new(graph->n_parties);
	for (guint helper = graph->n_parties; helper < graph->n_nodes; helper++)
		g_assert_cmpuint(dependency_add_helper(graph->dependency), ==, helper);
	for (guint i = 0; i < graph->edges->len; i++)
		dependency_add(graph->dependency, edge_at(graph, i)->node, edge_at(graph, i)->other,
		               edge_at(graph, i)->implied);
	dependency_solve(graph->dependency);
}

static gboolean contains(const guint *parties, guint n, guint party)
{
	for (guint i = 0; i < n; i++)
		if (parties[i] == party)
			return TRUE;
	return FALSE;
}

static GArray *plain_behind(const Graph *graph, const guint *parties, guint n)
{
	GArray *behind = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint party = 0; party < graph->n_parties; party++) {
		gboolean is_behind = FALSE;

		for (guint i = 0; i < n; i++)
			is_behind |= leads(graph, party, parties[i]);
		if (is_behind && !contains(parties, n, party))
			g_array_append_val(behind, party);
	}
	return behind;
}

/* The least fixed point: again and again, whoever needs something and needs nobody who is still
 * there goes, too. */
static GArray *plain_freed_by(const Graph *graph, const guint *parties, guint n)
{
	GArray *freed = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree gboolean *gone = g_new0(gboolean, graph->n_nodes);
	g_autofree gboolean *keeps = g_new0(gboolean, graph->n_nodes);
	gboolean any = TRUE;

	for (guint i = 0; i < n; i++)
		gone[parties[i]] = TRUE;
	while (any) {
		any = FALSE;
		for (guint node = 0; node < graph->n_nodes; node++)
			keeps[node] = !dependency_needs(graph->dependency, node);
		for (guint i = 0; i < graph->edges->len; i++)
			keeps[edge_at(graph, i)->node] |= !gone[edge_at(graph, i)->other];
		for (guint node = 0; node < graph->n_nodes; node++) {
			any |= !keeps[node] && !gone[node];
			gone[node] |= !keeps[node];
		}
	}
	for (guint party = 0; party < graph->n_parties; party++)
		if (gone[party] && !contains(parties, n, party))
			g_array_append_val(freed, party);
	return freed;
}

static GArray *plain_ahead(const Graph *graph, guint party)
{
	GArray *ahead = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint other = 0; other < graph->n_parties; other++)
		if (leads(graph, party, other))
			g_array_append_val(ahead, other);
	return ahead;
}

static gint64 plain_max_behind(const Graph *graph, guint party, const gint64 *values)
{
	gint64 max = 0;

	for (guint other = 0; other < graph->n_parties; other++)
		if (leads(graph, other, party))
			max = MAX(max, values[other]);
	return max;
}

static void expect(const Graph *graph, gboolean as_expected, const char *what, guint party)
{
	if (!as_expected)
		g_test_fail_printf("seed %u, %u parties: %s of %u", graph->seed, graph->n_parties, what,
		                   party);
}

/* Takes both. */
static void expect_same(const Graph *graph, GArray *got, GArray *expected, const char *what,
                        guint party)
{
	gboolean same = got->len == expected->len;

	for (guint i = 0; same && i < got->len; i++)
		same = g_array_index(got, guint, i) == g_array_index(expected, guint, i);
	expect(graph, same, what, party);
	g_array_unref(got);
	g_array_unref(expected);
}

static void check_party(const Graph *graph, guint party)
{
	const Dependency *dependency = graph->dependency;
	g_autoptr(GArray) behind = plain_behind(graph, &party, 1);
	g_autoptr(GArray) freed = plain_freed_by(graph, &party, 1);

	expect(graph, dependency_total(dependency, party) == behind->len, "total", party);
	expect(graph, dependency_freed_alone(dependency, party) == freed->len, "freed alone", party);
	expect_same(graph, dependency_behind(dependency, &party, 1), g_array_ref(behind), "behind",
	            party);
	expect_same(graph, dependency_freed_by(dependency, &party, 1), g_array_ref(freed), "freed",
	            party);
	expect_same(graph, dependency_ahead(dependency, party), plain_ahead(graph, party), "ahead",
	            party);
}

static void check_sets(const Graph *graph)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(graph->seed);

	for (guint i = 0; i < 5; i++) {
		guint set[4];
		guint n = (guint) g_rand_int_range(rand, 0, G_N_ELEMENTS(set) + 1);

		/* one twice is one */
		for (guint j = 0; j < n; j++)
			set[j] = (guint) g_rand_int_range(rand, 0, (gint32) graph->n_parties);
		expect_same(graph, dependency_behind(graph->dependency, set, n),
		            plain_behind(graph, set, n), "behind set", i);
		expect_same(graph, dependency_freed_by(graph->dependency, set, n),
		            plain_freed_by(graph, set, n), "freed by set", i);
	}
}

static void check_max_behind(const Graph *graph)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(graph->seed);
	g_autofree gint64 *values = g_new(gint64, graph->n_parties);
	g_autofree gint64 *max = NULL;

	for (guint party = 0; party < graph->n_parties; party++)
		values[party] = g_rand_int_range(rand, 0, 1000);
	max = dependency_max_behind(graph->dependency, values);
	for (guint party = 0; party < graph->n_parties; party++)
		expect(graph, max[party] == plain_max_behind(graph, party, values), "max behind", party);
}

static void check_circles(const Graph *graph)
{
	g_autofree guint *times = g_new0(guint, graph->n_parties);

	for (guint i = 0; i < dependency_n_circles(graph->dependency); i++) {
		guint n;
		const guint *members = dependency_circle(graph->dependency, i, &n);

		expect(graph, n >= 2 && n == parties_in_circle_with(graph, members[0]), "circle", i);
		for (guint j = 0; j < n; j++) {
			times[members[j]]++;
			expect(graph, j == 0 || members[j - 1] < members[j], "order of circle", i);
			expect(graph,
			       leads(graph, members[0], members[j]) && leads(graph, members[j], members[0]),
			       "member of circle", members[j]);
		}
	}
	for (guint party = 0; party < graph->n_parties; party++)
		expect(graph, times[party] == (leads(graph, party, party) ? 1 : 0), "circle of", party);
}

static void check_random_graphs(guint n_graphs, guint max_parties)
{
	for (guint32 seed = 0; seed < n_graphs && !g_test_failed(); seed++) {
		Graph *graph = graph_new(seed, max_parties);

		solve(graph);
		for (guint party = 0; party < graph->n_parties; party++)
			check_party(graph, party);
		check_sets(graph);
		check_max_behind(graph);
		check_circles(graph);
		graph_free(graph);
	}
}

static void test_small(void)
{
	check_random_graphs(20000, 5);
}

static void test_middle(void)
{
	check_random_graphs(2000, 20);
}

static void test_large(void)
{
	check_random_graphs(20, 200);
}

static void test_empty(void)
{
	g_autoptr(Dependency) dependency = dependency_new(0);
	g_autofree gint64 *max = NULL;

	dependency_solve(dependency);
	g_assert_cmpuint(dependency_n_circles(dependency), ==, 0);
	max = dependency_max_behind(dependency, NULL);
	g_assert_nonnull(max);
	dependency_free(NULL);
}

/* Deeper than any stack of calls may be. */
static void test_long_chain(void)
{
	const guint n = 200000;
	g_autoptr(Dependency) dependency = dependency_new(n);

	for (guint party = 1; party < n; party++)
		dependency_add(dependency, party, party - 1, FALSE);
	dependency_solve(dependency);
	g_assert_cmpuint(dependency_total(dependency, 0), ==, n - 1);
	g_assert_cmpuint(dependency_freed_alone(dependency, 0), ==, n - 1);
	g_assert_cmpuint(dependency_total(dependency, n / 2), ==, n / 2 - 1);
	g_assert_cmpuint(dependency_total(dependency, n - 1), ==, 0);
	g_assert_cmpuint(dependency_n_circles(dependency), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/dependency/empty", test_empty);
	g_test_add_func("/dependency/small", test_small);
	g_test_add_func("/dependency/middle", test_middle);
	g_test_add_func("/dependency/large", test_large);
	g_test_add_func("/dependency/long_chain", test_long_chain);
	return g_test_run();
}
