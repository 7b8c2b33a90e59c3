#include "cli/commands.h"

const Command command_guard = {
    .name = "guard",
    .bit = FOR_GUARD,
    .synopsis = "",
    .summary = "the daemon: watch servers, act by a policy within limits, remember",
    .description = "Watches the servers of a policy file, keeps the history of their incidents, "
                   "tells people, and\n"
                   "does what the rules say. SIGHUP reads the file again, SIGTERM ends it after "
                   "the act in hand.",
    .formats = "text|json",
    .program = "pgunlock-guard",
};
