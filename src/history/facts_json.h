#ifndef PGUNLOCK_HISTORY_FACTS_JSON_H
#define PGUNLOCK_HISTORY_FACTS_JSON_H

/* Facts as the file keeps them: JSON of our own (names and numbers as in the structs, times in
 * microseconds), not that of the commands. What can't be read back is not known. */

#include "base/json_writer.h"
#include "history/document.h"
#include "model/lock_target.h"
#include "model/session_facts.h"

#include <glib.h>

/* The caller's; NULL for NULL. */
char *session_facts_to_json(const SessionFacts *facts);
char *lock_target_to_json(const LockTarget *target);
/* Never NULL: from what is no such document a session without a pid. */
SessionFacts *session_facts_from_json(const char *text);
/* NULL for NULL, and for what is no such document. */
LockTarget *lock_target_from_json(const char *text);

/* A tag as a value, and back. */
void lock_tag_write_json(JsonWriter *json, const LockTag *tag);
LockTag lock_tag_read_json(JsonObject *object);

#endif
