#include "cli/commands.h"

const Command command_history = {
    .name = "history",
    .bit = FOR_HISTORY,
    .takes = TAKES_INCIDENT,
    .synopsis = "[show ID]",
    .summary = "past incidents, as a guard has recorded them",
    .description =
        "Lists incidents, the latest first: when, how long, how many waited, for whom, on what, "
        "and\n"
        "what was done. With \"show ID\" the whole course of one: who waited for how long, which\n"
        "statements the transaction had run, acts and notices. The options narrow one another.",
    .formats = "text|json|csv",
    .words = "show",
    .program = "pgunlock-history",
};
