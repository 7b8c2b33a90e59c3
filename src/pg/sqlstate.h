#ifndef PGUNLOCK_PG_SQLSTATE_H
#define PGUNLOCK_PG_SQLSTATE_H

/* Error codes that are told apart in more than one place (documentation, "PostgreSQL Error Codes").
 */

#define SQLSTATE_PROTOCOL_VIOLATION "08P01"
#define SQLSTATE_DENIED "42501"
#define SQLSTATE_LOCK_TIMEOUT "55P03"

#endif
