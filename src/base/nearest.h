#ifndef PGUNLOCK_BASE_NEAREST_H
#define PGUNLOCK_BASE_NEAREST_H

/* Which name was probably meant. */

#include <glib.h>

/* The one of names (ends with NULL) that is fewest typing mistakes (a letter left out, put in,
 * replaced, or two swapped; case doesn't count) away from typed, if that is at most a third of its
 * letters, or that typed begins with, three letters at least; NULL when there is none. Borrowed. */
const char *nearest_name(const char *typed, const char *const *names);

#endif
