#include "base/ini.h"

#include "base/arena.h"
#include "base/error.h"

#include <string.h>

struct IniFile {
	Arena *arena;
	const char *file;
	GArray *sections; /* of IniSection */
	GArray *entries;  /* of IniEntry: those of the first section, then of the second, ... */
};

/* A file while it is read. */
typedef struct {
	IniFile *ini;
	guint line;
	GHashTable *heads; /* "kind name" of the sections so far, to the index */
	GHashTable *keys;  /* of the section that is read, to the line */
	GError **error;
} Reader;

#define COMMENT_HINT "comments stand on lines of their own, and begin with #"

void ini_error(GError **error, const char *file, guint line, const char *hint, const char *format,
               ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s:%u: %s", file, line, text);
	if (hint != NULL && error != NULL)
		error_set_hint(error, "%s", hint);
}

#define wrong(reader, hint, ...)                                                                   \
	ini_error((reader)->error, (reader)->ini->file, (reader)->line, hint, __VA_ARGS__)

static IniSection *last_section(const IniFile *ini)
{
	return ini->sections->len > 0
	           ? &g_array_index(ini->sections, IniSection, ini->sections->len - 1)
	           : NULL;
}

/* text: from the bracket on, to be changed. */
static gboolean read_head(Reader *reader, char *text)
{
	gsize length = strlen(text);
	IniSection section = {.line = reader->line};

	if (text[length - 1] != ']') {
		wrong(reader, COMMENT_HINT, "the head of a section has no ] at its end");
		return FALSE;
	}
	text[length - 1] = '\0';
	g_strstrip(++text);
	gsize kind_length = strcspn(text, " \t");

	if (kind_length == 0) {
		wrong(reader, "a section is [KIND] or [KIND NAME]", "the head of a section is empty");
		return FALSE;
	}
	section.kind = arena_strndup(reader->ini->arena, text, kind_length);
	section.name = arena_strdup(reader->ini->arena, g_strchug(text + kind_length));
	g_autofree char *head = g_strconcat(section.kind, " ", section.name, NULL);
	gpointer earlier = g_hash_table_lookup(reader->heads, head);

	if (earlier != NULL) {
		wrong(reader, "put its lines into one section, or give it another name",
		      "[%s] was there before, in line %u", g_strchomp(head), GPOINTER_TO_UINT(earlier));
		return FALSE;
	}
	g_hash_table_insert(reader->heads, g_steal_pointer(&head), GUINT_TO_POINTER(reader->line));
	g_hash_table_remove_all(reader->keys);
	g_array_append_val(reader->ini->sections, section);
	return TRUE;
}

/* text: to be changed. */
static gboolean read_entry(Reader *reader, char *text)
{
	IniSection *section = last_section(reader->ini);
	char *equals = strchr(text, '=');
	IniEntry entry = {.line = reader->line};

	if (equals == NULL || equals == text) {
		wrong(reader, "a line is KEY = VALUE, [SECTION], or a comment that begins with #",
		      equals == NULL ? "there is no = between a key and its value"
		                     : "there is no key before the =");
		return FALSE;
	}
	*equals = '\0';
	g_strchomp(text);
	g_strchug(equals + 1);
	if (section == NULL) {
		wrong(reader, "begin with the head of a section, as in [guard]",
		      "\"%s\" stands before the first section", text);
		return FALSE;
	}
	if (equals[1] == '\0') {
		wrong(reader, "write a value, or leave the line out", "\"%s\" has no value", text);
		return FALSE;
	}
	gpointer earlier = g_hash_table_lookup(reader->keys, text);

	if (earlier != NULL) {
		wrong(reader, "each key stands once in a section", "\"%s\" was there before, in line %u",
		      text, GPOINTER_TO_UINT(earlier));
		return FALSE;
	}
	entry.key = arena_strdup(reader->ini->arena, text);
	entry.value = arena_strdup(reader->ini->arena, equals + 1);
	g_hash_table_insert(reader->keys, g_strdup(text), GUINT_TO_POINTER(reader->line));
	g_array_append_val(reader->ini->entries, entry);
	section->n_entries++;
	return TRUE;
}

/* NULL when nothing is wrong with its characters. */
static const char *find_bad_character(const char *line, gsize length)
{
	if (!g_utf8_validate_len(line, length, NULL))
		return memchr(line, '\0', length) != NULL ? "there is a NUL byte in it"
		                                          : "it is not valid UTF-8";
	for (gsize i = 0; i < length; i++)
		if (g_ascii_iscntrl(line[i]) && line[i] != '\t')
			return "there is a control character in it";
	return NULL;
}

static gboolean read_line(Reader *reader, const char *bytes, gsize length)
{
	/* A carriage return belongs to the end of the line. */
	if (length > 0 && bytes[length - 1] == '\r')
		length--;
	const char *bad = find_bad_character(bytes, length);
	g_autofree char *line = g_strndup(bytes, length);

	if (bad != NULL) {
		wrong(reader, "the file is text in UTF-8", "this is not a line of text: %s", bad);
		return FALSE;
	}
	g_strstrip(line);
	if (*line == '\0' || *line == '#' || *line == ';')
		return TRUE;
	return *line == '[' ? read_head(reader, line) : read_entry(reader, line);
}

static gboolean read_lines(Reader *reader, const char *bytes, gsize length)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";

	if (length >= strlen(byte_order_mark) &&
	    memcmp(bytes, byte_order_mark, strlen(byte_order_mark)) == 0) {
		bytes += strlen(byte_order_mark);
		length -= strlen(byte_order_mark);
	}
	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		gsize line_length = newline != NULL ? (gsize) (newline - bytes) : length;
		gsize taken = line_length + (newline != NULL);

		reader->line++;
		if (!read_line(reader, bytes, line_length))
			return FALSE;
		bytes += taken;
		length -= taken;
	}
	return TRUE;
}

/* Only now the entries stay where they are. */
static void hand_out_entries(IniFile *ini)
{
	guint first = 0;

	for (guint i = 0; i < ini->sections->len; i++) {
		IniSection *section = &g_array_index(ini->sections, IniSection, i);

		/* An array without elements has no address to count from. */
		section->entries =
		    section->n_entries > 0 ? &g_array_index(ini->entries, IniEntry, first) : NULL;
		first += section->n_entries;
	}
}

IniFile *ini_parse(const char *bytes, gsize length, const char *file, GError **error)
{
	g_autoptr(IniFile) ini = g_new0(IniFile, 1);
	g_autoptr(GHashTable) heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Reader reader = {.ini = ini, .heads = heads, .keys = keys, .error = error};

	ini->arena = arena_new();
	ini->file = arena_strdup(ini->arena, file);
	ini->sections = g_array_new(FALSE, FALSE, sizeof(IniSection));
	ini->entries = g_array_new(FALSE, FALSE, sizeof(IniEntry));
	if (!read_lines(&reader, bytes, length))
		return NULL;
	hand_out_entries(ini);
	return g_steal_pointer(&ini);
}

void ini_free(IniFile *ini)
{
	if (ini == NULL)
		return;
	g_array_unref(ini->sections);
	g_array_unref(ini->entries);
	arena_free(ini->arena);
	g_free(ini);
}

guint ini_n_sections(const IniFile *ini)
{
	return ini->sections->len;
}

const IniSection *ini_section(const IniFile *ini, guint index)
{
	return &g_array_index(ini->sections, IniSection, index);
}

const char *ini_file_name(const IniFile *ini)
{
	return ini->file;
}
