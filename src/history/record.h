#ifndef PGUNLOCK_HISTORY_RECORD_H
#define PGUNLOCK_HISTORY_RECORD_H

/* One thing to be written, with all that it takes: what stands in the queue between the guard and
 * the thread that writes. Internal to the room. */

#include "history/database.h"
#include "model/blocker.h"
#include "model/incident_record.h"

#include <glib.h>

typedef enum {
	RECORD_INCIDENT,
	RECORD_STATEMENT,
	RECORD_ACT,
	RECORD_SETTLED_ACT,
	RECORD_NOTICE,
	RECORD_SAMPLE,
	RECORD_END, /* of an incident that nobody goes on with */
} RecordKind;

typedef struct Record Record;

/* Copies. */
Record *record_of_incident(const Incident *incident, IncidentEventKind event);
Record *record_of_statement(const StatementRecord *statement);
Record *record_of_act(const ActRecord *act, gint64 id);
Record *record_of_settled_act(const ActRecord *act, gint64 id);
Record *record_of_notice(const NoticeRecord *notice);
Record *record_of_sample(const char *server, gint64 at, const Blocker *const *blockers, guint n);
Record *record_of_end(gint64 incident);
void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

/* Whether it may be given up before others are. */
gboolean record_is_dispensable(const Record *record);

/* In a transaction of the caller's. */
gboolean record_write(const Record *record, Database *database, GError **error);

#endif
