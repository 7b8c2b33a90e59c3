#ifndef PGUNLOCK_TEST_GRAPH_WORDS_H
#define PGUNLOCK_TEST_GRAPH_WORDS_H

/* A wait graph in a few words, so that a test can say all that it expects in a line. A session is
 * its pid, a prepared transaction its gid. Free the texts with g_free. */

#include "model/wait_graph.h"

/* Every edge of every waiter, in the order of the participants: "101-100 102-101 102~103" (- is
 * hard, ~ is soft). */
char *words_edges(const WaitGraph *graph, EdgeSelection selection);

/* Every root: "100:3/1" has three behind it of whom one moves on when it alone ends. */
char *words_roots(const WaitGraph *graph);

/* The tops with all below them: "100(101(102 103)) 200(201)". */
char *words_tree(const WaitGraph *graph);

/* "101 102, 300 301" */
char *words_cycles(const WaitGraph *graph);

/* "100 101 102"; takes the array. */
char *words_sessions(const WaitGraph *graph, GArray *sessions);

/* Compares and frees. */
#define assert_words(words, expected)                                                              \
	do {                                                                                           \
		g_autofree char *words_ = (words);                                                         \
		g_assert_cmpstr(words_, ==, (expected));                                                   \
	} while (0)

#endif
