#include "doctor/checks.h"

#define MS 1.0
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* A setting that a server hasn't got (of a later version) is not judged. */
static const SettingCheck checks[] = {
    {"idle_in_transaction_session_timeout", SETTING_TIME, FOR_ALL_SESSIONS, FALSE, DOCTOR_PROBLEM,
     1 * MS, 1 * HOUR, "off", "at most 1h", "5min",
     "An application that dies or hangs inside a transaction keeps its locks for as long as its "
     "connection stays open: for ever. With it the server ends such a session by itself."},
    {"lock_timeout", SETTING_TIME, FOR_OWNERS, FALSE, DOCTOR_ADVICE, 1 * MS, 1 * MINUTE, "off",
     "at most 1min for roles that run DDL", "5s",
     "A statement like ALTER TABLE that waits for a lock holds up everybody who comes after it. "
     "With it the statement gives up, and can be tried again."},
    {"transaction_timeout", SETTING_TIME, FOR_APPLICATIONS, FALSE, DOCTOR_ADVICE, 1 * MS, 24 * HOUR,
     "off", "at most 1d for roles of applications", "1h",
     "A transaction that never ends keeps its locks and holds back vacuum, even if it is busy all "
     "the time. For single roles: backups and reports need longer."},
    {"statement_timeout", SETTING_TIME, FOR_APPLICATIONS, FALSE, DOCTOR_ADVICE, 1 * MS, 1 * HOUR,
     "off", "at most 1h for roles of applications", "1min",
     "A statement that runs away keeps its locks until it ends. For single roles: backups and "
     "reports need longer."},
    {"deadlock_timeout", SETTING_TIME, FOR_THE_SERVER, FALSE, DOCTOR_ADVICE, 100 * MS, 10 * SECOND,
     NULL, "100ms to 10s", "1s",
     "Deadlocks are looked for, waits are logged, and autovacuum gives way only after so long. "
     "Looking much earlier costs more than it finds."},
    {"log_lock_waits", SETTING_ON, FOR_ALL_SESSIONS, FALSE, DOCTOR_ADVICE, 0, 0, NULL, "on", "on",
     "Who waited for whom, for longer than deadlock_timeout, then stands in the server's log when "
     "somebody asks the next morning."},
    {"log_lock_failures", SETTING_ON, FOR_THE_SERVER, FALSE, DOCTOR_ADVICE, 0, 0, NULL, "on", "on",
     "Who held the lock that a NOWAIT did not get then stands in the server's log."},
    {"client_connection_check_interval", SETTING_TIME, FOR_ALL_SESSIONS, FALSE, DOCTOR_ADVICE,
     1 * MS, 1 * MINUTE, "off", "at most 1min", "10s",
     "A session whose client has died while it ran or waited for a lock goes on, gets the lock "
     "later, and may commit. With it the server notices."},
    {"tcp_keepalives_idle", SETTING_TIME, FOR_ALL_SESSIONS, FALSE, DOCTOR_ADVICE, 1 * SECOND,
     10 * MINUTE, "the system's own, 2 hours on Linux", "at most 10min", "1min",
     "A client whose machine or network is gone sends no farewell: its session, and the locks in "
     "it, stay until the server asks whether it is still there."},
    {"tcp_keepalives_interval", SETTING_TIME, FOR_ALL_SESSIONS, FALSE, DOCTOR_ADVICE, 1 * SECOND,
     1 * MINUTE, "the system's own, 75 seconds on Linux", "at most 1min", "10s",
     "How long the server waits before it asks a silent client again."},
    {"tcp_keepalives_count", SETTING_COUNT, FOR_ALL_SESSIONS, FALSE, DOCTOR_ADVICE, 1, 10,
     "the system's own, 9 on Linux", "1 to 10", "6",
     "After so many questions without an answer the session is ended, and its locks are free."},
    {"reserved_connections", SETTING_COUNT, FOR_THE_SERVER, FALSE, DOCTOR_ADVICE, 1, 1000000, NULL,
     "at least 1", "3",
     "When an application's waiting sessions have used up all connections, these are how pgunlock "
     "gets in without being a superuser."},
    {"hot_standby_feedback", SETTING_ON, FOR_THE_SERVER, TRUE, DOCTOR_ADVICE, 0, 0, NULL, "on",
     "on",
     "Without it what vacuum does on the primary conflicts with readers of this standby: replay "
     "waits for them, then cancels them. With it long readers hold back vacuum there."},
    {"max_standby_streaming_delay", SETTING_TIME, FOR_THE_SERVER, TRUE, DOCTOR_ADVICE, 0, 1 * HOUR,
     "readers are cancelled at once", "0 to 1h", "30s",
     "Replay waits so long for readers that hold what it needs, and -1 is for ever: a forgotten "
     "transaction then stops replication, and whoever queues behind it."},
};

guint setting_checks_n(void)
{
	return G_N_ELEMENTS(checks);
}

const SettingCheck *setting_checks_get(guint index)
{
	return &checks[index];
}
