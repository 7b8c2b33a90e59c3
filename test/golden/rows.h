#ifndef PGUNLOCK_TEST_GOLDEN_ROWS_H
#define PGUNLOCK_TEST_GOLDEN_ROWS_H

/* Rows as they would have been read on the server of a fixture. */

#include "model/row_set.h"
#include "model/snapshot.h"

/* Whether anybody has a row's tuple lock or waits for it. */
gboolean rows_has_any(const Snapshot *snapshot);

/* Those rows, held by whoever holds the first transaction id; besides one that is free, one whose
 * holder is nobody in the look, and one whose key is nasty. More match. */
RowSet *rows_of(const Snapshot *snapshot);
/* No row matches. */
RowSet *rows_none(void);

#endif
