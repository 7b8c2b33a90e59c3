#include "model/privileges.h"

static void test_privileges(void)
{
	g_autoptr(Privileges) privileges = privileges_new();

	g_assert_false(privileges_own(privileges)->known);
	g_assert_null(privileges_role(privileges, 10));
	privileges_set_own(privileges, &(OwnPrivileges){.known = TRUE, .has_signal_backend = TRUE});
	g_assert_true(privileges_own(privileges)->known);
	g_assert_true(privileges_own(privileges)->has_signal_backend);
	g_assert_false(privileges_own(privileges)->is_superuser);
	privileges_add_role(privileges, &(RolePrivileges){.oid = 10, .is_superuser = TRUE});
	privileges_add_role(privileges, &(RolePrivileges){.oid = 11, .we_have_its_privileges = TRUE});
	g_assert_true(privileges_role(privileges, 10)->is_superuser);
	g_assert_true(privileges_role(privileges, 11)->we_have_its_privileges);
	privileges_add_role(privileges, &(RolePrivileges){.oid = 10});
	g_assert_false(privileges_role(privileges, 10)->is_superuser);
	privileges_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/privileges", test_privileges);
	return g_test_run();
}
