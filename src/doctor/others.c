#include "base/duration.h"
#include "base/timestamp.h"
#include "doctor/findings.h"
#include "doctor/setting_value.h"
#include "pg/signal.h"
#include "render/grant.h"

#define OLD_US (5 * DURATION_MINUTE)
#define ORPHANED_US (1 * DURATION_HOUR)

enum { MAX_PREPARED = 10 };

static const char *or_unknown(const char *name)
{
	return name != NULL ? name : "?";
}

static void add_prepared(const Findings *findings, const Session *session, gint64 age_us)
{
	const Names *names = snapshot_names(findings->snapshot);
	const char *database = names_database(names, session->database);
	g_autofree char *age = duration_to_text(age_us);

	findings_add(
	    findings,
	    (DoctorCheck){
	        .name = (char *) "prepared_transaction",
	        .status = age_us > ORPHANED_US ? DOCTOR_PROBLEM : DOCTOR_ADVICE,
	        .role = (char *) (gsize) names_role(names, session->user),
	        .database = (char *) (gsize) database,
	        .found = g_strdup_printf("%s, prepared %s ago", or_unknown(session->gid), age),
	        .wanted = (char *) "ended within moments",
	        .why =
	            (char *) "It keeps its locks and holds back vacuum; no session stands behind it, "
	                     "and a restart doesn't clear it. It may be half of a distributed "
	                     "commit: its coordinator knows whether it has to be COMMIT PREPARED. "
	                     "Either is done in its own database.",
	        .sql = session->gid != NULL ? pg_finish_prepared_sql(session->gid_bytes, FALSE) : NULL,
	    });
}

static void examine_prepared(const Findings *findings)
{
	const ServerSetting *setting =
	    server_config_setting(findings->config, "max_prepared_transactions");
	gint64 now = snapshot_taken_at(findings->snapshot);
	gint64 oldest_us = 0;
	guint n = 0, n_old = 0;

	for (guint i = 0; i < snapshot_n_sessions(findings->snapshot); i++) {
		const Session *session = snapshot_session(findings->snapshot, i);
		gint64 age_us = timestamp_age(now, session->prepared_at);

		if (session->kind != SESSION_KIND_PREPARED)
			continue;
		n++;
		oldest_us = MAX(oldest_us, age_us);
		if (age_us > OLD_US && n_old++ < MAX_PREPARED)
			add_prepared(findings, session, age_us);
	}
	if (setting == NULL)
		return;
	g_autoptr(GString) found = g_string_new(setting->value);
	if (n > 0) {
		g_autofree char *oldest = duration_to_text(oldest_us);
		g_string_append_printf(found, "; %u prepared now, the oldest %s ago", n, oldest);
	}
	findings_add(findings,
	             (DoctorCheck){
	                 .name = (char *) "max_prepared_transactions",
	                 .status = oldest_us > ORPHANED_US ? DOCTOR_PROBLEM : DOCTOR_OK,
	                 .found = g_strdup(found->str),
	                 .wanted = (char *) "0, or a transaction manager that ends what it prepares",
	                 .why = (char *) "Whoever may run PREPARE TRANSACTION can leave locks behind "
	                                 "that no session holds.",
	             });
}

/* What our role needs for its work. */
static void add_membership(const Findings *findings, const char *name, gboolean has,
                           DoctorStatus without, const char *why)
{
	const ServerInfo *server = snapshot_server(findings->snapshot);
	const OwnPrivileges *own = privileges_own(snapshot_privileges(findings->snapshot));

	findings_add(findings, (DoctorCheck){
	                           .name = (char *) (gsize) name,
	                           .status = has || own->is_superuser ? DOCTOR_OK : without,
	                           .role = (char *) (gsize) server->user,
	                           .found = g_strdup(own->is_superuser ? "superuser"
	                                             : has             ? "granted"
	                                                               : "not granted"),
	                           .wanted = (char *) "granted",
	                           .why = (char *) (gsize) why,
	                           .sql = grant_sql(findings->snapshot, name),
	                       });
}

static void examine_role(const Findings *findings)
{
	const ServerInfo *server = snapshot_server(findings->snapshot);
	const OwnPrivileges *own = privileges_own(snapshot_privileges(findings->snapshot));
	const ServerSetting *reserved = server_config_setting(findings->config, "reserved_connections");
	double n_reserved = 0;

	if (!own->known)
		return;
	findings_add(
	    findings,
	    (DoctorCheck){
	        .name = (char *) "role",
	        .status = own->is_superuser ? DOCTOR_ADVICE : DOCTOR_OK,
	        .found = g_strdup_printf("%s, %s", server->user,
	                                 own->is_superuser ? "a superuser" : "no superuser"),
	        .wanted = (char *) "a role for this alone",
	        .why = (char *) "Seeing everything and ending sessions needs no superuser; only a "
	                        "superuser's own sessions do.",
	        .sql = g_strdup("CREATE ROLE pgunlock LOGIN IN ROLE pg_monitor, pg_signal_backend;"),
	    });
	add_membership(
	    findings, "pg_read_all_stats", own->has_read_all_stats, DOCTOR_PROBLEM,
	    "Without it what sessions of other roles do, and when they began, is hidden, and "
	    "none of them can be ended safely.");
	add_membership(findings, "pg_signal_backend", own->has_signal_backend, DOCTOR_PROBLEM,
	               "Without it only sessions of our own role can be ended.");
	if (server->version_num >= 180000)
		add_membership(findings, "pg_signal_autovacuum_worker", own->has_signal_autovacuum_worker,
		               DOCTOR_ADVICE, "Without it an autovacuum worker can't be ended.");
	if (reserved != NULL && setting_number(reserved->value, &n_reserved) && n_reserved > 0)
		add_membership(findings, "pg_use_reserved_connections",
		               server_config_may_use_reserved(findings->config), DOCTOR_ADVICE,
		               "Without it there is no way in once all other connections are used up.");
}

static void examine_extensions(const Findings *findings)
{
	const ConfigExtension *rowlocks = server_config_extension(findings->config, "pgrowlocks");
	const ConfigExtension *inspect = server_config_extension(findings->config, "pageinspect");
	gboolean is_there =
	    (rowlocks != NULL && rowlocks->is_installed) || (inspect != NULL && inspect->is_installed);
	const char *missing = rowlocks != NULL ? "not installed in this database"
	                                       : "not available: it comes with PostgreSQL's contrib "
	                                         "package";

	findings_add(findings,
	             (DoctorCheck){
	                 .name = (char *) "pgrowlocks",
	                 .status = is_there ? DOCTOR_OK : DOCTOR_ADVICE,
	                 .found = g_strdup(is_there ? "it or pageinspect is installed" : missing),
	                 .wanted = (char *) "installed",
	                 .why = (char *) "With it the exact mode in which each row is locked can be "
	                                 "read; all else works without.",
	                 .sql = rowlocks != NULL ? g_strdup("CREATE EXTENSION pgrowlocks;") : NULL,
	             });
}

void findings_examine_others(const Findings *findings)
{
	examine_prepared(findings);
	examine_role(findings);
	examine_extensions(findings);
}
