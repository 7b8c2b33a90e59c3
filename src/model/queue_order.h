#ifndef PGUNLOCK_MODEL_QUEUE_ORDER_H
#define PGUNLOCK_MODEL_QUEUE_ORDER_H

/* The order of one queue's waiters: replayed from their arrival, and corrected by what the server
 * said of it. */

#include "model/lock_queue.h"

/* Sorts queue->waiters, whose held is set, and says what the order rests on. n_waits: by session,
 * in how many places the lock group that it leads waits, in all queues. */
QueueOrder queue_order_sort(const Snapshot *snapshot, LockQueue *queue, const guint *n_waits);

#endif
