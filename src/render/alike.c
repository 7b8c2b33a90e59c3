#include "render/alike.h"

#include <string.h>

enum {
	ON_THEIR_OWN = 3, /* of a group, before the rest is folded */
	SMALLEST_FOLD = 2 /* a line for one would not be shorter than the one */
};

/* Statements that differ only beyond this are shown alike anyhow, and they may be megabytes. */
#define COMPARED_BYTES 1024

typedef struct {
	WaitTarget target;
	LockMode mode;
	guint n_blockers;
	const char *application;
	const char *statement;
} Looks;

static guint looks_hash(gconstpointer key)
{
	const Looks *looks = key;
	guint hash = lock_tag_hash(looks->target.tag) * 31 + (guint) looks->mode;

	for (guint i = 0; looks->statement[i] != '\0' && i < 64; i++)
		hash = hash * 33 + (guchar) looks->statement[i];
	return hash * 31 + looks->n_blockers;
}

static gboolean same_tag(const LockTag *a, const LockTag *b)
{
	return a == b || (a != NULL && b != NULL && lock_tag_equal(a, b));
}

static gboolean looks_equal(gconstpointer a, gconstpointer b)
{
	const Looks *one = a;
	const Looks *other = b;

	return one->mode == other->mode && one->n_blockers == other->n_blockers &&
	       same_tag(one->target.tag, other->target.tag) &&
	       same_tag(one->target.row_tag, other->target.row_tag) &&
	       strcmp(one->application, other->application) == 0 &&
	       strncmp(one->statement, other->statement, COMPARED_BYTES) == 0;
}

/* How many hold what it waits for: with one target and one mode those are the same sessions, but
 * for a waiter that is among them. */
static guint count_hard_blockers(const WaitGraph *graph, guint session, GArray *scratch)
{
	guint n = 0;

	g_array_set_size(scratch, 0);
	wait_graph_append_edges(graph, session, EDGES_SHOWN, scratch);
	for (guint i = 0; i < scratch->len; i++)
		n += g_array_index(scratch, WaitEdge, i).kind == EDGE_HARD;
	return n;
}

static Looks looks_of(const WaitGraph *graph, guint session, GArray *scratch)
{
	const Session *facts = snapshot_session(wait_graph_snapshot(graph), session);

	return (Looks){
	    .target = wait_graph_target(graph, session),
	    .mode = wait_graph_wait(graph, session, NULL)->mode,
	    .n_blockers = count_hard_blockers(graph, session, scratch),
	    .application = facts->application_name != NULL ? facts->application_name : "",
	    .statement = facts->query != NULL ? facts->query : "",
	};
}

typedef struct {
	guint n_seen;
	guint n_all;
	guint unit; /* where the rest is folded, once there is one */
} Group;

static void append_one(const WaitGraph *graph, guint session, GArray *units)
{
	gint64 waited = wait_graph_waited(graph, session);
	const TreeUnit unit = {session, 1, waited, waited};

	g_array_append_val(units, unit);
}

/* The group of each child; NULL for one that has children of its own. */
static Group **group_children(const WaitGraph *graph, const guint *children, guint n_children,
                              GHashTable *groups)
{
	Group **of_child = g_new0(Group *, n_children + 1);
	g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	for (guint i = 0; i < n_children; i++) {
		guint n_own;
		Looks looks;

		wait_graph_children(graph, children[i], &n_own);
		if (n_own > 0)
			continue;
		looks = looks_of(graph, children[i], scratch);
		of_child[i] = g_hash_table_lookup(groups, &looks);
		if (of_child[i] == NULL) {
			of_child[i] = g_new0(Group, 1);
			g_hash_table_insert(groups, g_memdup2(&looks, sizeof looks), of_child[i]);
		}
		of_child[i]->n_all++;
	}
	return of_child;
}

static void add_to_fold(const WaitGraph *graph, guint session, Group *group, GArray *units)
{
	gint64 waited = wait_graph_waited(graph, session);

	if (group->n_seen == ON_THEIR_OWN) {
		append_one(graph, session, units);
		group->unit = units->len - 1;
	} else {
		TreeUnit *unit = &g_array_index(units, TreeUnit, group->unit);

		unit->n++;
		unit->shortest_us = MIN(unit->shortest_us, waited);
		unit->longest_us = MAX(unit->longest_us, waited);
	}
}

void alike_append_units(const WaitGraph *graph, const guint *children, guint n_children,
                        gboolean fold, GArray *units)
{
	g_autoptr(GHashTable) groups = NULL;
	g_autofree Group **of_child = NULL;

	if (!fold || n_children < ON_THEIR_OWN + SMALLEST_FOLD) {
		for (guint i = 0; i < n_children; i++)
			append_one(graph, children[i], units);
		return;
	}
	groups = g_hash_table_new_full(looks_hash, looks_equal, g_free, g_free);
	of_child = group_children(graph, children, n_children, groups);
	for (guint i = 0; i < n_children; i++) {
		Group *group = of_child[i];

		if (group == NULL || group->n_all < ON_THEIR_OWN + SMALLEST_FOLD ||
		    group->n_seen < ON_THEIR_OWN)
			append_one(graph, children[i], units);
		else
			add_to_fold(graph, children[i], group, units);
		if (group != NULL)
			group->n_seen++;
	}
}
