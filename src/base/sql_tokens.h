#ifndef PGUNLOCK_BASE_SQL_TOKENS_H
#define PGUNLOCK_BASE_SQL_TOKENS_H

/*
 * What an SQL statement is made of, after the lexical rules of PostgreSQL
 * (src/backend/parser/scan.l in its source): for colours, not for parsing. Any bytes at all can be
 * read: what is cut off in the middle of a token, as the server cuts off statements
 * (track_activity_query_size), is that token up to there, and bytes above 127 are letters, as they
 * are for the server. Strings are taken as with standard_conforming_strings.
 */

#include <glib.h>

typedef enum {
	SQL_TOKEN_BLANK,     /* white space */
	SQL_TOKEN_KEYWORD,   /* a word of the language, where it stands as one */
	SQL_TOKEN_NAME,      /* any other word, or one in double quotes */
	SQL_TOKEN_STRING,    /* '...', E'...', B'...', $tag$...$tag$ and the like */
	SQL_TOKEN_NUMBER,    /* 1, 1.5e3, 0x1F, 1_000 */
	SQL_TOKEN_PARAMETER, /* $1 */
	SQL_TOKEN_COMMENT,   /* from -- to the end of the line, or in nested slashes with asterisks */
	SQL_TOKEN_OPERATOR,  /* operators, brackets, commas and the like */
	SQL_TOKEN_OTHER,     /* what the language doesn't have: a control character, a lone $ */
} SqlTokenKind;

/* In the text that is read. */
typedef struct {
	SqlTokenKind kind;
	const char *text;
	gsize length; /* never 0 */
} SqlToken;

/* What PostgreSQL takes for white space, from at on: where something else begins, or end. */
const char *sql_skip_white(const char *at, const char *end);

/* Plain data, on the stack of whoever reads. */
typedef struct {
	const char *at, *end;
	SqlToken word; /* the token before, but for blanks and comments; of length 0: none */
} SqlScan;

/* text: len bytes, borrowed. */
void sql_scan_begin(SqlScan *scan, const char *text, gsize len);
/* The next token; FALSE at the end. One after the other they are the whole text. */
gboolean sql_scan_next(SqlScan *scan, SqlToken *token);

#endif
