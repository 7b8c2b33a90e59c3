#ifndef PGUNLOCK_CLI_OPTION_TABLE_H
#define PGUNLOCK_CLI_OPTION_TABLE_H

/* Every option once: the parser, the help, the usage errors and the shell completion read this
 * table. */

#include "cli/command.h"
#include "cli/options.h"

#include <glib.h>

/* How the argument is read and where to: what stands in Options at the row's offset. */
typedef enum {
	OPTION_FLAG,     /* gboolean: becomes TRUE; takes no argument */
	OPTION_SETS,     /* int: becomes the row's value; takes no argument */
	OPTION_TEXT,     /* char *, owned */
	OPTION_FILE,     /* the same; shells complete it as a file's name */
	OPTION_CHOICE,   /* int: index of the word in the row's words */
	OPTION_DURATION, /* gint64, microseconds */
	OPTION_MOMENT,   /* gint64, microseconds since 1970 */
	OPTION_RANGE,    /* MomentRange: two of these with two dots in between */
	OPTION_COUNT,    /* guint */
	OPTION_TABLE,    /* NamePattern *, owned */
	OPTION_ROW,      /* RowRef *, owned */
	OPTION_ADVISORY, /* AdvisoryChoice */
	OPTION_MODES,    /* LockModeSet */
	OPTION_SESSION,  /* SessionRef *, owned */
	OPTION_SESSIONS, /* GPtrArray of SessionRef, owned: may be given more than once */
	OPTION_KINDS,    /* ProtectedKinds: may be given more than once */
} OptionKind;

/* The headings of the help. */
typedef enum { GROUP_SELECTION, GROUP_COMMAND, GROUP_CONNECTION, GROUP_GENERAL } OptionGroup;
#define OPTION_N_GROUPS (GROUP_GENERAL + 1)

typedef struct {
	const char *name;
	char letter; /* 0: only the long name */
	OptionKind kind;
	const char *argument; /* its name in the help; NULL: takes none */
	gsize offset;         /* in Options */
	const char *words;    /* of a choice, "|" between them */
	int value;            /* of OPTION_SETS */
	const char *preset;   /* read like an argument before the command line is; NULL: none */
	OptionGroup group;
	CommandBits commands;
	/* Those of them that may leave the argument away; it is then glued on, --name=ARGUMENT. What it
	 * means without, for their help. */
	CommandBits optional_for;
	const char *without;
	const char *help; /* NULL: not in the help */
} OptionRow;

guint option_table_n(void);
const OptionRow *option_table_get(guint index);

gboolean option_takes_argument(const OptionRow *row);
/* Whether this command may leave the argument away. command NULL: no command is known. */
gboolean option_argument_is_optional(const OptionRow *row, const Command *command);
/* Whether a second one adds to the first or replaces it. The others narrow a selection down: the
 * second would silently undo the first. */
gboolean option_may_repeat(const OptionRow *row);

/* The words that the argument is one of, "|" between them, or NULL when it is not a choice. Formats
 * are the command's own. */
const char *option_words(const OptionRow *row, const Command *command);

#endif
