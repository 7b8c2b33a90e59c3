#include "model/dependency.h"

#include <string.h>

#define NOTHING G_MAXUINT

typedef struct {
	guint node;
	guint other;
	gboolean implied;
} Edge;

/* Edges by node: those of node are ends[start[node]] to ends[start[node + 1] - 1]. */
typedef struct {
	guint *start;
	guint *ends;
} Adjacency;

struct Dependency {
	guint n_parties;
	guint n_nodes;
	GArray *edges;    /* of Edge */
	Adjacency needs;  /* all edges, node -> other */
	Adjacency needed; /* all edges, other -> node */
	Adjacency behind; /* without the implied ones, other -> node */
	Adjacency ahead;  /* without the implied ones, node -> other */

	/* Components: nodes that are all behind each other. Numbered so that what a component needs has
	 * a lower number. */
	guint n_components;
	guint *component;     /* by node */
	Adjacency members;    /* nodes by component */
	Adjacency dependants; /* components by component, no repeats, without the implied ones */
	guint *parties;  /* by component: how many of its members are parties that need something */
	guint *total;    /* by component: parties behind it */
	guint *freed;    /* by component: parties that only it keeps */
	GArray *circles; /* of guint: components */
	GArray *circle_parties; /* of GArray of guint */
};

Dependency *dependency_new(guint n_parties)
{
	Dependency *dependency = g_new0(Dependency, 1);

	dependency->n_parties = n_parties;
	dependency->n_nodes = n_parties;
	dependency->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
	dependency->circles = g_array_new(FALSE, FALSE, sizeof(guint));
	dependency->circle_parties = g_array_new(FALSE, FALSE, sizeof(GArray *));
	return dependency;
}

static void adjacency_clear(Adjacency *adjacency)
{
	g_free(adjacency->start);
	g_free(adjacency->ends);
}

void dependency_free(Dependency *dependency)
{
	if (!dependency)
		return;
	g_array_unref(dependency->edges);
	adjacency_clear(&dependency->needs);
	adjacency_clear(&dependency->needed);
	adjacency_clear(&dependency->behind);
	adjacency_clear(&dependency->ahead);
	adjacency_clear(&dependency->members);
	adjacency_clear(&dependency->dependants);
	g_free(dependency->component);
	g_free(dependency->parties);
	g_free(dependency->total);
	g_free(dependency->freed);
	g_array_unref(dependency->circles);
	for (guint i = 0; i < dependency->circle_parties->len; i++)
		g_array_unref(g_array_index(dependency->circle_parties, GArray *, i));
	g_array_unref(dependency->circle_parties);
	g_free(dependency);
}

guint dependency_add_helper(Dependency *dependency)
{
	return dependency->n_nodes++;
}

void dependency_add(Dependency *dependency, guint node, guint other, gboolean implied)
{
	Edge edge = {node, other, implied};

	g_assert(node != other && node < dependency->n_nodes && other < dependency->n_nodes);
	g_array_append_val(dependency->edges, edge);
}

/* Counting sort of the edges by one of their ends. */
static Adjacency sort_edges(const Dependency *dependency, gboolean by_other, gboolean with_implied)
{
	Adjacency sorted = {g_new0(guint, dependency->n_nodes + 2), NULL};
	guint *next = sorted.start + 1; /* shifted: after placing, start is where it should be */

	for (guint i = 0; i < dependency->edges->len; i++) {
		const Edge *edge = &g_array_index(dependency->edges, Edge, i);

		if (with_implied || !edge->implied)
			next[(by_other ? edge->other : edge->node) + 1]++;
	}
	for (guint i = 0; i < dependency->n_nodes; i++)
		next[i + 1] += next[i];
	sorted.ends = g_new(guint, next[dependency->n_nodes] + 1);
	for (guint i = 0; i < dependency->edges->len; i++) {
		const Edge *edge = &g_array_index(dependency->edges, Edge, i);

		if (with_implied || !edge->implied)
			sorted.ends[next[by_other ? edge->other : edge->node]++] =
			    by_other ? edge->node : edge->other;
	}
	return sorted;
}

