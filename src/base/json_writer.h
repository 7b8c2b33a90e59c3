#ifndef PGUNLOCK_BASE_JSON_WRITER_H
#define PGUNLOCK_BASE_JSON_WRITER_H

/*
 * Writes JSON as it is told, member by member, in the order of the calls. Strings are repaired to
 * valid UTF-8, and what text_append_safe would not let through to a terminal is written as \u
 * escapes, which read back the same; numbers are exact decimals. Wrong nesting (a value without a
 * key inside an object, an end without a begin) is a programming error and aborts.
 */

#include <glib.h>

typedef struct JsonWriter JsonWriter;

/* Appends to out, which must outlive the writer. With pretty, two blanks of indent a level and one
 * member a line; without, one line. */
JsonWriter *json_writer_new(GString *out, gboolean pretty);
/* The document must be complete, or not begun. Adds no newline. */
void json_writer_free(JsonWriter *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonWriter, json_writer_free)

void json_begin_object(JsonWriter *json);
void json_end_object(JsonWriter *json);
void json_begin_array(JsonWriter *json);
void json_end_array(JsonWriter *json);
void json_key(JsonWriter *json, const char *name);

void json_null(JsonWriter *json);
void json_bool(JsonWriter *json, gboolean value);
void json_int(JsonWriter *json, gint64 value);
/* NULL gives null. Any bytes. */
void json_string(JsonWriter *json, const char *value);
/* A duration in microseconds as a number of seconds with up to six decimals, no trailing
 * zeros: 12.3, 0.000001, 5. */
void json_seconds(JsonWriter *json, gint64 duration_us);
/* RFC 3339 with microseconds; TIMESTAMP_NONE gives null. */
void json_timestamp(JsonWriter *json, gint64 timestamp_us);

/* A key and its value in one. */
void json_key_null(JsonWriter *json, const char *name);
void json_key_bool(JsonWriter *json, const char *name, gboolean value);
void json_key_int(JsonWriter *json, const char *name, gint64 value);
void json_key_string(JsonWriter *json, const char *name, const char *value);
void json_key_seconds(JsonWriter *json, const char *name, gint64 duration_us);
void json_key_timestamp(JsonWriter *json, const char *name, gint64 timestamp_us);

#endif
