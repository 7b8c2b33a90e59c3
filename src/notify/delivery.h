#ifndef PGUNLOCK_NOTIFY_DELIVERY_H
#define PGUNLOCK_NOTIFY_DELIVERY_H

/* A notice on its way to one target, and what is told of it in the end. */

#include "notify/notify.h"

/* Rendered at once, so that nothing of the notice has to be kept. The bytes are shared by all
 * targets. */
typedef struct {
	NoticeKind kind;
	char *server;
	gint64 incident;
	gint64 at;
	GBytes *message;  /* for a webhook */
	GBytes *document; /* for a command */
	gint64 queued_us; /* by the monotonic clock */
	guint attempts;
	/* How many notices are lost with it: a note of lost ones stands for all of these. */
	guint n_lost;
	gboolean is_last_try;
} Delivery;

Delivery *delivery_new(const Notice *notice, gint64 now_us);
Delivery *delivery_copy(const Delivery *delivery);
void delivery_free(Delivery *delivery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Delivery, delivery_free)

/* Reports that wait to be made, from the main loop: whoever gets one may send a notice in turn. */
typedef struct Reports Reports;

Reports *reports_new(void);
void reports_free(Reports *reports);

void reports_set_func(Reports *reports, NotifyReportFunc func, gpointer data);
void reports_add(Reports *reports, const char *target, const Delivery *delivery, NoticeFate fate,
                 const char *error);
/* Makes those at hand now. */
void reports_flush(Reports *reports);

#endif
