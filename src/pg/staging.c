#include "pg/staging.h"

#include "pg/request.h"

typedef struct {
	PgStagingDone done;
	gpointer user_data;
} Staging;

static void on_done(PgRequest *request, GError *error, gpointer data)
{
	Staging staging = *(Staging *) data;

	g_free(data);
	if (!error)
		pg_result_check(pg_request_result(request, 0), "playing the application", &error);
	staging.done(error, staging.user_data);
}

void pg_stage(PgConnection *connection, StagingStep step, gint64 timeout_us, PgStagingDone done,
              gpointer user_data)
{
	static const StatementId statements[] = {
	    [STAGE_TABLE] = STATEMENT_STAGE_TABLE,
	    [STAGE_USERS] = STATEMENT_STAGE_USERS,
	    [STAGE_APPLICATION] = STATEMENT_STAGE_APPLICATION,
	    [STAGE_BEGIN] = STATEMENT_STAGE_BEGIN,
	    [STAGE_LOGIN] = STATEMENT_STAGE_LOGIN,
	};
	PgRequest *request = pg_request_new(connection, "playing the application");
	Staging *staging = g_new(Staging, 1);

	*staging = (Staging){done, user_data};
	pg_request_add(request, statements[step], NULL);
	pg_request_send(request, timeout_us, on_done, staging, g_free);
}
