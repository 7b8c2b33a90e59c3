#ifndef PGUNLOCK_RENDER_NOTICE_WORDS_H
#define PGUNLOCK_RENDER_NOTICE_WORDS_H

/* The sentences of a notice, and the bounds of what a server said in it. */

#include "render/notice.h"

#include <glib.h>

/* Characters. A statement can be a megabyte, and a receiver takes some ten thousand. */
#define NOTICE_MAX_QUERY 2000
#define NOTICE_MAX_TEXT 500
/* And in a sentence, where a name or a value of a key is not all that is to be read. */
#define NOTICE_MAX_NAME 100
#define NOTICE_MAX_TARGET 200

/* Where the text is going. */
typedef enum {
	MARKUP_PLAIN,
	MARKUP_CHAT, /* Slack's: & < > as entities, what a server said in a code span */
} Markup;

/* The beginning of a text of any bytes, valid UTF-8 of at most max_chars characters; never read
 * further than that. NULL for NULL. is_cut may be NULL. Free with g_free. */
char *notice_cut(const char *bytes, guint max_chars, gboolean *is_cut);

/* What a server said: cut (with "…" for the rest), safe, and marked up. */
void notice_append_foreign(GString *out, const char *bytes, guint max_chars, Markup markup);
/* The same without the code span, for a place that is one already. */
void notice_append_escaped(GString *out, const char *bytes, guint max_chars, Markup markup);

/* See notice_headline. */
void notice_append_headline(GString *out, const Notice *notice, Markup markup);

/* "idle in transaction for 9m03s", "active": what the session does; appends nothing when it isn't
 * known. */
void notice_append_state(GString *out, const Notice *notice, Markup markup);

/* "error", "warning", "notice", "info": notice_priority as a word. */
const char *notice_priority_name(const Notice *notice);

/* The id in JSON: "pid:4711", "gid:NAME", "xid:731". Free with g_free. */
char *notice_session_id(const NoticeSession *session);

/* Whether the notice is about a session, and has numbers of those behind it. */
gboolean notice_has_session(const Notice *notice);
/* Whether it tells of an act and what came of it (not in a dry run). */
gboolean notice_has_act(const Notice *notice);
gboolean notice_has_result(const Notice *notice);

#endif
