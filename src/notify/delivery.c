#include "notify/delivery.h"

#include "base/text.h"

const char *notice_fate_name(NoticeFate fate)
{
	static const char *const names[] = {
	    [NOTICE_SENT] = "sent",
	    [NOTICE_FAILED] = "failed",
	    [NOTICE_DROPPED] = "dropped",
	};

	return names[fate];
}

static GBytes *rendered(const Notice *notice, void (*render)(GString *, const Notice *))
{
	GString *out = g_string_new(NULL);

	render(out, notice);
	return g_string_free_to_bytes(out);
}

Delivery *delivery_new(const Notice *notice, gint64 now_us)
{
	Delivery *delivery = g_new0(Delivery, 1);

	delivery->kind = notice->kind;
	delivery->server = g_strdup(notice->server);
	delivery->incident = notice->incident;
	delivery->at = notice->at;
	delivery->message = rendered(notice, render_notice_webhook);
	delivery->document = rendered(notice, render_notice_json);
	delivery->queued_us = now_us;
	delivery->n_lost = notice->kind == NOTICE_NOTICES_LOST ? notice->n_lost : 1;
	return delivery;
}

Delivery *delivery_copy(const Delivery *delivery)
{
	Delivery *copy = g_memdup2(delivery, sizeof(*delivery));

	copy->server = g_strdup(delivery->server);
	g_bytes_ref(copy->message);
	g_bytes_ref(copy->document);
	return copy;
}

void delivery_free(Delivery *delivery)
{
	if (delivery == NULL)
		return;
	g_free(delivery->server);
	g_bytes_unref(delivery->message);
	g_bytes_unref(delivery->document);
	g_free(delivery);
}

typedef struct {
	NoticeReport report;
	char *target;
	char *server;
	char *error;
} Pending;

struct Reports {
	NotifyReportFunc func;
	gpointer data;
	GPtrArray *pending;
	guint source;
};

static void pending_free(gpointer data)
{
	Pending *pending = data;

	g_free(pending->target);
	g_free(pending->server);
	g_free(pending->error);
	g_free(pending);
}

static GPtrArray *new_list(void)
{
	return g_ptr_array_new_with_free_func(pending_free);
}

Reports *reports_new(void)
{
	Reports *reports = g_new0(Reports, 1);

	reports->pending = new_list();
	return reports;
}

void reports_free(Reports *reports)
{
	g_clear_handle_id(&reports->source, g_source_remove);
	g_ptr_array_unref(reports->pending);
	g_free(reports);
}

void reports_set_func(Reports *reports, NotifyReportFunc func, gpointer data)
{
	reports->func = func;
	reports->data = data;
}

void reports_flush(Reports *reports)
{
	g_autoptr(GPtrArray) batch = g_steal_pointer(&reports->pending);

	reports->pending = new_list();
	for (guint i = 0; i < batch->len && reports->func != NULL; i++) {
		const Pending *pending = batch->pdata[i];
		reports->func(&pending->report, reports->data);
	}
}

static gboolean on_idle(gpointer data)
{
	Reports *reports = data;

	reports->source = 0;
	reports_flush(reports);
	return G_SOURCE_REMOVE;
}

void reports_add(Reports *reports, const char *target, const Delivery *delivery, NoticeFate fate,
                 const char *error)
{
	Pending *pending = g_new0(Pending, 1);

	pending->target = g_strdup(target);
	pending->server = g_strdup(delivery->server);
	pending->error = error != NULL ? text_safe(error) : NULL;
	pending->report = (NoticeReport){
	    .target = pending->target,
	    .kind = delivery->kind,
	    .server = pending->server,
	    .incident = delivery->incident,
	    .fate = fate,
	    .attempts = delivery->attempts,
	    .error = pending->error,
	};
	g_ptr_array_add(reports->pending, pending);
	if (reports->source == 0)
		reports->source = g_idle_add(on_idle, reports);
}
