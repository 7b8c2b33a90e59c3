#ifndef PGUNLOCK_TEST_PROCESS_FIXTURES_H
#define PGUNLOCK_TEST_PROCESS_FIXTURES_H

/* Fixtures with processes of the server that replay, replicate, build. */

#include "model/snapshot.h"

Snapshot *fixture_standby(void);
Snapshot *fixture_standby_paused(void);
Snapshot *fixture_standby_reader(void);
Snapshot *fixture_concurrent_build(void);

#endif
