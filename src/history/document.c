#include "history/document.h"

#include "base/timestamp.h"

#include <string.h>

#define JSON_WHITE " \t\n\r"

struct Document {
	JsonParser *parser;
	JsonObject *root;
};

/* Where the string ends that begins at text, behind its closing quote; the end of an open one. */
static const char *skip_string(const char *text)
{
	for (text++; *text != '\0' && *text != '"'; text++)
		if (*text == '\\' && text[1] != '\0')
			text++;
	return *text == '"' ? text + 1 : text;
}

/* Whether it is one object and nothing after it, if it is valid at all. json-glib takes one value
 * after the other, and leaks all but the last of them; it takes comments and other quotes as well,
 * in which this couldn't see where the object ends. */
static gboolean is_one_object(const char *text)
{
	guint depth = 0;

	text += strspn(text, JSON_WHITE);
	if (*text != '{')
		return FALSE;
	do {
		if (*text == '{')
			depth++;
		else if (*text == '}')
			depth--;
		else if (*text == '\0' || strchr("/#'", *text) != NULL)
			return FALSE;
		text = *text == '"' ? skip_string(text) : text + 1;
	} while (depth > 0);
	return text[strspn(text, JSON_WHITE)] == '\0';
}

Document *document_parse(const char *text)
{
	if (text == NULL || !is_one_object(text))
		return NULL;
	g_autoptr(Document) document = g_new0(Document, 1);

	document->parser = json_parser_new_immutable();
	if (!json_parser_load_from_data(document->parser, text, -1, NULL))
		return NULL;
	JsonNode *root = json_parser_get_root(document->parser);

	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	document->root = json_node_get_object(root);
	return g_steal_pointer(&document);
}

void document_free(Document *document)
{
	if (document == NULL)
		return;
	g_object_unref(document->parser);
	g_free(document);
}

JsonObject *document_root(const Document *document)
{
	return document->root;
}

/* NULL also for null. */
static JsonNode *member(JsonObject *object, const char *name)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	return node != NULL && !JSON_NODE_HOLDS_NULL(node) ? node : NULL;
}

static gboolean holds(JsonNode *node, GType type)
{
	return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

const char *member_text(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	return holds(node, G_TYPE_STRING) ? json_node_get_string(node) : NULL;
}

gint64 member_int(JsonObject *object, const char *name, gint64 unknown)
{
	JsonNode *node = member(object, name);

	return holds(node, G_TYPE_INT64) ? json_node_get_int(node) : unknown;
}

gint64 member_time(JsonObject *object, const char *name)
{
	return member_int(object, name, TIMESTAMP_NONE);
}

gboolean member_bool(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	return holds(node, G_TYPE_BOOLEAN) && json_node_get_boolean(node);
}

JsonObject *member_object(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

JsonArray *member_array(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

guint array_length(JsonArray *array)
{
	return array != NULL ? json_array_get_length(array) : 0;
}

JsonObject *array_object(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

const char *array_text(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return holds(node, G_TYPE_STRING) ? json_node_get_string(node) : NULL;
}
