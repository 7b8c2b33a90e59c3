#include "base/error.h"
#include "base/nearest.h"
#include "policy/doubtful.h"
#include "policy/policy_private.h"

#include <string.h>

/* Names are told to databases, metrics and shells: nothing in them has to be quoted anywhere. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
#define LONGEST_NAME 63

static const struct {
	gsize size;
	gssize line; /* offsets, -1: the object has none */
	gssize name;
} OBJECTS[POLICY_SECTION_COUNT] = {
    [POLICY_GUARD] = {sizeof(PolicyGuard), -1, -1},
    [POLICY_SERVER] = {sizeof(PolicyServer), G_STRUCT_OFFSET(PolicyServer, line),
                       G_STRUCT_OFFSET(PolicyServer, name)},
    [POLICY_NOTIFY] = {sizeof(PolicyNotify), G_STRUCT_OFFSET(PolicyNotify, line),
                       G_STRUCT_OFFSET(PolicyNotify, name)},
    [POLICY_RULE] = {sizeof(Rule), G_STRUCT_OFFSET(Rule, line), G_STRUCT_OFFSET(Rule, name)},
};

/* A section while it is read. */
typedef struct {
	const char *file;
	const IniSection *ini;
	PolicySection section;
	gpointer object;
	GError **error;
} SectionReader;

/* "did you mean ...?", or all the names there are. Free with g_free. */
static char *hint_at_names(const char *typed, GPtrArray *names, const char *what)
{
	g_ptr_array_add(names, NULL);
	const char *const *all = (const char *const *) names->pdata;
	const char *near = nearest_name(typed, all);

	if (near != NULL)
		return g_strdup_printf("did you mean \"%s\"?", near);
	g_autofree char *joined = g_strjoinv(", ", (char **) names->pdata);

	return g_strdup_printf("%s are %s", what, joined);
}

static gboolean find_section(const IniSection *ini, const char *file, PolicySection *section,
                             GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (*section = 0; *section < POLICY_SECTION_COUNT; (*section)++) {
		const char *name = policy_section_name(*section);

		if (strcmp(ini->kind, name) == 0)
			return TRUE;
		g_ptr_array_add(names, (gpointer) (gsize) name);
	}
	g_autofree char *hint = hint_at_names(ini->kind, names, "the kinds of sections");

	ini_error(error, file, ini->line, hint, "there is no section [%s]", ini->kind);
	return FALSE;
}

static gboolean check_name(const SectionReader *reader)
{
	const IniSection *ini = reader->ini;

	if (policy_section_is_single(reader->section)) {
		if (*ini->name == '\0')
			return TRUE;
		ini_error(reader->error, reader->file, ini->line, "write it as it is there",
		          "[%s] stands for itself, without a name", ini->kind);
		return FALSE;
	}
	if (*ini->name != '\0' && strspn(ini->name, NAME_CHARACTERS) == strlen(ini->name) &&
	    strlen(ini->name) <= LONGEST_NAME)
		return TRUE;
	ini_error(reader->error, reader->file, ini->line,
	          "a name is up to 63 letters (a to z), digits, and _ . -",
	          *ini->name == '\0' ? "[%s] has no name" : "[%s %s] has a name that can't be one",
	          ini->kind, ini->name);
	return FALSE;
}

/* Nothing is known of that key: says which there are. */
static void unknown_key(const SectionReader *reader, const IniEntry *entry)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < policy_n_keys(); i++)
		if (policy_key(i)->section == reader->section)
			g_ptr_array_add(names, (gpointer) (gsize) policy_key(i)->name);
	g_autofree char *hint = hint_at_names(entry->key, names, "its keys");

	ini_error(reader->error, reader->file, entry->line, hint, "[%s] has no key \"%s\"",
	          reader->ini->kind, entry->key);
}

