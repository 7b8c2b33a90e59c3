#include "model/blocker_private.h"
#include "model/wait_graph_private.h"

#include <string.h>

/* A writer or row locker of a table holds one of these on it. */
#define ROW_LOCKERS (LOCK_MODE_SET(LOCK_MODE_ROW_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE))
/* Whoever builds an index concurrently, or the like, keeps this on the table while it waits for
 * others to end (DefineIndex in src/backend/commands/indexcmds.c). */
#define BUILDERS LOCK_MODE_SET(LOCK_MODE_SHARE_UPDATE_EXCLUSIVE)

/* What the relations of a wait are taken from. */
typedef enum {
	ABOUT_NO_RELATION,
	ABOUT_ITS_RELATION,  /* the tag names it */
	ABOUT_ROWS_OF_BOTH,  /* a transaction's end: for a row of a table that both have locked rows of
	                      */
	ABOUT_WHAT_IS_BUILT, /* a virtual transaction's end: for the table that the waiter builds on */
	ABOUT_UNKNOWN,
} About;

static const About ABOUT[] = {
    [LOCK_TYPE_RELATION] = ABOUT_ITS_RELATION,
    [LOCK_TYPE_EXTEND] = ABOUT_ITS_RELATION,
    [LOCK_TYPE_FROZENID] = ABOUT_NO_RELATION,
    [LOCK_TYPE_PAGE] = ABOUT_ITS_RELATION,
    [LOCK_TYPE_TUPLE] = ABOUT_ITS_RELATION,
    [LOCK_TYPE_TRANSACTIONID] = ABOUT_ROWS_OF_BOTH,
    [LOCK_TYPE_VIRTUALXID] = ABOUT_WHAT_IS_BUILT,
    [LOCK_TYPE_SPECTOKEN] = ABOUT_ROWS_OF_BOTH,
    [LOCK_TYPE_OBJECT] = ABOUT_NO_RELATION,
    [LOCK_TYPE_USERLOCK] = ABOUT_NO_RELATION,
    [LOCK_TYPE_ADVISORY] = ABOUT_NO_RELATION,
    [LOCK_TYPE_APPLYTRANSACTION] = ABOUT_UNKNOWN,
    [LOCK_TYPE_OTHER] = ABOUT_UNKNOWN,
};

typedef struct {
	guint32 database;
	guint32 oid;
} RelationId;

/* A target while others are found to wait for it, too. */
typedef struct {
	BlockerTarget target;
	GArray *relations; /* of RelationId, ascending */
} Found;

typedef struct {
	Blocker *blocker;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	guint session;
	GArray *row_locked; /* of RelationId: where it has locked rows */
	GArray *found;      /* of Found */
} TargetReader;

static void clear_found(gpointer data)
{
	g_array_unref(((Found *) data)->relations);
}

static int compare_relations(gconstpointer a, gconstpointer b)
{
	const RelationId *x = a, *y = b;

	if (x->database != y->database)
		return x->database < y->database ? -1 : 1;
	return (x->oid > y->oid) - (x->oid < y->oid);
}

static const RelationId *relation_at(const GArray *relations, guint index)
{
	return &g_array_index(relations, RelationId, index);
}

/* The relations that one process holds one of the modes on, appended. */
static void append_held(GArray *held, const Snapshot *snapshot, guint session, LockModeSet modes)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(snapshot, session, &n_locks);

	for (guint i = 0; i < n_locks; i++) {
		RelationId id = {locks[i].tag.database, locks[i].tag.relation};

		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_RELATION &&
		    (LOCK_MODE_SET(locks[i].mode) & modes) != 0)
			g_array_append_val(held, id);
	}
}

static void sort_and_join(GArray *relations)
{
	guint n = 0;

	g_array_sort(relations, compare_relations);
	for (guint i = 0; i < relations->len; i++)
		if (n == 0 ||
		    compare_relations(relation_at(relations, i), relation_at(relations, n - 1)) != 0)
			g_array_index(relations, RelationId, n++) = *relation_at(relations, i);
	g_array_set_size(relations, n);
}

/* Of those that the waiter holds one of the modes on; with others only what is among these, too. */
static GArray *held_by_waiter(const TargetReader *reader, const QueueWaiter *waiter,
                              LockModeSet modes, const GArray *others)
{
	GArray *held = g_array_new(FALSE, FALSE, sizeof(RelationId));

	append_held(held, reader->snapshot, waiter->session, modes);
	if (waiter->leader != waiter->session)
		append_held(held, reader->snapshot, waiter->leader, modes);
	for (guint i = held->len; others != NULL && i-- > 0;)
		if (!g_array_binary_search((GArray *) (gsize) others, relation_at(held, i),
		                           compare_relations, NULL))
			g_array_remove_index_fast(held, i);
	sort_and_join(held);
	return held;
}

