#ifndef PGUNLOCK_GUARD_BACKOFF_H
#define PGUNLOCK_GUARD_BACKOFF_H

/* How long to wait before the next attempt to connect: twice as long each time, and never to the
 * moment, so that many guards, or one of many servers, don't come back all at once. */

#include <glib.h>

typedef struct {
	guint n_failures;
} Backoff;

/* After another failure: between half and the whole of 1 s, 2 s, 4 s, ... 30 s, but never less than
 * a second; chance: 0 to 1, without 1. */
gint64 backoff_next(Backoff *backoff, double chance);
/* It worked. */
void backoff_reset(Backoff *backoff);

#endif
