#include "base/arena.h"

#include <stdalign.h>
#include <stddef.h>
#include <string.h>

/* Pieces of one block lie side by side, where the address sanitizer would see no overflow from one
 * into the next. So under it each piece is unpoisoned alone, with a poisoned gap behind it. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define PIECE_GAP 16u
#define TEXT_ALIGNMENT 8u /* poison has a granularity of 8 bytes */
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void) (address), (void) (size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void) (address), (void) (size))
#define PIECE_GAP 0u
#define TEXT_ALIGNMENT 1u
#endif

/* Blocks double in size up to a limit, so that a small snapshot stays small and the unused end of a
 * large one is a small part of it. */
#define FIRST_BLOCK_SIZE ((gsize) 4 * 1024)
#define LAST_BLOCK_SIZE ((gsize) 256 * 1024)

typedef struct Block Block;
struct Block {
	Block *previous;
	gsize size; /* of bytes */
	gsize used;
	alignas(max_align_t) guint8 bytes[];
};

struct Arena {
	Block *current; /* pieces are cut from this one; the others are full */
	gsize next_size;
	gsize footprint;
};

Arena *arena_new(void)
{
	Arena *arena = g_new0(Arena, 1);
	arena->next_size = FIRST_BLOCK_SIZE - sizeof(Block);
	arena->footprint = sizeof(Arena);
	return arena;
}

void arena_free(Arena *arena)
{
	if (arena == NULL)
		return;
	for (Block *block = arena->current; block != NULL;) {
		Block *previous = block->previous;
		ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
		g_free(block);
		block = previous;
	}
	g_free(arena);
}

static Block *block_new(Arena *arena, gsize size)
{
	/* Zeroed here once: no piece is ever given out twice. */
	Block *block = g_malloc0(sizeof(Block) + size);
	block->size = size;
	ASAN_POISON_MEMORY_REGION(block->bytes, block->size);
	arena->footprint += sizeof(Block) + size;
	return block;
}

/* A block that is too large to be shared goes behind the current one, whose rest stays in use. */
static Block *add_block(Arena *arena, gsize size)
{
	if (size > arena->next_size / 4 && arena->current != NULL) {
		Block *own = block_new(arena, size);
		own->previous = arena->current->previous;
		arena->current->previous = own;
		return own;
	}
	Block *block = block_new(arena, MAX(size, arena->next_size));
	block->previous = arena->current;
	arena->current = block;
	arena->next_size = MIN(arena->next_size * 2, LAST_BLOCK_SIZE - sizeof(Block));
	return block;
}

static gsize round_up(gsize size, gsize alignment)
{
	return (size + alignment - 1) & ~(alignment - 1);
}

static guint8 *take(Arena *arena, gsize size, gsize alignment)
{
	if (size > G_MAXSSIZE - FIRST_BLOCK_SIZE)
		g_error("arena: %" G_GSIZE_FORMAT " bytes are more than memory can hold", size);
	/* A piece of no bytes still has an address of its own. */
	gsize taken = MAX(size, 1u) + PIECE_GAP;
	Block *block = arena->current;
	gsize start = block == NULL ? 0 : round_up(block->used, alignment);
	if (block == NULL || start > block->size || block->size - start < taken) {
		block = add_block(arena, round_up(taken, alignof(max_align_t)));
		start = 0;
	}
	block->used = start + taken;
	ASAN_UNPOISON_MEMORY_REGION(block->bytes + start, size);
	return block->bytes + start;
}

gpointer arena_alloc(Arena *arena, gsize size)
{
	return take(arena, size, alignof(max_align_t));
}

gsize arena_size_of_array(gsize a, gsize b)
{
	gsize size;
	if (!g_size_checked_mul(&size, a, b))
		g_error("arena: an array of %" G_GSIZE_FORMAT " times %" G_GSIZE_FORMAT
		        " bytes is more than memory can hold",
		        a, b);
	return size;
}

const char *arena_strndup(Arena *arena, const char *text, gsize len)
{
	if (text == NULL)
		return NULL;
	gsize size;
	if (!g_size_checked_add(&size, len, 1))
		g_error("arena: a text of %" G_GSIZE_FORMAT " bytes is more than memory can hold", len);
	char *copy = (char *) take(arena, size, TEXT_ALIGNMENT);
	memcpy(copy, text, len);
	return copy;
}

const char *arena_strdup(Arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

gsize arena_footprint(const Arena *arena)
{
	return arena->footprint;
}