static GArray *relations_of(const TargetReader *reader, const QueueWaiter *waiter,
                            const LockTag *tag)
{
	switch (ABOUT[tag->type]) {
	case ABOUT_ITS_RELATION: {
		GArray *relations = g_array_new(FALSE, FALSE, sizeof(RelationId));
		RelationId id = {tag->database, tag->relation};

		return g_array_append_val(relations, id);
	}
	case ABOUT_ROWS_OF_BOTH:
		return held_by_waiter(reader, waiter, ROW_LOCKERS, reader->row_locked);
	case ABOUT_WHAT_IS_BUILT:
		return held_by_waiter(reader, waiter, BUILDERS, NULL);
	case ABOUT_NO_RELATION:
	case ABOUT_UNKNOWN:
		break;
	}
	return g_array_new(FALSE, FALSE, sizeof(RelationId));
}

static gboolean is_same_target(const Found *found, const Found *other)
{
	const BlockerTarget *a = &found->target, *b = &other->target;

	if (!lock_tag_equal(&a->tag, &b->tag) || a->has_row != b->has_row ||
	    !lock_tag_equal(&a->row_tag, &b->row_tag) || a->holds != b->holds ||
	    found->relations->len != other->relations->len)
		return FALSE;
	for (guint i = 0; i < found->relations->len; i++)
		if (compare_relations(relation_at(found->relations, i), relation_at(other->relations, i)) !=
		    0)
			return FALSE;
	return TRUE;
}

static void add_waiter(TargetReader *reader, const LockQueue *queue, const QueueWaiter *waiter,
                       LockMode mode, gboolean holds)
{
	WaitTarget wait = wait_graph_target(reader->graph, waiter->leader);
	Found one = {.target = {.tag = queue->tag, .mode = mode, .holds = holds, .n_waiters = 1}};

	/* Of a group's waits the row belongs to one. */
	if (wait.row_tag != NULL && lock_tag_equal(wait.tag, &queue->tag)) {
		one.target.has_row = TRUE;
		one.target.row_tag = *wait.row_tag;
	}
	const LockTag *tag = one.target.has_row ? &one.target.row_tag : &queue->tag;

	one.relations = relations_of(reader, waiter, tag);
	one.target.is_inferred = ABOUT[tag->type] == ABOUT_ROWS_OF_BOTH;
	one.target.knows_relations = ABOUT[tag->type] == ABOUT_NO_RELATION || one.relations->len > 0;
	for (guint i = 0; i < reader->found->len; i++) {
		Found *found = &g_array_index(reader->found, Found, i);

		if (is_same_target(found, &one)) {
			found->target.n_waiters++;
			found->target.mode = MAX(found->target.mode, mode);
			clear_found(&one);
			return;
		}
	}
	g_array_append_val(reader->found, one);
}

/* What the session's own request, ahead in the queue, has in the waiter's way. */
static LockMode asked_ahead(const TargetReader *reader, const LockQueue *queue, guint position)
{
	LockMode mode = LOCK_MODE_NONE;

	for (guint i = 0; i < position; i++)
		if (queue->waiters[i].leader == reader->session &&
		    queue_waiter_blocks(&queue->waiters[i], &queue->waiters[position]))
			mode = MAX(mode, queue->waiters[i].mode);
	return mode;
}

static void read_queue(TargetReader *reader, const LockQueue *queue)
{
	QueueHolder group = {.leader = reader->session};
	guint first_own = queue->n_waiters;

	for (guint i = 0; i < queue->n_holders; i++)
		if (queue->holders[i].leader == reader->session)
			group.held |= queue->holders[i].held;
	for (guint i = 0; i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];
		LockMode mode = queue_holder_blocks(&group, waiter);
		gboolean holds = mode != LOCK_MODE_NONE;

		if (waiter->leader == reader->session)
			first_own = MIN(first_own, i);
		else if (!holds && i > first_own)
			mode = asked_ahead(reader, queue, i);
		if (mode != LOCK_MODE_NONE)
			add_waiter(reader, queue, waiter, mode, holds);
	}
}

