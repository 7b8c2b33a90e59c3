#ifndef PGUNLOCK_TEST_METRICS_DOCUMENTS_H
#define PGUNLOCK_TEST_METRICS_DOCUMENTS_H

/* The numbers of a guard that has seen something of everything. */

#include "guard/metrics.h"

Metrics *busy_metrics(void);

#endif
