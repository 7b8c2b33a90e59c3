#include "guard/backoff.h"

#include "base/duration.h"

#define FIRST_US (1 * DURATION_SECOND)
#define LONGEST_US (30 * DURATION_SECOND)
/* 1 s doubled so often is more than the longest. */
#define MOST_DOUBLINGS 5

gint64 backoff_next(Backoff *backoff, double chance)
{
	gint64 most_us = MIN(FIRST_US << MIN(backoff->n_failures, MOST_DOUBLINGS), LONGEST_US);
	gint64 half_us = most_us / 2;
	gint64 delay_us = half_us + (gint64) ((double) half_us * chance);

	backoff->n_failures++;
	return MAX(delay_us, FIRST_US);
}

void backoff_reset(Backoff *backoff)
{
	backoff->n_failures = 0;
}
