#include "guard/service.h"

#include "base/duration.h"
#include "base/text.h"

#include <systemd/sd-daemon.h>

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_status(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_autofree char *safe = text_safe(text);
	sd_notifyf(0, "STATUS=%s", safe);
}

static gboolean on_watchdog(G_GNUC_UNUSED gpointer data)
{
	sd_notify(0, "WATCHDOG=1");
	return G_SOURCE_CONTINUE;
}

guint service_watchdog_start(void)
{
	guint64 limit_us;

	if (sd_watchdog_enabled(0, &limit_us) <= 0)
		return 0;
	on_watchdog(NULL);
	return g_timeout_add((guint) MAX(limit_us / 2 / DURATION_MS, 1), on_watchdog, NULL);
}
