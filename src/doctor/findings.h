#ifndef PGUNLOCK_DOCTOR_FINDINGS_H
#define PGUNLOCK_DOCTOR_FINDINGS_H

/* What an examination has found so far. */

#include "doctor/doctor.h"

typedef struct {
	const Snapshot *snapshot;
	const ServerConfig *config;
	GPtrArray *checks; /* of DoctorCheck */
} Findings;

/* A check with these texts, copied. found is taken over, so is sql (which may be NULL, and is
 * dropped when all is well). */
void findings_add(const Findings *findings, DoctorCheck check);

/* Adds those of the settings; of prepared transactions, our role, extensions. */
void findings_examine_settings(const Findings *findings);
void findings_examine_others(const Findings *findings);

#endif
