#ifndef PGUNLOCK_BASE_ARENA_H
#define PGUNLOCK_BASE_ARENA_H

/*
 * Memory that is given out piece by piece and freed at once. A snapshot keeps all its rows and
 * strings in one arena, so that nothing in it has an owner of its own.
 */

#include <glib.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/* size bytes, zeroed, aligned for any type; lives as long as the arena. Never NULL (like g_malloc,
 * it aborts when there is no memory); size 0 gives a valid pointer. */
gpointer arena_alloc(Arena *arena, gsize size);

/* An array of n elements of a type. */
#define arena_new_array(arena, type, n)                                                            \
	((type *) arena_alloc((arena), arena_size_of_array(sizeof(type), (n))))
gsize arena_size_of_array(gsize a, gsize b);

/* A NUL-terminated copy of the first len bytes of text. NULL gives NULL. */
const char *arena_strndup(Arena *arena, const char *text, gsize len);
const char *arena_strdup(Arena *arena, const char *text);

/* Bytes that the arena has taken from the system: for peak memory figures. */
gsize arena_footprint(const Arena *arena);

#endif