/* Tarjan's algorithm, with a stack of its own: a chain of waits may be as deep as there are
 * sessions. */
typedef struct {
	Dependency *dependency;
	guint *index; /* 0: not seen */
	guint *low;
	guint *next_edge;
	gboolean *on_stack;
	GArray *stack;
	GArray *path;
	guint counter;
} Tarjan;

static void tarjan_enter(Tarjan *t, guint node)
{
	t->index[node] = t->low[node] = ++t->counter;
	t->next_edge[node] = t->dependency->ahead.start[node];
	t->on_stack[node] = TRUE;
	g_array_append_val(t->stack, node);
	g_array_append_val(t->path, node);
}

static void tarjan_leave(Tarjan *t, guint node)
{
	Dependency *dependency = t->dependency;

	g_array_set_size(t->path, t->path->len - 1);
	if (t->path->len > 0) {
		guint parent = g_array_index(t->path, guint, t->path->len - 1);

		t->low[parent] = MIN(t->low[parent], t->low[node]);
	}
	if (t->low[node] == t->index[node]) {
		guint member;

		do {
			member = g_array_index(t->stack, guint, t->stack->len - 1);
			g_array_set_size(t->stack, t->stack->len - 1);
			t->on_stack[member] = FALSE;
			dependency->component[member] = dependency->n_components;
		} while (member != node);
		dependency->n_components++;
	}
}

static void find_components(Dependency *dependency)
{
	guint n = dependency->n_nodes;
	Tarjan t = {
	    .dependency = dependency,
	    .index = g_new0(guint, n),
	    .low = g_new0(guint, n),
	    .next_edge = g_new0(guint, n),
	    .on_stack = g_new0(gboolean, n),
	    .stack = g_array_new(FALSE, FALSE, sizeof(guint)),
	    .path = g_array_new(FALSE, FALSE, sizeof(guint)),
	};

	dependency->component = g_new0(guint, n);
	for (guint start = 0; start < n; start++) {
		if (t.index[start] == 0)
			tarjan_enter(&t, start);
		while (t.path->len > 0) {
			guint node = g_array_index(t.path, guint, t.path->len - 1);

			if (t.next_edge[node] == dependency->ahead.start[node + 1]) {
				tarjan_leave(&t, node);
			} else {
				guint other = dependency->ahead.ends[t.next_edge[node]++];

				if (t.index[other] == 0)
					tarjan_enter(&t, other);
				else if (t.on_stack[other])
					t.low[node] = MIN(t.low[node], t.index[other]);
			}
		}
	}
	g_free(t.index);
	g_free(t.low);
	g_free(t.next_edge);
	g_free(t.on_stack);
	g_array_unref(t.stack);
	g_array_unref(t.path);
}

static void collect_members(Dependency *dependency)
{
	guint *start = g_new0(guint, dependency->n_components + 2);
	guint *next = start + 1;

	for (guint node = 0; node < dependency->n_nodes; node++)
		next[dependency->component[node] + 1]++;
	for (guint c = 0; c < dependency->n_components; c++)
		next[c + 1] += next[c];
	dependency->members.start = start;
	dependency->members.ends = g_new0(guint, dependency->n_nodes + 1);
	for (guint node = 0; node < dependency->n_nodes; node++)
		dependency->members.ends[next[dependency->component[node]]++] = node;

	dependency->parties = g_new0(guint, dependency->n_components);
	for (guint party = 0; party < dependency->n_parties; party++)
		if (dependency_needs(dependency, party))
			dependency->parties[dependency->component[party]]++;
}

