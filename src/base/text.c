#include "base/text.h"

#include <string.h>

/* More combining marks than this on one character are no script's: they would only paint over the
 * lines around it. */
#define MAX_MARKS 8

/* Where the bytes of a character may lie: its length follows from the first, and the second has
 * narrower bounds after some first bytes, which rules out overlong forms, surrogates and what is
 * above U+10FFFF (Unicode, table 3-7). */
typedef struct {
	guint8 first_low;
	guint8 first_high;
	guint8 second_low;
	guint8 second_high;
	guint8 length;
} Utf8Form;

static const Utf8Form utf8_forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* Whether these bytes, the last ones of a text, begin a character and break off inside it. */
static gboolean is_cut_character(const char *bytes, gsize len)
{
	const guint8 *byte = (const guint8 *) bytes;
	for (gsize i = 0; i < G_N_ELEMENTS(utf8_forms); i++) {
		const Utf8Form *form = &utf8_forms[i];
		if (byte[0] < form->first_low || byte[0] > form->first_high)
			continue;
		if (len >= form->length)
			return FALSE;
		if (len > 1 && (byte[1] < form->second_low || byte[1] > form->second_high))
			return FALSE;
		return len < 3 || (byte[2] & 0xC0) == 0x80;
	}
	return FALSE;
}

char *text_repair(const char *bytes, gsize len)
{
	GString *repaired = g_string_sized_new(len + 1);
	while (len > 0) {
		const char *stop;
		gboolean is_valid = g_utf8_validate_len(bytes, len, &stop);
		g_string_append_len(repaired, bytes, stop - bytes);
		len -= (gsize) (stop - bytes);
		if (is_valid || is_cut_character(stop, len))
			break;
		g_string_append(repaired, TEXT_REPLACEMENT);
		bytes = stop + 1;
		len--;
	}
	return g_string_free(repaired, FALSE);
}

/* Letters and marks by category that a reader can't see all the same. Format characters are found
 * by their category. */
static gboolean is_invisible(gunichar c)
{
	static const gunichar ranges[][2] = {
	    {0x034F, 0x034F}, /* combining grapheme joiner */
	    {0x115F, 0x1160}, /* Hangul fillers */
	    {0x17B4, 0x17B5}, /* Khmer inherent vowels */
	    {0x180B, 0x180F}, /* Mongolian variation selectors */
	    {0x3164, 0x3164}, /* Hangul filler */
	    {0xFFA0, 0xFFA0}, /* halfwidth Hangul filler */
	};
	for (gsize i = 0; i < G_N_ELEMENTS(ranges); i++) {
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return TRUE;
	}
	return FALSE;
}

gboolean text_char_is_safe(gunichar c)
{
	if (c < 0x80)
		return c >= ' ' && c != 0x7F;
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return FALSE;
	default:
		return !is_invisible(c);
	}
}

gboolean text_char_is_plain(gunichar c, gboolean is_after_blank)
{
	return text_char_is_safe(c) && !g_unichar_ismark(c) && !(c == ' ' && is_after_blank);
}

static void append_escaped(GString *out, gunichar c)
{
	if (c < 0x100)
		g_string_append_printf(out, "\\x%02x", c);
	else if (c < 0x10000)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_printf(out, "\\U%08x", c);
}

