#ifndef PGUNLOCK_TEST_DOCTOR_DOCUMENTS_H
#define PGUNLOCK_TEST_DOCTOR_DOCUMENTS_H

/* Servers for the doctor to look at. */

#include "doctor/doctor.h"

typedef struct {
	const char *name;
	Snapshot *(*look)(void);
	ServerConfig *(*config)(void);
} DoctorFixture;

extern const DoctorFixture doctor_fixtures[];
extern const guint n_doctor_fixtures;

#endif
