#include "doctor/findings.h"

#include <string.h>

static void check_free(gpointer data)
{
	DoctorCheck *check = data;

	g_free(check->name);
	g_free(check->role);
	g_free(check->database);
	g_free(check->found);
	g_free(check->wanted);
	g_free(check->why);
	g_free(check->sql);
	g_free(check);
}

/* A standby takes ALTER SYSTEM, which writes a file of its own, and nothing else. */
static gboolean needs_primary(const Findings *findings, const char *sql)
{
	return sql != NULL && snapshot_server(findings->snapshot)->in_recovery &&
	       !g_str_has_prefix(sql, "ALTER SYSTEM");
}

void findings_add(const Findings *findings, DoctorCheck check)
{
	DoctorCheck *copy = g_memdup2(&check, sizeof check);

	if (check.status == DOCTOR_OK)
		g_clear_pointer(&copy->sql, g_free);
	copy->name = g_strdup(check.name);
	copy->role = g_strdup(check.role);
	copy->database = g_strdup(check.database);
	copy->wanted = g_strdup(check.wanted);
	copy->why = needs_primary(findings, copy->sql)
	                ? g_strconcat(check.why, " To be mended on the primary.", NULL)
	                : g_strdup(check.why);
	g_ptr_array_add(findings->checks, copy);
}

GPtrArray *doctor_examine(const Snapshot *snapshot, const ServerConfig *config)
{
	g_autoptr(GPtrArray) unsorted = g_ptr_array_new();
	GPtrArray *checks = g_ptr_array_new_with_free_func(check_free);
	const Findings findings = {snapshot, config, unsorted};

	findings_examine_settings(&findings);
	findings_examine_others(&findings);
	for (int status = DOCTOR_PROBLEM; status >= DOCTOR_OK; status--) {
		for (guint i = 0; i < unsorted->len; i++) {
			DoctorCheck *check = g_ptr_array_index(unsorted, i);

			if (check->status == (DoctorStatus) status)
				g_ptr_array_add(checks, check);
		}
	}
	return checks;
}
