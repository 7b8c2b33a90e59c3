#include "render/role_words.h"

#include <string.h>

#define SERVERS "[server main]\nconninfo = x\n[server other]\nconninfo = y\n"
#define ENDS "[rule ends]\naction = terminate\n"
#define ENDS_TOO "[rule ends-too]\naction = cancel\n"
#define ENDS_ELSEWHERE "[rule elsewhere]\nserver = other\naction = terminate\n"
#define ROLLS_BACK "[rule back]\naction = rollback_prepared\n"
#define ROLLS_OWN_BACK "[rule back]\nuser = guard\naction = rollback_prepared\n"
#define ENDS_WORKERS "[rule workers]\nbackend_type = autovacuum*\naction = cancel\n"

#define BLIND                                                                                      \
	"doesn't see what sessions of other roles do, or since when, so that rules which ask for "     \
	"that can't be judged and nothing is done to any of them"
#define NO_END "may end no session of another role, as it would have to for "
#define NOT_BACK                                                                                   \
	"role guard may roll back only prepared transactions of its own, and rule back is about "      \
	"others: that takes their owner, or a superuser"

#define ALL                                                                                        \
	.known = TRUE, .has_signal_backend = TRUE, .has_read_all_stats = TRUE,                         \
	.has_signal_autovacuum_worker = TRUE

static const struct {
	const char *rules;
	const char *user;
	int version_num;
	OwnPrivileges own;
	const char *expected; /* texts, a line each; "" for none */
} cases[] = {
    {ENDS, "guard", 150000, {ALL}, ""},
    {ENDS, "guard", 150000, {.known = FALSE}, ""},
    {ENDS ROLLS_BACK, "postgres", 150000, {.known = TRUE, .is_superuser = TRUE}, ""},
    {ENDS,
     "guard",
     150000,
     {.known = TRUE},
     "role guard " BLIND ", and " NO_END
     "rule ends: GRANT pg_read_all_stats, pg_signal_backend TO guard;\n"},
    {ENDS,
     "On call",
     150000,
     {.known = TRUE, .has_signal_backend = TRUE},
     "role \"On call\" " BLIND ": GRANT pg_read_all_stats TO \"On call\";\n"},
    {ENDS ENDS_TOO ENDS_ELSEWHERE,
     "guard",
     180000,
     {.known = TRUE, .has_read_all_stats = TRUE, .lacks_inheritance = TRUE},
     "role guard " NO_END "rule ends and 1 other: GRANT pg_signal_backend TO guard WITH INHERIT "
     "TRUE;\n"},
    /* nothing that this server's rules do takes it */
    {"[rule spared]\naction = none\n" ENDS_ELSEWHERE,
     "guard",
     150000,
     {.known = TRUE, .has_read_all_stats = TRUE},
     ""},
    {ROLLS_BACK, "guard", 150000, {ALL}, NOT_BACK "\n"},
    {ROLLS_OWN_BACK, "guard", 150000, {ALL}, ""},
    {ENDS_WORKERS,
     "guard",
     180000,
     {.known = TRUE, .has_read_all_stats = TRUE, .has_signal_backend = TRUE},
     "role guard may end no autovacuum worker, as it would have to for rule workers: GRANT "
     "pg_signal_autovacuum_worker TO guard;\n"},
    {ENDS ENDS_WORKERS,
     "guard",
     170000,
     {.known = TRUE, .has_read_all_stats = TRUE, .has_signal_backend = TRUE},
     ""},
};

static void test_role_lacks_words(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(SERVERS, cases[i].rules, NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(Policy) policy = policy_parse(text, strlen(text), "p.conf", &error);
		const ServerRole role = {
		    .server = "main",
		    .user = cases[i].user,
		    .version_num = cases[i].version_num,
		    .own = cases[i].own,
		};
		g_autoptr(GString) said = g_string_new(NULL);

		g_assert_no_error(error);
		g_autoptr(GPtrArray) texts = role_lacks_words(policy, &role);

		for (guint j = 0; j < texts->len; j++)
			g_string_append_printf(said, "%s\n", (const char *) g_ptr_array_index(texts, j));
		g_assert_cmpstr(said->str, ==, cases[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/render/role-words", test_role_lacks_words);
	return g_test_run();
}