static gboolean is_white(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* What needs no look of its own: printable ASCII, of blanks only single ones. */
static gsize plain_length(const char *text)
{
	const char *p = text;
	while (*p >= ' ' && *p < 0x7F && !(*p == ' ' && is_white(p[1])))
		p++;
	return (gsize) (p - text);
}

static void append_safe_valid(GString *out, const char *text)
{
	guint n_marks = 0;
	while (*text != '\0') {
		gsize plain = plain_length(text);
		if (plain > 0) {
			g_string_append_len(out, text, (gssize) plain);
			text += plain;
			n_marks = 0;
		} else if (is_white(*text)) {
			while (is_white(*text))
				text++;
			g_string_append_c(out, ' ');
			n_marks = 0;
		} else {
			gunichar c = g_utf8_get_char(text);
			const char *next = text_next_char(text);
			n_marks = g_unichar_ismark(c) ? n_marks + 1 : 0;
			if (n_marks <= MAX_MARKS && text_char_is_safe(c))
				g_string_append_len(out, text, next - text);
			else
				append_escaped(out, c);
			text = next;
		}
	}
}

void text_append_safe(GString *out, const char *utf8)
{
	/* Checked all the same: past this line nobody looks again, and GLib's steps from character to
	 * character overrun the end of what is not valid. */
	if (g_utf8_validate(utf8, -1, NULL)) {
		append_safe_valid(out, utf8);
		return;
	}
	g_autofree char *repaired = text_repair(utf8, strlen(utf8));
	append_safe_valid(out, repaired);
}

char *text_safe(const char *utf8)
{
	GString *safe = g_string_new(NULL);
	text_append_safe(safe, utf8);
	return g_string_free(safe, FALSE);
}

static guint char_width(gunichar c)
{
	if (c < 0x80)
		return 1;
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

guint text_width(const char *utf8)
{
	guint width = 0;
	for (const char *p = utf8; *p != '\0'; p = text_next_char(p))
		width += char_width(g_utf8_get_char(p));
	return width;
}

/* The longest start of a text, before end, that takes at most width columns; zero-width characters
 * that follow belong to it. */
static const char *fitting_start(const char *text, const char *end, guint width, guint *used)
{
	*used = 0;
	for (const char *p = text; p < end; p = text_next_char(p)) {
		guint columns = char_width(g_utf8_get_char(p));
		if (columns > width - *used)
			return p;
		*used += columns;
	}
	return end;
}

static void append_ellipsis(GString *out, guint width, gboolean unicode)
{
	if (unicode && width > 0)
		g_string_append(out, "…");
	else
		g_string_append_len(out, "...", MIN(width, 3));
}

/* Appends at most width columns of the text before end; returns how many. */
static guint append_cut(GString *out, const char *text, const char *end, guint width,
                        gboolean unicode)
{
	guint used;
	if (fitting_start(text, end, width, &used) == end) {
		g_string_append_len(out, text, end - text);
		return used;
	}
	guint ellipsis_width = MIN(unicode ? 1u : 3u, width);
	const char *stop = fitting_start(text, end, width - ellipsis_width, &used);
	g_string_append_len(out, text, stop - text);
	append_ellipsis(out, ellipsis_width, unicode);
	return used + ellipsis_width;
}

static void append_blanks(GString *out, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append_c(out, ' ');
}

void text_append_fit(GString *out, const char *utf8, guint width, gboolean pad, gboolean unicode)
{
	guint used = append_cut(out, utf8, utf8 + strlen(utf8), width, unicode);
	if (pad)
		append_blanks(out, width - used);
}

/* Where the line that begins at text ends: before the last blank that leaves it within width, or,
 * in a word longer than that, inside the word. At least one character goes into a line. */
static const char *line_end(const char *text, const char *end, guint width)
{
	guint used;
	const char *stop = fitting_start(text, end, width, &used);
	if (stop == text)
		stop = fitting_start(text, end, char_width(g_utf8_get_char(text)), &used);
	if (stop == end)
		return stop;
	const char *word = stop;
	if (*stop != ' ') {
		while (word > text && word[-1] != ' ')
			word--;
	}
	while (word > text && word[-1] == ' ')
		word--;
	return word > text ? word : stop;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

void text_append_wrapped(GString *out, const char *utf8, guint width, guint indent, guint max_lines,
                         gboolean unicode)
{
	const char *text = skip_blanks(utf8);
	const char *end = text + strlen(text);
	while (end > text && end[-1] == ' ')
		end--;
	guint columns = width > indent ? width - indent : 1;
	for (guint line = 1; text < end; line++) {
		if (line > 1) {
			g_string_append_c(out, '\n');
			append_blanks(out, indent);
		}
		if (line == max_lines) {
			append_cut(out, text, end, columns, unicode);
			return;
		}
		const char *stop = line_end(text, end, columns);
		g_string_append_len(out, text, stop - text);
		text = skip_blanks(stop);
	}
}

char *text_shell_quote(const char *word)
{
	static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	                               "-_./:@%+,";
	if (*word != '\0' && word[strspn(word, harmless)] == '\0')
		return g_strdup(word);
	return g_shell_quote(word);
}
