#include "cli/commands.h"

const Command command_top = {
    .name = "top",
    .bit = FOR_TOP,
    .synopsis = "",
    .summary = "the live screen: watch who blocks whom, and end it by a key",
    .description =
        "A screen that stays: the blocking trees, worst root first, and all about the session "
        "that\n"
        "is selected. R releases, K terminates, C cancels it: each shows its plan first, and "
        "asks.\n"
        "Other views: locks, transactions, prepared transactions, incidents. ? lists the keys.",
    .program = "pgunlock-top",
};
