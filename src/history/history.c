#include "history/history.h"

#include "base/timestamp.h"
#include "history/record.h"
#include "history/store.h"

#include <string.h>

enum {
	MOST_AT_ONCE = 500, /* records in one transaction */
	/* Beyond so many in the queue what is dispensable is given up, and beyond so many anything. */
	MOST_DISPENSABLE = 2000,
	MOST_QUEUED = 50000,
};

#define FIRST_RETRY_US (1 * DURATION_SECOND)
#define LAST_RETRY_US (30 * DURATION_SECOND)
#define TRIM_INTERVAL_US (10 * DURATION_MINUTE)

/* What the thread has to tell goes through the main context; the history may be gone by then. Only
 * the main thread looks into it. */
typedef struct {
	gatomicrefcount references;
	HistoryTrouble trouble; /* NULL: the history is gone */
	gpointer user_data;
} Ear;

typedef struct {
	Ear *ear;
	GError *error;
	guint64 n_lost;
} News;

struct History {
	Database *database; /* the thread's, once that runs; NULL: it couldn't be opened again */
	char *path;
	GThread *thread;
	Ear *ear;
	GPtrArray *open; /* of Incident: left open by a former process, and not taken yet */
	gint64 last_incident;
	gint64 last_act;

	GMutex mutex; /* of all below */
	GCond changed;
	GQueue queue;    /* of Record */
	guint n_writing; /* out of the queue and not written yet */
	HistoryOptions options;
	gboolean wants_trim;
	gboolean is_ending;
	gboolean in_trouble;
	guint64 n_written;
	guint64 n_lost;
	guint64 n_lost_before; /* the trouble that lasts */
	gint64 bytes;
};

/* --- telling -------------------------------------------------------------------------------- */

static void ear_unref(Ear *ear)
{
	if (g_atomic_ref_count_dec(&ear->references))
		g_free(ear);
}

static gboolean tell(gpointer user_data)
{
	const News *news = user_data;

	if (news->ear->trouble != NULL)
		news->ear->trouble(news->error, news->n_lost, news->ear->user_data);
	return G_SOURCE_REMOVE;
}

static void news_free(gpointer user_data)
{
	News *news = user_data;

	ear_unref(news->ear);
	g_clear_error(&news->error);
	g_free(news);
}

/* Takes the error. */
static void send_news(History *history, GError *error, guint64 n_lost)
{
	News *news = g_new0(News, 1);

	news->ear = history->ear;
	g_atomic_ref_count_inc(&history->ear->references);
	news->error = error;
	news->n_lost = n_lost;
	g_idle_add_full(G_PRIORITY_DEFAULT, tell, news, news_free);
}

/* --- the thread ----------------------------------------------------------------------------- */

/* A file that was moved away or removed is made anew. */
static gboolean have_file(History *history, GError **error)
{
	if (history->database != NULL && !database_has_moved(history->database))
		return TRUE;
	g_clear_pointer(&history->database, database_free);
	history->database = database_open(history->path, DATABASE_WRITES, error);
	return history->database != NULL;
}

/* Everything in one transaction. */
static gboolean write_all(History *history, const GPtrArray *batch, GError **error)
{
	if (!database_begin(history->database, error))
		return FALSE;
	for (guint i = 0; i < batch->len; i++) {
		if (!record_write(g_ptr_array_index(batch, i), history->database, error)) {
			database_roll_back(history->database);
			return FALSE;
		}
	}
	return database_commit(history->database, error);
}

/* One after the other, because there is one among them that can't be written at all: without that
 * one. n_lost: how many there were. What is written leaves the batch. */
static gboolean write_singly(History *history, GPtrArray *batch, guint64 *n_lost, GError **error)
{
	while (batch->len > 0) {
		g_autoptr(GPtrArray) single = g_ptr_array_new();
		g_autoptr(GError) cause = NULL;

		g_ptr_array_add(single, g_ptr_array_index(batch, 0));
		if (!write_all(history, single, &cause)) {
			if (!database_is_hopeless(history->database)) {
				g_propagate_error(error, g_steal_pointer(&cause));
				return FALSE;
			}
			(*n_lost)++;
		}
		g_ptr_array_remove_index(batch, 0);
	}
	return TRUE;
}

