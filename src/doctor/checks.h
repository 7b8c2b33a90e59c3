#ifndef PGUNLOCK_DOCTOR_CHECKS_H
#define PGUNLOCK_DOCTOR_CHECKS_H

/* What each setting should be, and why: one table. */

#include "doctor/doctor.h"

#include <glib.h>

typedef enum {
	SETTING_TIME,  /* between least and most milliseconds */
	SETTING_COUNT, /* between least and most */
	SETTING_ON,
} SettingKind;

/* Whose sessions it is judged for. */
typedef enum {
	FOR_THE_SERVER,   /* one value for all */
	FOR_ALL_SESSIONS, /* the server's value; where that is bad or overridden, each role's */
	FOR_APPLICATIONS, /* roles that are connected now and are no superusers; not right for all */
	FOR_OWNERS,       /* roles that own tables of this database: they run DDL; not right for all */
} SettingScope;

typedef struct {
	const char *name;
	SettingKind kind;
	SettingScope scope;
	gboolean only_on_standby;
	DoctorStatus if_bad; /* how bad it is */
	double least;        /* what is below counts as bad, so does 0 where it means "never" */
	double most;
	const char *zero;   /* what 0 means, for people; NULL: nothing special */
	const char *wanted; /* for people */
	const char *mended; /* the value that mends it, as it is typed */
	const char *why;
} SettingCheck;

guint setting_checks_n(void);
const SettingCheck *setting_checks_get(guint index);

#endif
