#include "model/incident_record.h"

#include "base/text.h"

#include <string.h>

StatementRecord *statement_record_copy(const StatementRecord *record)
{
	StatementRecord *copy = g_new(StatementRecord, 1);

	*copy = *record;
	copy->session = g_strdup(record->session);
	copy->statement = g_strdup(record->statement);
	return copy;
}

void statement_record_free(StatementRecord *record)
{
	if (record == NULL)
		return;
	g_free(record->session);
	g_free(record->statement);
	g_free(record);
}

ActRecord *act_record_copy(const ActRecord *record)
{
	ActRecord *copy = g_new(ActRecord, 1);

	*copy = *record;
	copy->server = g_strdup(record->server);
	copy->act = g_strdup(record->act);
	copy->by = g_strdup(record->by);
	copy->session = g_strdup(record->session);
	copy->session_id = g_strdup(record->session_id);
	copy->result = g_strdup(record->result);
	copy->message = g_strdup(record->message);
	return copy;
}

void act_record_free(ActRecord *record)
{
	if (record == NULL)
		return;
	g_free(record->server);
	g_free(record->act);
	g_free(record->by);
	g_free(record->session);
	g_free(record->session_id);
	g_free(record->result);
	g_free(record->message);
	g_free(record);
}

NoticeRecord *notice_record_copy(const NoticeRecord *record)
{
	NoticeRecord *copy = g_new(NoticeRecord, 1);

	*copy = *record;
	copy->server = g_strdup(record->server);
	copy->event = g_strdup(record->event);
	copy->notifier = g_strdup(record->notifier);
	copy->message = g_strdup(record->message);
	return copy;
}

void notice_record_free(NoticeRecord *record)
{
	if (record == NULL)
		return;
	g_free(record->server);
	g_free(record->event);
	g_free(record->notifier);
	g_free(record->message);
	g_free(record);
}

IncidentRecord *incident_record_new(Incident *incident)
{
	IncidentRecord *record = g_new0(IncidentRecord, 1);

	record->incident = incident;
	record->statements = g_ptr_array_new_with_free_func((GDestroyNotify) statement_record_free);
	record->acts = g_ptr_array_new_with_free_func((GDestroyNotify) act_record_free);
	record->notices = g_ptr_array_new_with_free_func((GDestroyNotify) notice_record_free);
	return record;
}

void incident_record_free(IncidentRecord *record)
{
	if (record == NULL)
		return;
	incident_free(record->incident);
	g_ptr_array_unref(record->statements);
	g_ptr_array_unref(record->acts);
	g_ptr_array_unref(record->notices);
	g_free(record);
}

char *history_option_text(const char *path)
{
	if (path == NULL || strcmp(path, HISTORY_DEFAULT_PATH) == 0)
		return g_strdup("");
	g_autofree char *quoted = text_shell_quote(path);

	return g_strconcat(" --history ", quoted, NULL);
}
