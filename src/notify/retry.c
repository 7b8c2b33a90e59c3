#include "notify/retry.h"

#include "base/duration.h"

#include <libsoup/soup.h>

WebhookAnswer webhook_answer(guint status)
{
	if (status >= 200 && status < 300)
		return ANSWER_TAKEN;
	if (status == 408 || status == 425 || status == 429 || status >= 500)
		return ANSWER_LATER;
	return ANSWER_REFUSED;
}

gint64 retry_delay_us(guint attempts, gint64 first_us, gint64 longest_us, double chance,
                      gint64 asked_us)
{
	gint64 delay_us = MIN(first_us, longest_us);

	for (guint i = 1; i < attempts && delay_us < longest_us; i++)
		delay_us = MIN(delay_us * 2, longest_us);
	gint64 certain_us = delay_us / 2;
	gint64 by_chance_us = delay_us - certain_us;
	delay_us = certain_us + (gint64) (chance * (double) by_chance_us);
	return MAX(delay_us, asked_us);
}

gint64 retry_after_us(const char *value, gint64 now_s)
{
	guint64 seconds;

	if (value == NULL)
		return -1;
	if (g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT32, &seconds, NULL))
		return (gint64) seconds * DURATION_SECOND;
	g_autoptr(GDateTime) date = soup_date_time_new_from_http_string(value);
	if (date == NULL)
		return -1;
	return MAX(g_date_time_to_unix(date) - now_s, 0) * DURATION_SECOND;
}
