#include "base/sql_words.h"

#include <stdlib.h>
#include <string.h>

/* Whether it can stand everywhere as a name: category U of pg_get_keywords(), in all majors. */
typedef enum { QUOTED, BARE } Writing;

/* When it is a keyword for the reader: behind one of these words, of which ";" is the beginning of
 * a statement. Reserved words (R and T) always are, and so are others that nobody calls a column or
 * a table; those that people use as names only where the language expects them. */
#define ALWAYS ""
#define NEVER NULL
#define OBJECT "create alter drop replace unique unlogged temp temporary materialized"

typedef struct {
	const char *word;
	Writing writing;
	const char *behind;
} Word;

/* The keywords of 13 to 18 of which there is something to say (src/include/parser/kwlist.h); a test
 * holds them against those servers. Sorted by bytes. */
/* clang-format off */
static const Word words[] = {
	{"abort", BARE, ";"}, {"access", BARE, "in"}, {"add", BARE, ALWAYS},
	{"aggregate", BARE, OBJECT}, {"all", QUOTED, ALWAYS}, {"alter", BARE, ALWAYS},
	{"analyse", QUOTED, ALWAYS}, {"analyze", QUOTED, ALWAYS}, {"and", QUOTED, ALWAYS},
	{"any", QUOTED, ALWAYS}, {"array", QUOTED, ALWAYS}, {"as", QUOTED, ALWAYS},
	{"asc", QUOTED, ALWAYS}, {"asymmetric", QUOTED, ALWAYS}, {"authorization", QUOTED, ALWAYS},
	{"begin", BARE, ";"}, {"between", QUOTED, ALWAYS}, {"bigint", QUOTED, NEVER},
	{"binary", QUOTED, ALWAYS}, {"bit", QUOTED, NEVER}, {"boolean", QUOTED, NEVER},
	{"both", QUOTED, ALWAYS}, {"by", BARE, ALWAYS}, {"call", BARE, ";"},
	{"cascade", BARE, ALWAYS}, {"case", QUOTED, ALWAYS}, {"cast", QUOTED, ALWAYS},
	{"char", QUOTED, NEVER}, {"character", QUOTED, NEVER}, {"check", QUOTED, ALWAYS},
	{"checkpoint", BARE, ";"}, {"close", BARE, ";"}, {"cluster", BARE, ";"},
	{"coalesce", QUOTED, NEVER}, {"collate", QUOTED, ALWAYS}, {"collation", QUOTED, ALWAYS},
	{"column", QUOTED, ALWAYS}, {"comment", BARE, ";"}, {"commit", BARE, ";"},
	{"concurrently", QUOTED, ALWAYS}, {"conflict", BARE, "on"}, {"constraint", QUOTED, ALWAYS},
	{"copy", BARE, ";"}, {"create", QUOTED, ALWAYS}, {"cross", QUOTED, ALWAYS},
	{"current_catalog", QUOTED, ALWAYS}, {"current_date", QUOTED, ALWAYS},
	{"current_role", QUOTED, ALWAYS}, {"current_schema", QUOTED, ALWAYS},
	{"current_time", QUOTED, ALWAYS}, {"current_timestamp", QUOTED, ALWAYS},
	{"current_user", QUOTED, ALWAYS}, {"database", BARE, OBJECT " reindex"},
	{"deallocate", BARE, ";"}, {"dec", QUOTED, NEVER}, {"decimal", QUOTED, NEVER},
	{"declare", BARE, ";"}, {"default", QUOTED, ALWAYS}, {"deferrable", QUOTED, ALWAYS},
	{"delete", BARE, ALWAYS}, {"desc", QUOTED, ALWAYS}, {"discard", BARE, ";"},
	{"distinct", QUOTED, ALWAYS}, {"do", QUOTED, ALWAYS}, {"domain", BARE, OBJECT},
	{"drop", BARE, ALWAYS}, {"else", QUOTED, ALWAYS}, {"end", QUOTED, ALWAYS},
	{"except", QUOTED, ALWAYS}, {"exclusive", BARE, "in access row share update"},
	{"execute", BARE, ";"}, {"exists", QUOTED, ALWAYS}, {"explain", BARE, ";"},
	{"extension", BARE, OBJECT}, {"extract", QUOTED, NEVER}, {"false", QUOTED, ALWAYS},
	{"fetch", QUOTED, ALWAYS}, {"first", BARE, "nulls fetch"}, {"float", QUOTED, NEVER},
	{"for", QUOTED, ALWAYS}, {"foreign", QUOTED, ALWAYS}, {"freeze", QUOTED, ALWAYS},
	{"from", QUOTED, ALWAYS}, {"full", QUOTED, ALWAYS}, {"function", BARE, OBJECT " execute"},
	{"grant", QUOTED, ALWAYS}, {"greatest", QUOTED, NEVER}, {"group", QUOTED, ALWAYS},
	{"grouping", QUOTED, NEVER}, {"having", QUOTED, ALWAYS}, {"if", BARE, ALWAYS},
	{"ilike", QUOTED, ALWAYS}, {"import", BARE, ";"}, {"in", QUOTED, ALWAYS},
	{"index", BARE, OBJECT " reindex"}, {"initially", QUOTED, ALWAYS}, {"inner", QUOTED, ALWAYS},
	{"inout", QUOTED, NEVER}, {"insert", BARE, ALWAYS}, {"int", QUOTED, NEVER},
	{"integer", QUOTED, NEVER}, {"intersect", QUOTED, ALWAYS}, {"interval", QUOTED, NEVER},
	{"into", QUOTED, ALWAYS}, {"is", QUOTED, ALWAYS}, {"isnull", QUOTED, ALWAYS},
	{"isolation", BARE, "transaction"}, {"join", QUOTED, ALWAYS}, {"json", QUOTED, NEVER},
	{"json_array", QUOTED, NEVER}, {"json_arrayagg", QUOTED, NEVER},
	{"json_exists", QUOTED, NEVER}, {"json_object", QUOTED, NEVER},
	{"json_objectagg", QUOTED, NEVER}, {"json_query", QUOTED, NEVER},
	{"json_scalar", QUOTED, NEVER}, {"json_serialize", QUOTED, NEVER},
	{"json_table", QUOTED, NEVER}, {"json_value", QUOTED, NEVER},
	{"key", BARE, "primary foreign no for"}, {"last", BARE, "nulls"}, {"lateral", QUOTED, ALWAYS},
	{"leading", QUOTED, ALWAYS}, {"least", QUOTED, NEVER}, {"left", QUOTED, ALWAYS},
	{"level", BARE, "isolation"}, {"like", QUOTED, ALWAYS}, {"limit", QUOTED, ALWAYS},
	{"listen", BARE, ";"}, {"load", BARE, ";"}, {"local", BARE, "set"},
	{"localtime", QUOTED, ALWAYS}, {"localtimestamp", QUOTED, ALWAYS}, {"lock", BARE, ";"},
	{"locked", BARE, "skip"}, {"matched", BARE, "when not"}, {"materialized", BARE, ALWAYS},
	{"merge", BARE, ";"}, {"merge_action", QUOTED, NEVER}, {"mode", BARE, "exclusive share"},
	{"move", BARE, ";"}, {"national", QUOTED, NEVER}, {"natural", QUOTED, ALWAYS},
	{"nchar", QUOTED, NEVER}, {"next", BARE, "fetch"}, {"no", BARE, "for"},
	{"none", QUOTED, NEVER}, {"normalize", QUOTED, NEVER}, {"not", QUOTED, ALWAYS},
	{"nothing", BARE, "do"}, {"notify", BARE, ";"}, {"notnull", QUOTED, ALWAYS},
	{"nowait", BARE, ALWAYS}, {"null", QUOTED, ALWAYS}, {"nullif", QUOTED, NEVER},
	{"nulls", BARE, ALWAYS}, {"numeric", QUOTED, NEVER}, {"offset", QUOTED, ALWAYS},
	{"on", QUOTED, ALWAYS}, {"only", QUOTED, ALWAYS}, {"or", QUOTED, ALWAYS},
	{"order", QUOTED, ALWAYS}, {"out", QUOTED, NEVER}, {"outer", QUOTED, ALWAYS},
	{"over", BARE, ALWAYS}, {"overlaps", QUOTED, ALWAYS}, {"overlay", QUOTED, NEVER},
	{"overriding", BARE, ALWAYS}, {"partition", BARE, "over attach detach"},
	{"placing", QUOTED, ALWAYS}, {"policy", BARE, OBJECT}, {"position", QUOTED, NEVER},
	{"precision", QUOTED, NEVER}, {"prepare", BARE, ";"}, {"prepared", BARE, "commit rollback"},
	{"primary", QUOTED, ALWAYS}, {"procedure", BARE, OBJECT " execute"},
	{"publication", BARE, OBJECT}, {"real", QUOTED, NEVER}, {"reassign", BARE, ";"},
	{"recursive", BARE, ALWAYS}, {"references", QUOTED, ALWAYS}, {"refresh", BARE, ";"},
	{"reindex", BARE, ";"}, {"release", BARE, ";"}, {"rename", BARE, ALWAYS},
	{"replace", BARE, "or"}, {"reset", BARE, ";"}, {"restrict", BARE, ALWAYS},
	{"returning", QUOTED, ALWAYS}, {"revoke", BARE, ";"}, {"right", QUOTED, ALWAYS},
	{"role", BARE, OBJECT " set"}, {"rollback", BARE, ";"}, {"row", QUOTED, "in share"},
	{"savepoint", BARE, "; release to"}, {"schema", BARE, OBJECT " reindex"},
	{"select", QUOTED, ALWAYS}, {"sequence", BARE, OBJECT}, {"session", BARE, "set"},
	{"session_user", QUOTED, ALWAYS}, {"set", BARE, ALWAYS}, {"setof", QUOTED, NEVER},
	{"share", BARE, ALWAYS}, {"show", BARE, ";"}, {"similar", QUOTED, ALWAYS},
	{"skip", BARE, "update share"}, {"smallint", QUOTED, NEVER}, {"some", QUOTED, ALWAYS},
	{"start", BARE, ";"}, {"subscription", BARE, OBJECT}, {"substring", QUOTED, NEVER},
	{"symmetric", QUOTED, ALWAYS}, {"system_user", QUOTED, ALWAYS}, {"table", QUOTED, ALWAYS},
	{"tablesample", QUOTED, ALWAYS}, {"temp", BARE, ALWAYS}, {"temporary", BARE, ALWAYS},
	{"then", QUOTED, ALWAYS}, {"time", QUOTED, NEVER}, {"timestamp", QUOTED, NEVER},
	{"to", QUOTED, ALWAYS}, {"trailing", QUOTED, ALWAYS},
	{"transaction", BARE, "; begin start set commit rollback prepare"}, {"treat", QUOTED, NEVER},
	{"trigger", BARE, OBJECT}, {"trim", QUOTED, NEVER}, {"true", QUOTED, ALWAYS},
	{"truncate", BARE, ALWAYS}, {"type", BARE, OBJECT}, {"union", QUOTED, ALWAYS},
	{"unique", QUOTED, ALWAYS}, {"unlisten", BARE, ";"}, {"unlogged", BARE, ALWAYS},
	{"update", BARE, ALWAYS}, {"user", QUOTED, ALWAYS}, {"using", QUOTED, ALWAYS},
	{"vacuum", BARE, ";"}, {"values", QUOTED, ALWAYS}, {"varchar", QUOTED, NEVER},
	{"variadic", QUOTED, ALWAYS}, {"verbose", QUOTED, ALWAYS}, {"view", BARE, OBJECT},
	{"when", QUOTED, ALWAYS}, {"where", QUOTED, ALWAYS}, {"window", QUOTED, ALWAYS},
	{"with", QUOTED, ALWAYS}, {"work", BARE, "begin commit rollback"},
	{"xmlattributes", QUOTED, NEVER}, {"xmlconcat", QUOTED, NEVER}, {"xmlelement", QUOTED, NEVER},
	{"xmlexists", QUOTED, NEVER}, {"xmlforest", QUOTED, NEVER}, {"xmlnamespaces", QUOTED, NEVER},
	{"xmlparse", QUOTED, NEVER}, {"xmlpi", QUOTED, NEVER}, {"xmlroot", QUOTED, NEVER},
	{"xmlserialize", QUOTED, NEVER}, {"xmltable", QUOTED, NEVER},
};
/* clang-format on */

