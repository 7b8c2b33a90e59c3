#include "render/alike.h"

#include "policy/limits.h"

#include <string.h>

enum {
	ON_THEIR_OWN = 3, /* of a group, before the rest is folded */
	SMALLEST_FOLD = 2 /* a line for one would not be shorter than the one */
};

/* Of a statement, which may be megabytes: so much is read, and what differs only beyond so much of
 * its shape is shown alike anyhow. Constants take more than their place in the shape. */
#define READ_BYTES 2048
#define COMPARED_BYTES 1024

typedef struct {
	WaitTarget target;
	LockMode mode;
	guint n_blockers;
	const char *application;
	const char *shape; /* of the statement */
} Looks;

static guint looks_hash(gconstpointer key)
{
	const Looks *looks = key;
	guint hash = lock_tag_hash(looks->target.tag) * 31 + (guint) looks->mode;

	for (guint i = 0; looks->shape[i] != '\0' && i < 64; i++)
		hash = hash * 33 + (guchar) looks->shape[i];
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
	       strncmp(one->shape, other->shape, COMPARED_BYTES) == 0;
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

static guint read_hash(gconstpointer key)
{
	const char *text = key;
	guint hash = 5381;

	for (guint i = 0; text[i] != '\0' && i < READ_BYTES; i++)
		hash = hash * 33 + (guchar) text[i];
	return hash;
}

static gboolean read_equal(gconstpointer a, gconstpointer b)
{
	return a == b || strncmp(a, b, READ_BYTES) == 0;
}

/* Applications that put values into their statements send another one each time. shapes: by what is
 * read of the statement, since most often it is the same. */
static const char *shape_of(const char *statement, GHashTable *shapes)
{
	char *shape = g_hash_table_lookup(shapes, statement);

	if (shape == NULL) {
		g_autofree char *beginning = g_strndup(statement, READ_BYTES);

		shape = statement_shape(beginning);
		g_hash_table_insert(shapes, (gpointer) (gsize) statement, shape);
	}
	return shape;
}

static Looks looks_of(const WaitGraph *graph, guint session, GHashTable *shapes, GArray *scratch)
{
	const Session *facts = snapshot_session(wait_graph_snapshot(graph), session);

	return (Looks){
	    .target = wait_graph_target(graph, session),
	    .mode = wait_graph_wait(graph, session, NULL)->mode,
	    .n_blockers = count_hard_blockers(graph, session, scratch),
	    .application = facts->application_name != NULL ? facts->application_name : "",
	    .shape = shape_of(facts->query != NULL ? facts->query : "", shapes),
	};
}

/* Children that are alike, or one that nobody is alike. */
typedef struct {
	GArray *members; /* of guint */
} Group;

static void group_free(gpointer data)
{
	Group *group = data;

	g_array_unref(group->members);
	g_free(group);
}

static Group *add_group(GPtrArray *groups)
{
	Group *group = g_new0(Group, 1);

	group->members = g_array_new(FALSE, FALSE, sizeof(guint));
	g_ptr_array_add(groups, group);
	return group;
}

/* In the order of their first members. */
static GPtrArray *group_children(const WaitGraph *graph, const guint *children, guint n_children)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
	g_autoptr(GHashTable) by_looks = g_hash_table_new_full(looks_hash, looks_equal, g_free, NULL);
	g_autoptr(GHashTable) shapes = g_hash_table_new_full(read_hash, read_equal, NULL, g_free);
	g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	for (guint i = 0; i < n_children; i++) {
		Group *group = NULL;
		guint n_own;

		wait_graph_children(graph, children[i], &n_own);
		if (n_own == 0) {
			Looks looks = looks_of(graph, children[i], shapes, scratch);

			group = g_hash_table_lookup(by_looks, &looks);
			if (group == NULL) {
				group = add_group(groups);
				g_hash_table_insert(by_looks, g_memdup2(&looks, sizeof looks), group);
			}
		} else {
			group = add_group(groups);
		}
		g_array_append_val(group->members, children[i]);
	}
	return groups;
}

void tree_unit_add_waits(TreeUnit *unit, gint64 shortest_us, gint64 longest_us)
{
	if (shortest_us != WAITED_UNKNOWN)
		unit->shortest_us =
		    unit->shortest_us == WAITED_UNKNOWN ? shortest_us : MIN(unit->shortest_us, shortest_us);
	unit->longest_us = MAX(unit->longest_us, longest_us);
}

static TreeUnit unit_of(const WaitGraph *graph, const guint *members, guint n)
{
	TreeUnit unit = TREE_UNIT_EMPTY;

	unit.session = members[0];
	unit.n = n;
	for (guint i = 0; i < n; i++) {
		gint64 waited = wait_graph_waited(graph, members[i]);

		tree_unit_add_waits(&unit, waited, waited);
	}
	return unit;
}

static void append_group(const WaitGraph *graph, const Group *group, GArray *units)
{
	const guint *members = (const guint *) (gpointer) group->members->data;
	guint n = group->members->len;
	gboolean fold = n >= ON_THEIR_OWN + SMALLEST_FOLD;

	for (guint i = 0; i < (fold ? ON_THEIR_OWN : n); i++) {
		const TreeUnit unit = unit_of(graph, &members[i], 1);
		g_array_append_val(units, unit);
	}
	if (fold) {
		const TreeUnit unit = unit_of(graph, &members[ON_THEIR_OWN], n - ON_THEIR_OWN);
		g_array_append_val(units, unit);
	}
}

void alike_append_units(const WaitGraph *graph, const guint *children, guint n_children,
                        gboolean fold, GArray *units)
{
	if (!fold) {
		for (guint i = 0; i < n_children; i++) {
			const TreeUnit unit = unit_of(graph, &children[i], 1);
			g_array_append_val(units, unit);
		}
		return;
	}
	g_autoptr(GPtrArray) groups = group_children(graph, children, n_children);
	for (guint i = 0; i < groups->len; i++)
		append_group(graph, g_ptr_array_index(groups, i), units);
}
