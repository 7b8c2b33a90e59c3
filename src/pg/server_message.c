#include "pg/server_message.h"

#include "base/text.h"

#include <string.h>

char *libpq_message_text(const char *message)
{
	gsize length = message != NULL ? strcspn(message, "\n") : 0;

	if (length == 0)
		return g_strdup("no reason given");
	return text_repair(message, length);
}

char *server_message_text(const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (message == NULL)
		return libpq_message_text(PQresultErrorMessage(result));
	g_autofree char *text = text_repair(message, strlen(message));

	g_strdelimit(text, "\n", ' ');
	return sqlstate != NULL ? g_strdup_printf("%s (%s)", text, sqlstate) : g_steal_pointer(&text);
}