/* Longer than any of them. */
#define LONGEST 32

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const Word *) row)->word);
}

static const Word *find(const char *lower)
{
	return bsearch(lower, words, G_N_ELEMENTS(words), sizeof words[0], compare);
}

gboolean sql_word_needs_quotes(const char *lower)
{
	const Word *word = find(lower);

	return word && word->writing == QUOTED;
}

static gboolean to_lower(const char *text, gsize len, char lower[LONGEST])
{
	if (len >= LONGEST)
		return FALSE;
	for (gsize i = 0; i < len; i++)
		lower[i] = g_ascii_tolower(text[i]);
	lower[len] = '\0';
	return TRUE;
}

static gboolean is_one_of(const char *lower, const char *several)
{
	gsize len = strlen(lower);

	for (const char *at = several; (at = strstr(at, lower)) != NULL; at += len)
		if ((at == several || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return TRUE;
	return FALSE;
}

gboolean sql_word_is_keyword(const char *text, gsize len, const char *before, gsize before_len)
{
	char lower[LONGEST], previous[LONGEST] = ";";
	const Word *word = to_lower(text, len, lower) ? find(lower) : NULL;

	if (!word || !word->behind)
		return FALSE;
	if (*word->behind == '\0')
		return TRUE;
	return (before_len == 0 || to_lower(before, before_len, previous)) && *previous != '\0' &&
	       is_one_of(previous, word->behind);
}