static void collect_circles(Dependency *dependency)
{
	for (guint c = 0; c < dependency->n_components; c++) {
		GArray *parties;

		if (dependency->members.start[c + 1] - dependency->members.start[c] < 2)
			continue;
		/* A circle has two parties at least: helpers only lead from one party to another. */
		parties = g_array_new(FALSE, FALSE, sizeof(guint));
		for (guint i = dependency->members.start[c]; i < dependency->members.start[c + 1]; i++)
			if (dependency->members.ends[i] < dependency->n_parties)
				g_array_append_val(parties, dependency->members.ends[i]);
		g_array_append_val(dependency->circle_parties, parties);
		g_array_append_val(dependency->circles, c);
	}
}

/* The components right behind each component, each once. */
static void collect_dependants(Dependency *dependency)
{
	g_autofree guint *seen_by = g_new0(guint, dependency->n_components);
	GArray *ends = g_array_new(FALSE, FALSE, sizeof(guint));
	guint *start = g_new0(guint, dependency->n_components + 1);

	for (guint c = 0; c < dependency->n_components; c++) {
		start[c] = ends->len;
		for (guint i = dependency->members.start[c]; i < dependency->members.start[c + 1]; i++) {
			guint node = dependency->members.ends[i];

			for (guint j = dependency->behind.start[node]; j < dependency->behind.start[node + 1];
			     j++) {
				guint behind = dependency->component[dependency->behind.ends[j]];

				if (behind != c && seen_by[behind] != c + 1) {
					seen_by[behind] = c + 1;
					g_array_append_val(ends, behind);
				}
			}
		}
	}
	start[dependency->n_components] = ends->len;
	dependency->dependants.start = start;
	dependency->dependants.ends = (guint *) (gpointer) g_array_free(ends, FALSE);
}

/*
 * How many parties are behind each component. Where everything behind has one way to it only, the
 * numbers add up; where a component has one dependant, its number is that one's and itself. What is
 * left are components from which several ways lead to the same party: for those the sets are worked
 * out, 64 parties at a time.
 */
static void count_set_bits(Dependency *dependency, const gboolean *open)
{
	g_autofree guint64 *mask = g_new(guint64, dependency->n_components);
	const Adjacency *dependants = &dependency->dependants;
	guint first = 0;

	while (first < dependency->n_components) {
		guint weights[64]; /* how many parties a bit stands for: one, but for circles */
		guint64 circles = 0;
		guint n_bits = 0, last = first;

		memset(mask, 0, dependency->n_components * sizeof(*mask));
		while (last < dependency->n_components && n_bits < 64) {
			if (dependency->parties[last] > 0) {
				mask[last] = G_GUINT64_CONSTANT(1) << n_bits;
				circles |= dependency->parties[last] > 1 ? mask[last] : 0;
				weights[n_bits++] = dependency->parties[last];
			}
			last++;
		}
		/* A component is behind others with lower numbers only. */
		for (guint c = last; c-- > 0;) {
			guint64 behind = 0;

			for (guint i = dependants->start[c]; i < dependants->start[c + 1]; i++)
				behind |= mask[dependants->ends[i]];
			if (open[c])
				dependency->total[c] += (guint) __builtin_popcountll(behind & ~circles);
			for (guint64 bits = open[c] ? behind & circles : 0; bits != 0; bits &= bits - 1)
				dependency->total[c] += weights[__builtin_ctzll(bits)];
			mask[c] |= behind;
		}
		first = last;
	}
}

static void count_totals(Dependency *dependency)
{
	const Adjacency *dependants = &dependency->dependants;
	guint n = dependency->n_components;
	g_autofree guint *n_ways = g_new0(guint, n);
	g_autofree gboolean *is_tree = g_new0(gboolean, n);
	g_autofree gboolean *open = g_new0(gboolean, n);
	gboolean any_open = FALSE;

	for (guint i = 0; i < dependants->start[n]; i++)
		n_ways[dependants->ends[i]]++;
	dependency->total = g_new0(guint, n);
	for (guint c = n; c-- > 0;) {
		guint sum = 0;

		is_tree[c] = TRUE;
		for (guint i = dependants->start[c]; i < dependants->start[c + 1]; i++) {
			guint behind = dependants->ends[i];

			is_tree[c] = is_tree[c] && n_ways[behind] == 1 && is_tree[behind];
			sum += dependency->parties[behind] + dependency->total[behind];
		}
		if (is_tree[c])
			dependency->total[c] = sum;
		open[c] = !is_tree[c] && dependants->start[c + 1] - dependants->start[c] > 1;
		any_open = any_open || open[c];
	}
	if (any_open)
		count_set_bits(dependency, open);
	for (guint c = n; c-- > 0;) {
		if (!is_tree[c] && !open[c]) {
			guint only = dependants->ends[dependants->start[c]];

			dependency->total[c] = dependency->parties[only] + dependency->total[only];
		}
	}
}