/* What is left in the batch wasn't written. */
static gboolean write_batch(History *history, GPtrArray *batch, guint64 *n_lost, GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (write_all(history, batch, &cause)) {
		g_ptr_array_set_size(batch, 0);
		return TRUE;
	}
	if (database_is_hopeless(history->database))
		return write_singly(history, batch, n_lost, error);
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

/* The mutex is held. */
static GPtrArray *take_batch(History *history)
{
	GPtrArray *batch = g_ptr_array_new_with_free_func((GDestroyNotify) record_free);

	while (batch->len < MOST_AT_ONCE && !g_queue_is_empty(&history->queue))
		g_ptr_array_add(batch, g_queue_pop_head(&history->queue));
	history->n_writing = batch->len;
	return batch;
}

/* The mutex is held. Takes the batch's records. */
static void put_back(History *history, GPtrArray *batch)
{
	for (guint i = batch->len; i > 0; i--)
		g_queue_push_head(&history->queue, g_ptr_array_steal_index(batch, i - 1));
	history->n_writing = 0;
}

/* The mutex is held. Takes the error, NULL when all went well. */
static void note_result(History *history, GError *error)
{
	gboolean is_trouble = error != NULL;

	if (is_trouble && !history->in_trouble) {
		history->n_lost_before = history->n_lost;
		send_news(history, error, 0);
	} else if (!is_trouble && history->in_trouble) {
		send_news(history, NULL, history->n_lost - history->n_lost_before);
	} else {
		g_clear_error(&error);
	}
	history->in_trouble = is_trouble;
}

/* The mutex is held, but not while it is written. */
static gboolean write_some(History *history)
{
	GPtrArray *batch = take_batch(history);
	guint n_before = batch->len;
	guint64 n_lost = 0;
	gint64 bytes = 0;
	GError *error = NULL;

	g_mutex_unlock(&history->mutex);
	gboolean is_written =
	    have_file(history, &error) && write_batch(history, batch, &n_lost, &error);
	if (is_written)
		database_used_bytes(history->database, &bytes, NULL);
	g_mutex_lock(&history->mutex);

	history->n_written += n_before - batch->len - n_lost;
	history->n_lost += n_lost;
	history->bytes = bytes != 0 ? bytes : history->bytes;
	put_back(history, batch);
	g_ptr_array_unref(batch);
	note_result(history, error);
	g_cond_broadcast(&history->changed);
	return is_written;
}

/* The mutex is held, but not meanwhile. Trouble here isn't worth a word: what is wrong with the
 * file shows when something is written. */
static void trim_some(History *history)
{
	gint64 keep_us = history->options.keep_us;
	gint64 max_bytes = history->options.max_bytes;
	gint64 before = keep_us > 0 ? g_get_real_time() - keep_us : TIMESTAMP_NONE + 1;
	gboolean is_done = TRUE;

	history->wants_trim = FALSE;
	g_mutex_unlock(&history->mutex);
	gboolean went_well = history->database != NULL &&
	                     store_trim(history->database, before, max_bytes, &is_done, NULL);
	g_mutex_lock(&history->mutex);
	if (went_well && !is_done)
		history->wants_trim = TRUE;
}

static gpointer write_on(gpointer user_data)
{
	History *history = user_data;
	gint64 retry_us = FIRST_RETRY_US;
	gint64 trim_at = g_get_monotonic_time() + TRIM_INTERVAL_US;

	g_mutex_lock(&history->mutex);
	for (;;) {
		if (!g_queue_is_empty(&history->queue)) {
			if (write_some(history)) {
				retry_us = FIRST_RETRY_US;
				continue;
			}
			if (history->is_ending)
				break;
			gint64 until = g_get_monotonic_time() + retry_us;
			while (!history->is_ending &&
			       g_cond_wait_until(&history->changed, &history->mutex, until))
				continue;
			retry_us = MIN(2 * retry_us, LAST_RETRY_US);
		} else if (history->is_ending) {
			break;
		} else if (history->wants_trim) {
			trim_some(history);
		} else if (!g_cond_wait_until(&history->changed, &history->mutex, trim_at)) {
			history->wants_trim = TRUE;
			trim_at = g_get_monotonic_time() + TRIM_INTERVAL_US;
		}
	}
	g_mutex_unlock(&history->mutex);
	return NULL;
}

/* --- the doors ------------------------------------------------------------------------------ */

gboolean history_check_place(const char *path, GError **error)
{
	return database_check_place(path, error);
}

History *history_open(const char *path, const HistoryOptions *options, HistoryTrouble trouble,
                      gpointer user_data, GError **error)
{
	g_autoptr(Database) database = database_open(path, DATABASE_WRITES, error);
	gint64 last_incident, last_act;

	if (database == NULL || !store_last_ids(database, &last_incident, &last_act, error) ||
	    !store_abandon_acts(database, error))
		return NULL;
	g_autoptr(GPtrArray) open = store_read_open(database, error);
	if (open == NULL)
		return NULL;

	History *history = g_new0(History, 1);

	history->database = g_steal_pointer(&database);
	history->path = g_strdup(path);
	history->open = g_steal_pointer(&open);
	history->last_incident = last_incident;
	history->last_act = last_act;
	history->ear = g_new0(Ear, 1);
	g_atomic_ref_count_init(&history->ear->references);
	history->ear->trouble = trouble;
	history->ear->user_data = user_data;
	history->options = *options;
	history->wants_trim = TRUE;
	g_queue_init(&history->queue);
	g_mutex_init(&history->mutex);
	g_cond_init(&history->changed);
	history->thread = g_thread_new("history", write_on, history);
	return history;
}

void history_free(History *history)
{
	if (history == NULL)
		return;
	g_mutex_lock(&history->mutex);
	history->is_ending = TRUE;
	g_cond_broadcast(&history->changed);
	g_mutex_unlock(&history->mutex);
	g_thread_join(history->thread);

	history->ear->trouble = NULL;
	ear_unref(history->ear);
	g_queue_clear_full(&history->queue, (GDestroyNotify) record_free);
	database_free(history->database);
	g_free(history->path);
	g_ptr_array_unref(history->open);
	g_mutex_clear(&history->mutex);
	g_cond_clear(&history->changed);
	g_free(history);
}

const char *history_path(const History *history)
{
	return history->path;
}

void history_set_options(History *history, const HistoryOptions *options)
{
	g_mutex_lock(&history->mutex);
	history->options = *options;
	history->wants_trim = TRUE;
	g_cond_broadcast(&history->changed);
	g_mutex_unlock(&history->mutex);
}

GPtrArray *history_take_open(History *history, const char *server)
{
	GPtrArray *taken = g_ptr_array_new();

	for (guint i = 0; i < history->open->len;) {
		const Incident *incident = g_ptr_array_index(history->open, i);

		if (g_strcmp0(incident->server, server) == 0)
			g_ptr_array_add(taken, g_ptr_array_steal_index(history->open, i));
		else
			i++;
	}
	return taken;
}

guint history_n_open(const History *history,
                     gboolean (*counts)(const char *server, gpointer user_data), gpointer user_data)
{
	guint n = 0;

	for (guint i = 0; i < history->open->len; i++) {
		const Incident *incident = g_ptr_array_index(history->open, i);

		n += incident->server != NULL && counts(incident->server, user_data) ? 1 : 0;
	}
	return n;
}

/* The mutex is held. Takes the record. */
static void push(History *history, Record *record)
{
	guint n = g_queue_get_length(&history->queue);

	if (n >= MOST_QUEUED || (n >= MOST_DISPENSABLE && record_is_dispensable(record))) {
		history->n_lost++;
		record_free(record);
		return;
	}
	g_queue_push_tail(&history->queue, record);
}

static void queue_record(History *history, Record *record)
{
	g_mutex_lock(&history->mutex);
	push(history, record);
	g_cond_broadcast(&history->changed);
	g_mutex_unlock(&history->mutex);
}

void history_end_others(History *history)
{
	g_mutex_lock(&history->mutex);
	for (guint i = 0; i < history->open->len; i++)
		push(history, record_of_end(((Incident *) g_ptr_array_index(history->open, i))->id));
	g_cond_broadcast(&history->changed);
	g_mutex_unlock(&history->mutex);
	g_ptr_array_set_size(history->open, 0);
}

void history_record(History *history, const IncidentEvent *events, guint n)
{
	g_mutex_lock(&history->mutex);
	for (guint i = 0; i < n; i++) {
		if (events[i].incident->id == 0)
			events[i].incident->id = ++history->last_incident;
		push(history, record_of_incident(events[i].incident, events[i].kind));
	}
	g_cond_broadcast(&history->changed);
	g_mutex_unlock(&history->mutex);
}

void history_add_statement(History *history, const StatementRecord *statement)
{
	if (statement->incident != 0)
		queue_record(history, record_of_statement(statement));
}

gint64 history_add_act(History *history, const ActRecord *act)
{
	gint64 id = ++history->last_act;

	queue_record(history, record_of_act(act, id));
	return id;
}

void history_settle_act(History *history, gint64 id, const ActRecord *act)
{
	queue_record(history, record_of_settled_act(act, id));
}

void history_add_notice(History *history, const NoticeRecord *notice)
{
	queue_record(history, record_of_notice(notice));
}

void history_add_sample(History *history, const char *server, gint64 taken_at,
                        const Blocker *const *blockers, guint n)
{
	queue_record(history, record_of_sample(server, taken_at, blockers, n));
}

void history_flush(History *history)
{
	g_mutex_lock(&history->mutex);
	while (!history->in_trouble && (!g_queue_is_empty(&history->queue) || history->n_writing > 0))
		g_cond_wait(&history->changed, &history->mutex);
	g_mutex_unlock(&history->mutex);
}

void history_state(History *history, HistoryState *state)
{
	g_mutex_lock(&history->mutex);
	*state = (HistoryState){
	    .n_queued = g_queue_get_length(&history->queue) + history->n_writing,
	    .n_written = history->n_written,
	    .n_lost = history->n_lost,
	    .in_trouble = history->in_trouble,
	    .bytes = history->bytes,
	};
	g_mutex_unlock(&history->mutex);
}
