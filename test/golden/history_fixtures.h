#ifndef PGUNLOCK_TEST_HISTORY_FIXTURES_H
#define PGUNLOCK_TEST_HISTORY_FIXTURES_H

/* Incidents that a guard may have recorded, hostile ones among them. */

#include "model/incident_record.h"

#include <glib.h>

/* Of IncidentRecord with all waiters, the latest first; the caller's. */
GPtrArray *history_fixtures(void);

/* Acts that belong to no incident: of ActRecord, the latest first; the caller's. */
GPtrArray *history_act_fixtures(void);

#endif
