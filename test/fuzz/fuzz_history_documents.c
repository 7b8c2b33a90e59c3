#include "fuzz.h"

#include "history/blocker_json.h"
#include "history/facts_json.h"

/* The documents in a history's file, whatever has become of them: they are read, and what was read
 * of them is written and read the same. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *text = g_strndup((const char *) data, size);
	g_autoptr(SessionFacts) facts = session_facts_from_json(text);
	g_autofree char *facts_text = session_facts_to_json(facts);
	g_autoptr(SessionFacts) facts_again = session_facts_from_json(facts_text);
	g_autofree char *facts_text_again = session_facts_to_json(facts_again);
	g_autoptr(LockTarget) target = lock_target_from_json(text);
	g_autofree char *target_text = lock_target_to_json(target);
	g_autoptr(LockTarget) target_again = lock_target_from_json(target_text);
	g_autofree char *target_text_again = lock_target_to_json(target_again);
	g_autoptr(GPtrArray) blockers = blockers_from_json(text);
	g_autofree char *blockers_text =
	    blockers_to_json((const Blocker *const *) blockers->pdata, blockers->len);
	g_autoptr(GPtrArray) blockers_again = blockers_from_json(blockers_text);
	g_autofree char *blockers_text_again =
	    blockers_to_json((const Blocker *const *) blockers_again->pdata, blockers_again->len);

	g_assert_cmpstr(facts_text, ==, facts_text_again);
	g_assert_cmpstr(target_text, ==, target_text_again);
	g_assert_cmpstr(blockers_text, ==, blockers_text_again);
	return 0;
}
