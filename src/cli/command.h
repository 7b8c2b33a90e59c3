#ifndef PGUNLOCK_CLI_COMMAND_H
#define PGUNLOCK_CLI_COMMAND_H

/* A command of pgunlock: what one cmd_NAME.c exports. */

#include <glib.h>

typedef struct Cli Cli;

/* One bit a command, for the option table to say which commands an option is for. */
typedef enum {
	FOR_STATUS = 1 << 0,
	FOR_TREE = 1 << 1,
	FOR_LOCKS = 1 << 2,
	FOR_CANCEL = 1 << 3,
	FOR_TERMINATE = 1 << 4,
	FOR_RELEASE = 1 << 5,
	FOR_DEMO = 1 << 6,
	FOR_HELP = 1 << 7,
	FOR_SHOW = 1 << 8,
	FOR_CHECK = 1 << 9,
	FOR_DOCTOR = 1 << 10,
	FOR_ROW = 1 << 11,
	FOR_HISTORY = 1 << 12,
	FOR_GUARD = 1 << 13,
	FOR_TOP = 1 << 14,

	FOR_ACTS = FOR_CANCEL | FOR_TERMINATE | FOR_RELEASE,
	FOR_LOOKS = FOR_STATUS | FOR_TREE | FOR_LOCKS | FOR_SHOW | FOR_CHECK | FOR_DOCTOR | FOR_ROW,
	/* Those that say what is locked, advisory keys among it. */
	FOR_TARGETS = FOR_STATUS | FOR_TREE | FOR_LOCKS | FOR_SHOW | FOR_ACTS | FOR_TOP,
	FOR_SERVER = FOR_LOOKS | FOR_ACTS | FOR_TOP,
	FOR_ALL = FOR_SERVER | FOR_DEMO | FOR_HELP | FOR_HISTORY | FOR_GUARD,
} CommandBits;

/* What a command takes beside options. */
typedef enum {
	TAKES_NOTHING,
	TAKES_SESSIONS,
	TAKES_COMMAND,
	TAKES_ROW,
	TAKES_INCIDENT, /* "show ID", or nothing */
} CommandArguments;

/* Does what the command is for: the exit code; with an error its code counts. */
typedef int (*CommandRun)(Cli *cli, GError **error);

typedef struct {
	const char *name;
	CommandBits bit;
	CommandArguments takes;
	const char *synopsis;    /* after the name: "[SESSION...]" */
	const char *summary;     /* half a line, for the list of commands */
	const char *description; /* for its own help; lines broken as they shall stand */
	const char *formats; /* of --format, the first by default, "|" between them; NULL for none */
	const char *words;   /* that may stand behind its name, "|" between them, or NULL */

	/* Exactly one of the two. A command that needs libraries which the others don't is run by a
	 * program of its own: see cli/program.h. */
	CommandRun run;
	const char *program; /* its file name */

	/* How it tells an error, and the exit code then; NULL: as all others do. */
	int (*fail)(Cli *cli, const GError *error);
} Command;

#endif
