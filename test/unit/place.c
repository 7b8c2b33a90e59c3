#include "place.h"

#include "base/error.h"
#include "base/timestamp.h"

#include <glib/gstdio.h>

/* Assertions go on in these tests, but not without what follows needs. */
static void need(gconstpointer what, const char *path, const GError *error)
{
	if (what == NULL)
		g_error("%s: %s", path, error->message);
}

static void on_trouble(const GError *error, guint64 n_lost, gpointer user_data)
{
	Place *place = user_data;

	if (error == NULL) {
		place->n_recoveries++;
		place->n_lost = n_lost;
		return;
	}
	place->n_troubles++;
	g_free(place->trouble);
	g_free(place->hint);
	place->trouble = g_strdup(error->message);
	place->hint = g_strdup(error_hint(error));
}

void place_open(Place *place, const HistoryOptions *options)
{
	/* Films are old. */
	static const HistoryOptions usual = {.keep_us = 0};
	static const IncidentOptions tracking = INCIDENT_OPTIONS_DEFAULT;
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&place->tracker, incident_tracker_free);
	g_clear_pointer(&place->history, history_free);
	place->history =
	    history_open(place->path, options != NULL ? options : &usual, on_trouble, place, &error);
	need(place->history, place->path, error);
	place->tracker = incident_tracker_new("main", &tracking);
}

void place_init(Place *place)
{
	*place = (Place){.folder = g_dir_make_tmp("pgunlock-history-XXXXXX", NULL)};
	place->path = g_build_filename(place->folder, "history.db", NULL);
}

void place_clear(Place *place)
{
	static const char *const files[] = {"history.db", "history.db-wal", "history.db-shm",
	                                    "history.db.lock"};

	incident_tracker_free(place->tracker);
	history_free(place->history);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(place->folder, files[i], NULL);
		g_unlink(path);
	}
	g_rmdir(place->folder);
	g_free(place->folder);
	g_free(place->path);
	g_free(place->trouble);
	g_free(place->hint);
}
void place_look(Place *place, double second, const char *words)
{
	g_auto(FilmLook) seen = film_look(second, words);
	const GArray *events =
	    incident_tracker_look(place->tracker, seen.graph, FILM_AT(second) - FILM_START);

	history_record(place->history, (const IncidentEvent *) (gpointer) events->data, events->len);
}

void place_incident(Place *place, double second, guint32 relation)
{
	g_autofree char *jam = g_strdup_printf("100 tx@%f idle holds=%u; 101 waits=%u@%f", second,
	                                       relation, relation, second);

	place_look(place, second + 10, jam);
	place_look(place, second + 11, "");
}

GPtrArray *place_list(const Place *place, const HistoryFilter *filter, gboolean *has_more)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(HistoryReader) reader = history_reader_open(place->path, &error);

	need(reader, place->path, error);
	GPtrArray *records = history_list(reader, filter, has_more, &error);

	need(records, place->path, error);
	return records;
}

#define ALL                                                                                        \
	{                                                                                              \
		.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE                                           \
	}

GPtrArray *place_list_all(const Place *place)
{
	const HistoryFilter all = {.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE};
	gboolean has_more;

	return place_list(place, &all, &has_more);
}

guint place_count(const Place *place)
{
	g_autoptr(GPtrArray) records = place_list_all(place);

	return records->len;
}

IncidentRecord *place_get(const Place *place, gint64 id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(HistoryReader) reader = history_reader_open(place->path, &error);

	need(reader, place->path, error);
	IncidentRecord *record = history_get(reader, id, &error);

	need(record, place->path, error);
	return record;
}