static gboolean read_value(const SectionReader *reader, const PolicyKey *key, const char *text,
                           GError **error)
{
	if (key->has_condition)
		((Rule *) reader->object)->text[key->condition] = g_strdup(text);
	return key->read(key, text, (char *) reader->object + key->offset, error);
}

static gboolean read_entry(const SectionReader *reader, const IniEntry *entry)
{
	const PolicyKey *key = policy_find_key(reader->section, entry->key);
	g_autoptr(GError) cause = NULL;

	if (key == NULL) {
		unknown_key(reader, entry);
		return FALSE;
	}
	if (key->line_offset != 0)
		*(guint *) (gpointer) ((char *) reader->object + key->line_offset) = entry->line;
	if (read_value(reader, key, entry->value, &cause))
		return TRUE;
	g_autofree char *hint = g_strconcat(
	    "allowed: ", key->allowed,
	    policy_comment(entry->value, "#;") != NULL ? "; a comment has a line of its own" : "",
	    NULL);

	ini_error(reader->error, reader->file, entry->line, hint, "%s: %s", key->name, cause->message);
	return FALSE;
}

static gboolean has_entry(const IniSection *ini, const char *name)
{
	for (guint i = 0; i < ini->n_entries; i++)
		if (strcmp(ini->entries[i].key, name) == 0)
			return TRUE;
	return FALSE;
}

/* What wasn't written. */
static gboolean read_standards(const SectionReader *reader)
{
	for (guint i = 0; i < policy_n_keys(); i++) {
		const PolicyKey *key = policy_key(i);

		if (key->section != reader->section || has_entry(reader->ini, key->name))
			continue;
		if (key->is_required) {
			g_autofree char *hint = g_strconcat("allowed: ", key->allowed, NULL);

			ini_error(reader->error, reader->file, reader->ini->line, hint,
			          "[%s %s] lacks the key \"%s\"", reader->ini->kind, reader->ini->name,
			          key->name);
			return FALSE;
		}
		if (key->standard != NULL &&
		    (key->has_standard == NULL || key->has_standard(reader->object)))
			read_value(reader, key, key->standard, NULL);
	}
	return TRUE;
}

/* Whatever was read of it belongs to the policy, also when it fails. */
static gboolean read_section(Policy *policy, const IniSection *ini, GError **error)
{
	SectionReader reader = {.file = policy->file, .ini = ini, .error = error};

	if (!find_section(ini, policy->file, &reader.section, error) || !check_name(&reader))
		return FALSE;
	char *object = reader.object = g_malloc0(OBJECTS[reader.section].size);

	g_ptr_array_add(policy->objects[reader.section], object);
	if (OBJECTS[reader.section].line >= 0)
		*(guint *) (gpointer) (object + OBJECTS[reader.section].line) = ini->line;
	if (OBJECTS[reader.section].name >= 0)
		*(char **) (gpointer) (object + OBJECTS[reader.section].name) = g_strdup(ini->name);
	for (guint i = 0; i < ini->n_entries; i++)
		if (!read_entry(&reader, &ini->entries[i]))
			return FALSE;
	return read_standards(&reader);
}

Policy *policy_parse(const char *bytes, gsize length, const char *file, GError **error)
{
	static const IniSection no_guard = {.kind = "guard", .name = ""};
	g_autoptr(IniFile) ini = ini_parse(bytes, length, file, error);

	if (ini == NULL)
		return NULL;
	g_autoptr(Policy) policy = g_new0(Policy, 1);

	policy->file = g_strdup(file);
	for (guint i = 0; i < POLICY_SECTION_COUNT; i++)
		policy->objects[i] = g_ptr_array_new();
	for (guint i = 0; i < ini_n_sections(ini); i++)
		if (!read_section(policy, ini_section(ini, i), error))
			return NULL;
	if (policy->objects[POLICY_GUARD]->len == 0)
		read_section(policy, &no_guard, NULL);
	return policy_check(policy, ini, error) ? g_steal_pointer(&policy) : NULL;
}
