#ifndef PGUNLOCK_GUARD_SERVICE_H
#define PGUNLOCK_GUARD_SERVICE_H

/*
 * What systemd is told (sd_notify(3)). Outside of a service with Type=notify each of these does
 * nothing.
 */

#include <glib.h>

/* The guard watches: call once it is set up, whether or not its servers can be reached. */
void service_ready(void);
/* Around a reload: systemd 253 and later want the moment at which it began (Type=notify-reload). */
void service_reloading(void);
void service_stopping(void);
/* What `systemctl status` shows: one line, made safe. */
void service_status(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Tells systemd from the default main context, twice in each WatchdogSec, that the loop turns. The
 * id of the source, for g_source_remove; 0 when no watchdog is wanted. */
guint service_watchdog_start(void);

#endif