/* The nearest component that both are kept by, walking up the tree of keepers. */
static guint common_keeper(const guint *keeper, guint a, guint b)
{
	while (a != b) {
		if (a == NOTHING || b == NOTHING)
			return NOTHING;
		/* keepers have lower numbers */
		if (a > b)
			a = keeper[a];
		else
			b = keeper[b];
	}
	return a;
}

/*
 * Who alone keeps whom: x keeps w when every way from w ahead, to something that needs nothing
 * more, leads through x. That is dominance, and the tree of nearest keepers is found in one pass in
 * the order of the components (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm").
 * Nobody outside keeps a circle alone: it keeps itself.
 */
static void count_freed(Dependency *dependency)
{
	guint n = dependency->n_components;
	g_autofree guint *keeper = g_new(guint, n);

	for (guint c = 0; c < n; c++) {
		guint node = dependency->members.ends[dependency->members.start[c]];
		gboolean is_circle = dependency->members.start[c + 1] - dependency->members.start[c] > 1;
		guint nearest = NOTHING;

		if (!is_circle)
			for (guint i = dependency->needs.start[node]; i < dependency->needs.start[node + 1];
			     i++) {
				guint other = dependency->component[dependency->needs.ends[i]];

				nearest = i == dependency->needs.start[node]
				              ? other
				              : common_keeper(keeper, nearest, other);
			}
		keeper[c] = nearest;
	}
	dependency->freed = g_new0(guint, n);
	for (guint c = n; c-- > 0;)
		if (keeper[c] != NOTHING)
			dependency->freed[keeper[c]] += dependency->freed[c] + dependency->parties[c];
}

void dependency_solve(Dependency *dependency)
{
	dependency->needs = sort_edges(dependency, FALSE, TRUE);
	dependency->needed = sort_edges(dependency, TRUE, TRUE);
	dependency->ahead = sort_edges(dependency, FALSE, FALSE);
	dependency->behind = sort_edges(dependency, TRUE, FALSE);
	find_components(dependency);
	collect_members(dependency);
	collect_circles(dependency);
	collect_dependants(dependency);
	count_totals(dependency);
	count_freed(dependency);
}

gboolean dependency_needs(const Dependency *dependency, guint node)
{
	return dependency->needs.start[node + 1] > dependency->needs.start[node];
}

static gboolean in_circle(const Dependency *dependency, guint node)
{
	guint c = dependency->component[node];

	return dependency->members.start[c + 1] - dependency->members.start[c] > 1;
}

guint dependency_total(const Dependency *dependency, guint party)
{
	guint c = dependency->component[party];
	guint others = in_circle(dependency, party) ? dependency->parties[c] - 1 : 0;

	return dependency->total[c] + others;
}

guint dependency_freed_alone(const Dependency *dependency, guint party)
{
	g_autoptr(GArray) freed = NULL;

	if (!in_circle(dependency, party))
		return dependency->freed[dependency->component[party]];
	/* Ending one of a circle may open it: few are ever in one, so it is played through. */
	freed = dependency_freed_by(dependency, &party, 1);
	return freed->len;
}

