#ifndef PGUNLOCK_HISTORY_DOCUMENT_H
#define PGUNLOCK_HISTORY_DOCUMENT_H

/* JSON that was written by us, read back: whatever is missing, or of another type than expected,
 * reads as not known. Over json-glib. */

#include <glib.h>
#include <json-glib/json-glib.h>

typedef struct Document Document;

/* NULL when text is NULL or no JSON object. */
Document *document_parse(const char *text);
void document_free(Document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Document, document_free)

JsonObject *document_root(const Document *document);

/* Members of an object, which may be NULL. Texts are borrowed, NULL when not known. */
const char *member_text(JsonObject *object, const char *name);
gint64 member_int(JsonObject *object, const char *name, gint64 unknown);
/* Microseconds since 1970, or TIMESTAMP_NONE. */
gint64 member_time(JsonObject *object, const char *name);
gboolean member_bool(JsonObject *object, const char *name);
JsonObject *member_object(JsonObject *object, const char *name);
/* NULL when there is none. */
JsonArray *member_array(JsonObject *object, const char *name);
/* Elements; a wrong one is NULL. array may be NULL: it has none. */
guint array_length(JsonArray *array);
JsonObject *array_object(JsonArray *array, guint index);
const char *array_text(JsonArray *array, guint index);

#endif
