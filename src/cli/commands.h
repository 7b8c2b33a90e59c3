#ifndef PGUNLOCK_CLI_COMMANDS_H
#define PGUNLOCK_CLI_COMMANDS_H

/* What the files cmd_*.c export: each its row of the command table. */

#include "cli/command.h"

extern const Command command_status;
extern const Command command_tree;
extern const Command command_locks;
extern const Command command_row;
extern const Command command_cancel;
extern const Command command_terminate;
extern const Command command_top;
extern const Command command_release;
extern const Command command_show;
extern const Command command_doctor;
extern const Command command_check;
extern const Command command_guard;
extern const Command command_history;
extern const Command command_demo;
extern const Command command_help;

#endif
