#ifndef PGUNLOCK_TEST_PLACE_H
#define PGUNLOCK_TEST_PLACE_H

/* A history in a folder of its own, and a tracker that feeds it, as in a guard. */

#include "film.h"

#include "history/history.h"
#include "history/reader.h"

typedef struct {
	char *folder;
	char *path;
	History *history;
	IncidentTracker *tracker;
	guint n_troubles;
	guint n_recoveries;
	guint64 n_lost;
	char *trouble; /* the last one's message */
	char *hint;
} Place;

void place_init(Place *place);
/* Opens the history, after it has closed it; with options NULL it keeps everything. */
void place_open(Place *place, const HistoryOptions *options);
/* Removes all of it. */
void place_clear(Place *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* A look, as a guard takes it, of the server "main". */
void place_look(Place *place, double second, const char *words);
/* An incident on its table, from this second on, ten seconds long. */
void place_incident(Place *place, double second, guint32 relation);

/* What a reader gets, who opens it for this. */
GPtrArray *place_list(const Place *place, const HistoryFilter *filter, gboolean *has_more);
GPtrArray *place_list_all(const Place *place);
guint place_count(const Place *place);
IncidentRecord *place_get(const Place *place, gint64 id);

#endif
