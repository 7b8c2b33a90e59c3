#ifndef PGUNLOCK_RENDER_POLICY_WORDS_H
#define PGUNLOCK_RENDER_POLICY_WORDS_H

#include "policy/policy.h"

/* How the target is told, as its key: "webhook", "command". */
const char *policy_notify_way(const PolicyNotify *notify);

#endif