/* By what the session's group has to do with: the queues of its own locks and requests. */
static void read_queues(TargetReader *reader)
{
	const LockQueues *queues = wait_graph_queues(reader->graph);
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < snapshot_n_sessions(reader->snapshot); i++) {
		guint n_locks;
		const Lock *locks = snapshot_session_locks(reader->snapshot, i, &n_locks);

		if (snapshot_session(reader->snapshot, i)->leader != reader->session)
			continue;
		append_held(reader->row_locked, reader->snapshot, i, ROW_LOCKERS);
		for (guint k = 0; k < n_locks; k++) {
			const LockQueue *queue = lock_queues_find(queues, &locks[k].tag);

			if (queue != NULL)
				g_hash_table_add(seen, (gpointer) (gsize) queue);
		}
	}
	sort_and_join(reader->row_locked);
	/* In the order of the queues. */
	for (guint i = 0; i < lock_queues_n(queues); i++)
		if (g_hash_table_contains(seen, lock_queues_get(queues, i)))
			read_queue(reader, lock_queues_get(queues, i));
}

static void append_name(GArray *names, BlockerRelation *relation, const RelationName *found,
                        Arena *arena)
{
	BlockerName name;

	if (found == NULL) {
		relation->knows_names = FALSE;
		return;
	}
	name.schema = arena_strdup(arena, found->schema);
	name.name = arena_strdup(arena, found->name);
	g_array_append_val(names, name);
}

static gconstpointer keep_array(Arena *arena, const GArray *array, gsize element_size)
{
	gpointer kept = arena_alloc(arena, arena_size_of_array(element_size, array->len));

	if (array->len > 0)
		memcpy(kept, array->data, element_size * array->len);
	return kept;
}

static BlockerRelation name_relation(const TargetReader *reader, const RelationId *id)
{
	Arena *arena = reader->blocker->arena;
	const Names *names = snapshot_names(reader->snapshot);
	const RelationName *found = names_relation(names, id->database, id->oid);
	BlockerRelation relation = {.database_oid = id->database, .oid = id->oid, .knows_names = TRUE};
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(BlockerName));
	guint n_ancestors;

	relation.database =
	    id->database == 0
	        ? ""
	        : arena_strdup(arena, snapshot_database_name(reader->snapshot, id->database));
	append_name(all, &relation, found, arena);
	if (found != NULL && found->table_oid != found->oid)
		append_name(all, &relation, names_relation(names, id->database, found->table_oid), arena);
	if (found != NULL) {
		const guint32 *ancestors =
		    names_ancestors(names, id->database, found->table_oid, &n_ancestors);

		relation.knows_names = relation.knows_names && ancestors != NULL;
		for (guint i = 0; ancestors != NULL && i < n_ancestors; i++)
			append_name(all, &relation, names_relation(names, id->database, ancestors[i]), arena);
	}
	relation.names = keep_array(arena, all, sizeof(BlockerName));
	relation.n_names = all->len;
	return relation;
}

static int compare_found(gconstpointer a, gconstpointer b)
{
	guint x = ((const Found *) a)->target.n_waiters, y = ((const Found *) b)->target.n_waiters;

	return (x < y) - (x > y);
}

static void hand_over(const TargetReader *reader)
{
	Arena *arena = reader->blocker->arena;
	BlockerTarget *targets = arena_new_array(arena, BlockerTarget, reader->found->len);

	for (guint i = 0; i < reader->found->len; i++) {
		const Found *found = &g_array_index(reader->found, Found, i);
		BlockerRelation *relations = arena_new_array(arena, BlockerRelation, found->relations->len);

		for (guint k = 0; k < found->relations->len; k++)
			relations[k] = name_relation(reader, relation_at(found->relations, k));
		targets[i] = found->target;
		targets[i].relations = relations;
		targets[i].n_relations = found->relations->len;
	}
	reader->blocker->targets = targets;
	reader->blocker->n_targets = reader->found->len;
}

void blocker_add_targets(Blocker *blocker, const WaitGraph *graph, guint session)
{
	g_autoptr(GArray) row_locked = g_array_new(FALSE, FALSE, sizeof(RelationId));
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Found));
	TargetReader reader = {.blocker = blocker,
	                       .graph = graph,
	                       .snapshot = wait_graph_snapshot(graph),
	                       .session = session,
	                       .row_locked = row_locked,
	                       .found = found};

	g_array_set_clear_func(found, clear_found);
	read_queues(&reader);
	g_array_sort(found, compare_found);
	hand_over(&reader);
}
