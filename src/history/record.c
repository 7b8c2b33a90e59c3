#include "history/record.h"

#include "history/blocker_json.h"
#include "history/store.h"

typedef struct {
	char *server;
	gint64 at;
	char *blockers;
} Sample;

struct Record {
	RecordKind kind;
	gboolean is_dispensable;
	union {
		Incident *incident;
		StatementRecord *statement;
		ActRecord *act; /* also of a settled one */
		NoticeRecord *notice;
		Sample sample;
		gint64 id;
	} of;
};

static Record *record_new(RecordKind kind, gboolean is_dispensable)
{
	Record *record = g_new0(Record, 1);

	record->kind = kind;
	record->is_dispensable = is_dispensable;
	return record;
}

Record *record_of_incident(const Incident *incident, IncidentEventKind event)
{
	/* That it ended brings all waiters once more: whatever was given up before is made up for. */
	Record *record = record_new(RECORD_INCIDENT, event == INCIDENT_CHANGED);

	record->of.incident = incident_copy(incident, event == INCIDENT_CHANGED);
	return record;
}

Record *record_of_statement(const StatementRecord *statement)
{
	Record *record = record_new(RECORD_STATEMENT, TRUE);

	record->of.statement = statement_record_copy(statement);
	return record;
}

static Record *record_with_act(RecordKind kind, const ActRecord *act, gint64 id)
{
	Record *record = record_new(kind, FALSE);

	record->of.act = act_record_copy(act);
	record->of.act->id = id;
	return record;
}

Record *record_of_act(const ActRecord *act, gint64 id)
{
	return record_with_act(RECORD_ACT, act, id);
}

Record *record_of_settled_act(const ActRecord *act, gint64 id)
{
	return record_with_act(RECORD_SETTLED_ACT, act, id);
}

Record *record_of_notice(const NoticeRecord *notice)
{
	Record *record = record_new(RECORD_NOTICE, TRUE);

	record->of.notice = notice_record_copy(notice);
	return record;
}

Record *record_of_sample(const char *server, gint64 at, const Blocker *const *blockers, guint n)
{
	Record *record = record_new(RECORD_SAMPLE, TRUE);

	record->of.sample =
	    (Sample){.server = g_strdup(server), .at = at, .blockers = blockers_to_json(blockers, n)};
	return record;
}

Record *record_of_end(gint64 incident)
{
	Record *record = record_new(RECORD_END, FALSE);

	record->of.id = incident;
	return record;
}

void record_free(Record *record)
{
	if (record == NULL)
		return;
	switch (record->kind) {
	case RECORD_INCIDENT:
		incident_free(record->of.incident);
		break;
	case RECORD_STATEMENT:
		statement_record_free(record->of.statement);
		break;
	case RECORD_ACT:
	case RECORD_SETTLED_ACT:
		act_record_free(record->of.act);
		break;
	case RECORD_NOTICE:
		notice_record_free(record->of.notice);
		break;
	case RECORD_SAMPLE:
		g_free(record->of.sample.server);
		g_free(record->of.sample.blockers);
		break;
	case RECORD_END:
		break;
	}
	g_free(record);
}

gboolean record_is_dispensable(const Record *record)
{
	return record->is_dispensable;
}

gboolean record_write(const Record *record, Database *database, GError **error)
{
	switch (record->kind) {
	case RECORD_INCIDENT:
		return store_put_incident(database, record->of.incident, error);
	case RECORD_STATEMENT:
		return store_put_statement(database, record->of.statement, error);
	case RECORD_ACT:
		return store_put_act(database, record->of.act, error);
	case RECORD_SETTLED_ACT:
		return store_settle_act(database, record->of.act, error);
	case RECORD_NOTICE:
		return store_put_notice(database, record->of.notice, error);
	case RECORD_SAMPLE:
		return store_put_sample(database, record->of.sample.server, record->of.sample.at,
		                        record->of.sample.blockers, error);
	case RECORD_END:
		break;
	}
	return store_end_incident(database, record->of.id, error);
}
