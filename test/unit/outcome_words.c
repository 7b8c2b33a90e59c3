#include "outcome_words.h"

#include <string.h>

#define ROWS_TABLE 500
#define TABLE 600
#define TRANSACTION_OF(pid) (600u + (guint32) (pid))

static const struct {
	const char *word;
	const char *state;
	double xact_age, query_age;
	gboolean holds;
	const char *locks;
	double rest_age; /* 0: since when it is in that state isn't known */
} words_of_states[] = {
    {"holds", "idle in transaction", 600, 500, TRUE, ""},
    {"sits", "idle in transaction", 600, 500, TRUE, "", 500},
    {"pauses", "idle in transaction", 600, 500, TRUE, "", 0.5},
    {"works", "active", 600, 500, TRUE, ""},
    {"works2", "active", 600, 5, TRUE, ""},
    {"savepoint", "idle in transaction (aborted)", 600, 500, TRUE, ""},
    {"stale", "idle", -1, 500, TRUE, ""},
    {"stays", "idle in transaction", 600, 500, FALSE, ""},
    {"rolledback", "idle", -1, 500, FALSE, ""},
    {"first", "active", 60, 60, FALSE, "tuple,wants-first"},
    {"second", "active", 60, 60, FALSE, "tuple,wants-second"},
    {"line", "active", 60, 60, FALSE, "wants-tuple"},
    {"runs", "active", 60, 60, FALSE, ""},
    {"done", "idle", -1, 60, FALSE, ""},
    {"owner", "idle in transaction", 60, 60, TRUE, ""},
    {"failed", "idle in transaction (aborted)", 60, 60, FALSE, ""},
    {"next", "active", 5, 5, FALSE, ""},
    {"again", "active", 5, 5, FALSE, "wants-tuple"},
    {"other", "active", 5, 5, FALSE, ""},
};

static const struct {
	const char *word;
	LockTag tag;
	const char *mode;
	gboolean waits;
} words_of_locks[] = {
    {"table", {.type = LOCK_TYPE_RELATION, .relation = TABLE}, "AccessExclusiveLock", FALSE},
    {"wants-table", {.type = LOCK_TYPE_RELATION, .relation = TABLE}, "AccessExclusiveLock", TRUE},
    {"reads", {.type = LOCK_TYPE_RELATION, .relation = TABLE}, "AccessShareLock", FALSE},
    {"wants-read", {.type = LOCK_TYPE_RELATION, .relation = TABLE}, "AccessShareLock", TRUE},
    {"key", {.type = LOCK_TYPE_ADVISORY, .objid = 42, .objsubid = 1}, "ExclusiveLock", FALSE},
    {"wants-key", {.type = LOCK_TYPE_ADVISORY, .objid = 42, .objsubid = 1}, "ExclusiveLock", TRUE},
    {"tuple", {.type = LOCK_TYPE_TUPLE, .relation = ROWS_TABLE}, "ExclusiveLock", FALSE},
    {"wants-tuple", {.type = LOCK_TYPE_TUPLE, .relation = ROWS_TABLE}, "ExclusiveLock", TRUE},
    {"wants-first",
     {.type = LOCK_TYPE_TRANSACTIONID, .transaction = TRANSACTION_OF(100)},
     "ShareLock",
     TRUE},
    {"wants-second",
     {.type = LOCK_TYPE_TRANSACTIONID, .transaction = TRANSACTION_OF(101)},
     "ShareLock",
     TRUE},
};

static void add_locks(Scene *scene, gint32 pid, const char *words)
{
	g_auto(GStrv) each = g_strsplit(words, ",", -1);

	for (char **word = each; *word; word++) {
		gsize i = 0;

		while (i < G_N_ELEMENTS(words_of_locks) && strcmp(words_of_locks[i].word, *word) != 0)
			i++;
		g_assert_cmpuint(i, <, G_N_ELEMENTS(words_of_locks));
		/* who has the lower pid came first */
		scene_lock(scene, pid, words_of_locks[i].tag, words_of_locks[i].mode,
		           words_of_locks[i].waits ? 1000 - pid : GRANTED);
	}
}

static gint64 ago(double seconds)
{
	return seconds < 0 ? G_MININT64 : SCENE_NOW - (gint64) (seconds * G_USEC_PER_SEC);
}

static void add_session(Scene *scene, gint32 pid, const char *word)
{
	Session session = scene_blank_session(pid);
	gsize i = 0;

	while (i < G_N_ELEMENTS(words_of_states) && strcmp(words_of_states[i].word, word) != 0)
		i++;
	g_assert_cmpuint(i, <, G_N_ELEMENTS(words_of_states));
	session.state_text = words_of_states[i].state;
	session.xact_start = ago(words_of_states[i].xact_age);
	session.query_start = ago(words_of_states[i].query_age);
	if (words_of_states[i].rest_age > 0)
		session.state_change = ago(words_of_states[i].rest_age);
	if (strcmp(word, "other") == 0)
		session.backend_start += 1;
	snapshot_builder_add_session(scene->builder, &session);
	if (words_of_states[i].holds) {
		scene_lock(scene, pid, tag_transaction(TRANSACTION_OF(pid)), "ExclusiveLock", GRANTED);
		scene_lock(scene, pid, tag_relation(ROWS_TABLE), "RowExclusiveLock", GRANTED);
	}
	add_locks(scene, pid, words_of_states[i].locks);
}

Planned look_of(const char *words)
{
	Scene scene;
	g_auto(GStrv) sessions = g_strsplit(words, " ", -1);

	scene_begin(&scene, 150000);
	for (char **it = sessions; *it && **it; it++) {
		g_auto(GStrv) parts = g_strsplit_set(*it, ":,", 3);
		gint32 pid = (gint32) g_ascii_strtoll(parts[0], NULL, 10);

		if (strcmp(parts[1], "gone") == 0)
			continue;
		add_session(&scene, pid, parts[1]);
		if (parts[2])
			add_locks(&scene, pid, parts[2]);
	}
	return planned_look(&scene);
}

Outcome *outcome_of(PlanCommand command, const char *sessions, const char *words)
{
	g_auto(Planned) look = look_of(words);
	g_autoptr(GPtrArray) named = sessions ? sessions_named(sessions) : NULL;

	planned_make(&look,
	             &(Selection){.command = command, .sessions = named, .all = sessions == NULL});
	g_assert_no_error(look.error);
	return outcome_new(look.plan);
}

void observe(Outcome *outcome, const char *words, gint64 at_us)
{
	g_auto(Planned) look = look_of(words);

	outcome_observe(outcome, look.graph, at_us);
}
