#ifndef PGUNLOCK_RENDER_RECORDED_H
#define PGUNLOCK_RENDER_RECORDED_H

/* What was recorded of sessions and targets, in the words and documents in which the living ones
 * are shown. All texts are safe text, to be freed with g_free. */

#include "base/json_writer.h"
#include "model/lock_target.h"
#include "model/session_facts.h"

#include <glib.h>

/* As render_target; "something that isn't known" for NULL. */
char *recorded_target_text(const LockTarget *target);
/* The `target` object as a value; null for NULL. */
void recorded_target_json(JsonWriter *json, const LockTarget *target);

/* "4711", "gid:order-4711"; "a session that isn't known" when not even that is. */
char *recorded_name_text(const SessionFacts *facts);
/* The same of an id as in JSON: "4711" of "pid:4711"; "?" for NULL. */
char *recorded_id_text(const char *id);
/* "login-service", or what kind of process it was; "". */
char *recorded_application_text(const SessionFacts *facts);
/* "app_rw@10.0.3.7 in app". */
char *recorded_client_text(const SessionFacts *facts);
/* The beginning of its statement; "". */
char *recorded_statement_text(const char *statement, guint max_columns);

/* The `recorded_session` object as a value. */
void recorded_session_json(JsonWriter *json, const SessionFacts *facts);

#endif