gint64 *dependency_max_behind(const Dependency *dependency, const gint64 *values)
{
	guint n = dependency->n_components;
	const Adjacency *dependants = &dependency->dependants;
	g_autofree gint64 *own = g_new0(gint64, n);
	g_autofree gint64 *behind = g_new0(gint64, n);
	gint64 *result = g_new0(gint64, MAX(dependency->n_parties, 1));

	for (guint party = 0; party < dependency->n_parties; party++) {
		guint c = dependency->component[party];

		if (dependency_needs(dependency, party))
			own[c] = MAX(own[c], values[party]);
	}
	for (guint c = n; c-- > 0;)
		for (guint i = dependants->start[c]; i < dependants->start[c + 1]; i++) {
			guint d = dependants->ends[i];

			behind[c] = MAX(behind[c], MAX(own[d], behind[d]));
		}
	for (guint party = 0; party < dependency->n_parties; party++) {
		guint c = dependency->component[party];

		result[party] = in_circle(dependency, party) ? MAX(own[c], behind[c]) : behind[c];
	}
	return result;
}

static GArray *marked_parties(const Dependency *dependency, const guint8 *marks, guint8 mark)
{
	GArray *parties = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint party = 0; party < dependency->n_parties; party++)
		if (marks[party] == mark)
			g_array_append_val(parties, party);
	return parties;
}

enum { MARK_NONE, MARK_GIVEN, MARK_REACHED };

GArray *dependency_freed_by(const Dependency *dependency, const guint *parties, guint n)
{
	g_autofree guint8 *marks = g_new0(guint8, dependency->n_nodes);
	g_autofree guint *missing = g_new0(guint, dependency->n_nodes);
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint node = 0; node < dependency->n_nodes; node++)
		missing[node] = dependency->needs.start[node + 1] - dependency->needs.start[node];
	for (guint i = 0; i < n; i++) {
		if (marks[parties[i]] == MARK_NONE)
			g_array_append_val(todo, parties[i]);
		marks[parties[i]] = MARK_GIVEN;
	}
	while (todo->len > 0) {
		guint node = g_array_index(todo, guint, todo->len - 1);

		g_array_set_size(todo, todo->len - 1);
		for (guint i = dependency->needed.start[node]; i < dependency->needed.start[node + 1];
		     i++) {
			guint dependant = dependency->needed.ends[i];

			if (--missing[dependant] == 0 && marks[dependant] == MARK_NONE) {
				marks[dependant] = MARK_REACHED;
				g_array_append_val(todo, dependant);
			}
		}
	}
	return marked_parties(dependency, marks, MARK_REACHED);
}

/* Everything that can be reached from the given nodes along the edges. */
static void reach(const Adjacency *edges, guint8 *marks, const guint *nodes, guint n)
{
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(guint));

	g_array_append_vals(todo, nodes, n);
	while (todo->len > 0) {
		guint node = g_array_index(todo, guint, todo->len - 1);

		g_array_set_size(todo, todo->len - 1);
		for (guint i = edges->start[node]; i < edges->start[node + 1]; i++) {
			guint next = edges->ends[i];

			if (marks[next] == MARK_NONE) {
				marks[next] = MARK_REACHED;
				g_array_append_val(todo, next);
			}
		}
	}
}

GArray *dependency_behind(const Dependency *dependency, const guint *parties, guint n)
{
	g_autofree guint8 *marks = g_new0(guint8, dependency->n_nodes);

	for (guint i = 0; i < n; i++)
		marks[parties[i]] = MARK_GIVEN;
	reach(&dependency->behind, marks, parties, n);
	return marked_parties(dependency, marks, MARK_REACHED);
}

GArray *dependency_ahead(const Dependency *dependency, guint party)
{
	g_autofree guint8 *marks = g_new0(guint8, dependency->n_nodes);

	reach(&dependency->ahead, marks, &party, 1);
	return marked_parties(dependency, marks, MARK_REACHED);
}

guint dependency_n_circles(const Dependency *dependency)
{
	return dependency->circles->len;
}

const guint *dependency_circle(const Dependency *dependency, guint index, guint *n)
{
	const GArray *parties = g_array_index(dependency->circle_parties, GArray *, index);

	*n = parties->len;
	return (const guint *) (gpointer) parties->data;
}
