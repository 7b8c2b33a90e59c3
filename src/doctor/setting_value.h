#ifndef PGUNLOCK_DOCTOR_SETTING_VALUE_H
#define PGUNLOCK_DOCTOR_SETTING_VALUE_H

/* The values of settings, as pg_settings shows them or as somebody typed them into ALTER ROLE
 * (parse_int and parse_bool in src/backend/utils). */

#include <glib.h>

/* A time in milliseconds; without a unit of its own the number is in unit ("ms", "s", "min"). FALSE
 * when it is none. */
gboolean setting_ms(const char *value, const char *unit, double *ms);
/* A number without a unit. */
gboolean setting_number(const char *value, double *number);
/* "on", "true", "yes", "1" and their beginnings. */
gboolean setting_is_on(const char *value);

#endif
