#include "watch/choice.h"

#include "base/duration.h"

/* Where the two ways of looking cost the same. */
#define MANY_LOCKS 10000
/* However slow a look is (the network may be): whom the heartbeat misses waits unseen no longer,
 * and what else is shown of those who wait is no older. */
#define LONGEST_PAUSE_US (10 * DURATION_SECOND)
/* Looks at what has changed may take so many times the share. */
#define SHARE_OF_CHANGE 5

void costs_init(Costs *costs, guint share_percent)
{
	*costs = (Costs){.share_percent = CLAMP(share_percent, 1, 100)};
	costs->waiting = g_array_new(FALSE, FALSE, sizeof(gint32));
}

void costs_clear(Costs *costs)
{
	g_clear_pointer(&costs->waiting, g_array_unref);
	g_clear_pointer(&costs->beat, g_array_unref);
}

/* Between the end of a look and the next, so that looks take their share. */
static gint64 share_pause_us(const Costs *costs)
{
	gint64 share = costs->share_percent;

	return costs->look_us * (100 - share) / share;
}

/* The same, unless there is nothing to look at. */
static gint64 pause_us(const Costs *costs)
{
	gboolean is_quiet = costs->beats_when_quiet && costs->waiting->len == 0;

	return is_quiet ? LONGEST_PAUSE_US : share_pause_us(costs);
}

static gboolean has_passed(const Costs *costs, gint64 pause, gint64 now)
{
	return now >= costs->look_ended + MIN(pause, LONGEST_PAUSE_US);
}

Choice choice_next(const Costs *costs, gboolean can_beat, gint64 now)
{
	if (!costs->has_looked)
		return CHOICE_LOOK_AT_CONTENDED;
	if (can_beat && !costs->is_blind && !has_passed(costs, pause_us(costs), now))
		return CHOICE_HEARTBEAT;
	return costs->n_locks > MANY_LOCKS ? CHOICE_LOOK_AT_CONTENDED : CHOICE_LOOK_AT_ALL;
}

static void set_pids(GArray *pids, const GArray *from)
{
	g_array_set_size(pids, 0);
	if (from->len > 0)
		g_array_append_vals(pids, from->data, from->len);
}

void choice_looked(Costs *costs, const GArray *waiting, gboolean is_blind, guint n_locks,
                   gint64 started, gint64 ended)
{
	costs->has_looked = TRUE;
	costs->look_ended = ended;
	costs->look_us = ended - started;
	costs->n_locks = n_locks;
	costs->is_blind = is_blind;
	set_pids(costs->waiting, waiting);
	g_clear_pointer(&costs->beat, g_array_unref);
}

static gint32 pid_at(const GArray *pids, guint index)
{
	return index < pids->len ? g_array_index(pids, gint32, index) : G_MAXINT32;
}

/* Of those in both that aren't in a third. */
static guint count_steady(const GArray *now, const GArray *before, const GArray *known)
{
	guint n = 0;

	for (guint i = 0, k = 0, m = 0; i < now->len; i++) {
		gint32 pid = pid_at(now, i);

		while (pid_at(before, k) < pid)
			k++;
		while (pid_at(known, m) < pid)
			m++;
		n += pid_at(before, k) == pid && pid_at(known, m) != pid;
	}
	return n;
}

static guint count_common(const GArray *a, const GArray *b)
{
	guint n = 0;

	for (guint i = 0, k = 0; i < a->len; i++) {
		while (pid_at(b, k) < pid_at(a, i))
			k++;
		n += pid_at(b, k) == pid_at(a, i);
	}
	return n;
}

gboolean choice_heard(Costs *costs, const GArray *waiting, gint64 now, ChoiceChange *change)
{
	guint n_common = count_common(waiting, costs->waiting);
	guint n_steady = costs->beat != NULL ? count_steady(waiting, costs->beat, costs->waiting) : 0;

	change->n_more = waiting->len - n_common;
	change->n_less = costs->waiting->len - n_common;
	if (costs->beat == NULL)
		costs->beat = g_array_new(FALSE, FALSE, sizeof(gint32));
	set_pids(costs->beat, waiting);
	return (n_steady > 0 || change->n_less > 0) &&
	       has_passed(costs, share_pause_us(costs) / SHARE_OF_CHANGE, now);
}
