#ifndef PGUNLOCK_DOCTOR_DOCTOR_H
#define PGUNLOCK_DOCTOR_DOCTOR_H

/* Judges how a server is set up for locks and for sessions that keep them. No I/O: facts come as a
 * snapshot (taken with names and privileges) and a config. */

#include "model/server_config.h"
#include "model/snapshot.h"
#include "render/style.h"

#include <glib.h>

typedef enum { DOCTOR_OK, DOCTOR_ADVICE, DOCTOR_PROBLEM } DoctorStatus;

/* Strings are valid UTF-8, not yet safe for a terminal. */
typedef struct {
	char *name; /* of the setting, role or extension */
	DoctorStatus status;
	char *role;     /* whose value it is; NULL: everybody's */
	char *database; /* where; NULL: everywhere */
	char *found;
	char *wanted;
	char *why;
	char *sql; /* what mends it, a statement a line; NULL when all is well, or no SQL would */
} DoctorCheck;

/* Of DoctorCheck, owned: problems first, then advice, in the order of the tables. The caller's. */
GPtrArray *doctor_examine(const Snapshot *snapshot, const ServerConfig *config);

/* The checks as they are printed; JSON without a newline at its end. */
void doctor_text(GString *out, const Snapshot *snapshot, const GPtrArray *checks,
                 const RenderStyle *style);
void doctor_json(GString *out, const Snapshot *snapshot, const GPtrArray *checks, gboolean pretty);

#endif
