#include "base/duration.h"
#include "base/json_writer.h"
#include "base/timestamp.h"
#include "model/incident_record.h"
#include "render/notice.h"
#include "render/notice_json.h"
#include "render/notice_words.h"

/* The bar beside a message, by notice_priority_name. */
static const char *color(const Notice *notice)
{
	static const struct {
		int priority;
		const char *color;
	} colors[] = {{3, "#c62828"}, {4, "#ef8f00"}, {5, "#1565c0"}, {6, "#2e7d32"}};

	for (guint i = 0; i < G_N_ELEMENTS(colors); i++) {
		if (notice_priority(notice) <= colors[i].priority)
			return colors[i].color;
	}
	return colors[G_N_ELEMENTS(colors) - 1].color;
}

/* The facts in a table below the sentence: title and value, side by side where there is room. A
 * writer that appends nothing has nothing to say. */

static void field_state(GString *out, const Notice *notice)
{
	notice_append_state(out, notice, MARKUP_CHAT);
}

static void field_transaction(GString *out, const Notice *notice)
{
	if (notice->session.xact_start == TIMESTAMP_NONE || notice->seen_at == TIMESTAMP_NONE)
		return;
	g_autofree char *age =
	    duration_to_text(timestamp_age(notice->seen_at, notice->session.xact_start));
	g_string_append_printf(out, "open for %s", age);
}

static void append_if_any(GString *out, const char *text)
{
	if (text != NULL && *text != '\0')
		notice_append_foreign(out, text, NOTICE_MAX_NAME, MARKUP_CHAT);
}

static void field_database(GString *out, const Notice *notice)
{
	append_if_any(out, notice->session.database);
}

static void field_rule(GString *out, const Notice *notice)
{
	append_if_any(out, notice->rule);
}

static void field_more(GString *out, const Notice *notice)
{
	if (notice->incident <= 0)
		return;
	g_autofree char *file = history_option_text(notice->history);
	g_autofree char *command =
	    g_strdup_printf("pgunlock history show %" G_GINT64_FORMAT "%s", notice->incident, file);
	notice_append_foreign(out, command, NOTICE_MAX_TEXT, MARKUP_CHAT);
}

static const struct {
	const char *title;
	void (*append)(GString *out, const Notice *notice);
} fields[] = {
    {"State", field_state},       {"Transaction", field_transaction},
    {"Database", field_database}, {"Rule", field_rule},
    {"More", field_more},
};

static void write_fields(JsonWriter *json, const Notice *notice)
{
	g_autoptr(GString) value = g_string_new(NULL);

	json_key(json, "fields");
	json_begin_array(json);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_string_truncate(value, 0);
		fields[i].append(value, notice);
		if (value->len == 0)
			continue;
		json_begin_object(json);
		json_key_string(json, "title", fields[i].title);
		json_key_string(json, "value", value->str);
		json_key_bool(json, "short", TRUE);
		json_end_object(json);
	}
	json_end_array(json);
}

/* The statement in a code block. Mattermost takes what follows the quotes on their line for the
 * name of a language, hence the newlines. */
static void key_statement(JsonWriter *json, const Notice *notice)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (notice->session.query != NULL && *notice->session.query != '\0') {
		g_string_append(text, "```\n");
		notice_append_escaped(text, notice->session.query, NOTICE_MAX_TEXT, MARKUP_CHAT);
		g_string_append(text, "\n```");
	}
	json_key_string(json, "text", text->str);
}

void render_notice_webhook(GString *out, const Notice *notice)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	g_autoptr(GString) headline = g_string_new(NULL);

	notice_append_headline(headline, notice, MARKUP_CHAT);
	json_begin_object(json);
	json_key_string(json, "text", headline->str);
	json_key(json, "attachments");
	json_begin_array(json);
	json_begin_object(json);
	json_key_string(json, "color", color(notice));
	key_statement(json, notice);
	write_fields(json, notice);
	json_key(json, "mrkdwn_in");
	json_begin_array(json);
	json_string(json, "text");
	json_string(json, "fields");
	json_end_array(json);
	json_key_string(json, "footer", "pgunlock guard");
	json_key_int(json, "ts", notice->at / DURATION_SECOND);
	json_end_object(json);
	json_end_array(json);
	json_key(json, "pgunlock");
	notice_write_json(json, notice);
	json_end_object(json);
}
