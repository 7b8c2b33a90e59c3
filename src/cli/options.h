#ifndef PGUNLOCK_CLI_OPTIONS_H
#define PGUNLOCK_CLI_OPTIONS_H

/* What was typed: a command, its options, its arguments. */

#include "base/pattern.h"
#include "base/row_ref.h"
#include "cli/command.h"
#include "model/advisory_key.h"
#include "model/lock_mode.h"
#include "model/session.h"
#include "plan/act.h"
#include "plan/selection.h"

#include <glib.h>

typedef enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_DOT, FORMAT_SVG, FORMAT_CSV } Format;
/* "dot" */
const char *format_name(Format format);
typedef enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWhen;
typedef enum { PREPARED_NOT_SAID, PREPARED_ROLLBACK, PREPARED_COMMIT } PreparedEnd;
typedef enum {
	SORT_WAITING, /* waiters first, the longest wait first */
	SORT_AGE,     /* the oldest transaction first */
	SORT_PID,
	SORT_MODE, /* the strongest first */
	SORT_TARGET,
	SORT_USER,
} LocksSort;

/* Of --advisory. */
typedef struct {
	gboolean is_given;
	gboolean has_key; /* else any key */
	AdvisoryKey key;
} AdvisoryChoice;

#define GUARD_DEFAULT_CONFIG "/etc/pgunlock/pgunlock.conf"

/* From one time until another, microseconds since 1970; both 0: not given. */
typedef struct {
	gint64 from;
	gint64 to;
} MomentRange;

/* Plain data, filled through the option table; a row of it says for each what it means. Choices are
 * int, since the parser stores them by address. */
typedef struct {
	char *host;
	char *port;
	char *username;
	char *dbname;
	gboolean no_password;
	gboolean password;
	gint64 timeout_us;

	int format; /* Format */
	int color;  /* ColorWhen */
	gboolean verbose;
	gboolean quiet;
	gboolean help;
	gboolean version;
	int completion; /* CompletionShell, 0 for none */

	char *pooler;
	char *advisory_labels;

	gboolean all_edges;
	gboolean full;
	gboolean watch;
	gint64 interval_us; /* -1 when not given */
	guint budget;       /* percent of the time */

	gboolean no_rows;
	NamePattern *table;
	RowRef *row; /* --row, or the arguments of row */
	guint limit; /* of rows that are read, of incidents that are listed */
	AdvisoryChoice advisory;
	LockModeSet modes;
	GPtrArray *session_filter; /* of SessionRef, or NULL */
	gboolean waiting;
	gboolean granted;
	gboolean all_databases;
	int sort; /* LocksSort */

	GPtrArray *sessions; /* of SessionRef: the arguments */
	char *user;
	char *application;
	gint64 idle_in_transaction_us; /* -1 when not given */
	gboolean blocking;
	gboolean all_holders;
	SessionRef *waiter;
	gboolean all;
	int prefer; /* Prefer */
	gboolean rollback_prepared;
	int prepared_end; /* PreparedEnd */
	ProtectedKinds include_protected;
	guint max;
	guint rounds;

	gboolean yes;
	gboolean dry_run;
	gboolean sql;
	gint64 wait_us;
	gint64 grace_us;
	char *audit;

	/* of top */
	gboolean read_only;
	int theme; /* as the words of the option */

	/* of check: a measure above it raises the alarm */
	gint64 warning_wait_us;
	gint64 critical_wait_us;
	gint64 warning_idle_us;
	gint64 critical_idle_us;
	gint64 warning_prepared_us;
	gint64 critical_prepared_us;
	guint warning_blocked; /* G_MAXUINT: none */
	guint critical_blocked;

	/* of history */
	gint64 incident; /* show: its id; 0: the list */
	char *history;
	char *server;
	gint64 since; /* microseconds since 1970; TIMESTAMP_NONE when not given */
	gint64 until;

	char *config; /* of guard and top */
	gboolean check_config;
	gboolean explain;
	MomentRange replay;

	char *bindir;
	gboolean keep;

	GPtrArray *typed; /* of const OptionRow: those that stood on the command line */
} Options;

/* Whether the option stood on the command line; else it has its preset. */
gboolean option_is_typed(const Options *options, const char *name);

/* A parsed command line. */
typedef struct {
	const Command *command; /* status when none was named, help when --help was given */
	const Command *topic;   /* of help: the command that it is about; NULL: all of them */
	Options options;
} CommandLine;

/*
 * Reads a command line. Connection options may stand before or after the command. line is set also
 * when FALSE is returned, as far as it could be read, so that an error can be told in the format
 * that was asked for. All errors are usage errors, with a hint. argv may be reordered.
 */
gboolean command_line_parse(int argc, char **argv, CommandLine *line, GError **error);
void command_line_clear(CommandLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CommandLine, command_line_clear)

#endif
