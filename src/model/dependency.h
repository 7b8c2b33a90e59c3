#ifndef PGUNLOCK_MODEL_DEPENDENCY_H
#define PGUNLOCK_MODEL_DEPENDENCY_H

/*
 * The arithmetic of waiting, without a word about PostgreSQL: nodes that need other nodes to be out
 * of the way. Who is behind whom, who goes in a circle, and who moves on when a node ends.
 *
 * Some nodes stand for parties (their number is given at the start), the others are helpers that
 * stand for a set of parties ("all holders of a mode", "everybody ahead"): they keep the number of
 * edges in proportion to the length of the queues. A node that needs others moves on when all that
 * it needs have ended or moved on; a party that needs nothing moves only when it is ended.
 */

#include <glib.h>

typedef struct Dependency Dependency;

/* Parties are the nodes 0 to n_parties - 1. */
Dependency *dependency_new(guint n_parties);
void dependency_free(Dependency *dependency);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dependency, dependency_free)

/* A helper node. */
guint dependency_add_helper(Dependency *dependency);

/* node needs other. implied: what is behind whom would be the same without this edge, because
 * another edge of node leads to other in the end; it only counts for who moves on. */
void dependency_add(Dependency *dependency, guint node, guint other, gboolean implied);

/* To be called once, after the last edge and before any question. Time in proportion to the number
 * of edges, but for webs in which the same parties are behind several others by different ways:
 * there the number of parties squared, by 64 at a time. */
void dependency_solve(Dependency *dependency);

/* How many parties are behind this one; and how many of them move on when it alone ends. */
guint dependency_total(const Dependency *dependency, guint party);
guint dependency_freed_alone(const Dependency *dependency, guint party);

/* Whether a node needs anything. */
gboolean dependency_needs(const Dependency *dependency, guint node);

/* For each party the greatest value among the parties behind it (0 if there are none; in a circle
 * everybody is behind itself, too); values is by party. Free with g_free. */
gint64 *dependency_max_behind(const Dependency *dependency, const gint64 *values);

/* The parties that move on when all of these end, without these: ascending, the caller's. */
GArray *dependency_freed_by(const Dependency *dependency, const guint *parties, guint n);
/* The parties behind any of these, without these: ascending, the caller's. */
GArray *dependency_behind(const Dependency *dependency, const guint *parties, guint n);
/* The parties that this one is behind, itself only when it is in a circle: ascending, the caller's.
 */
GArray *dependency_ahead(const Dependency *dependency, guint party);

/* Circles: sets of at least two parties that all are behind each other. */
guint dependency_n_circles(const Dependency *dependency);
/* Ascending; borrowed. */
const guint *dependency_circle(const Dependency *dependency, guint index, guint *n);

#endif
