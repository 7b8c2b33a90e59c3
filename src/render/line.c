#include "render/line.h"

#include "base/text.h"

#include <string.h>

static const char *const ink_codes[] = {
    [INK_PLAIN] = "",           [INK_STRONG] = "\033[1m",   [INK_DIM] = "\033[2m",
    [INK_GOOD] = "\033[32m",    [INK_WARNING] = "\033[33m", [INK_BAD] = "\033[31m",
    [INK_KEYWORD] = "\033[35m", [INK_LITERAL] = "\033[36m",
};

/* Columns above which the eye loses the beginning of the next line. */
#define READABLE_WIDTH 110

RenderStyle line_readable_style(const RenderStyle *style)
{
	RenderStyle readable = *style;

	readable.width = MIN(style->width, READABLE_WIDTH);
	return readable;
}

#define INK_END "\033[0m"

const char *line_skip_ink(const char *text, Ink *ink)
{
	if (g_str_has_prefix(text, INK_END)) {
		*ink = INK_PLAIN;
		return text + strlen(INK_END);
	}
	for (Ink i = INK_STRONG; i < N_INKS; i++) {
		if (g_str_has_prefix(text, ink_codes[i])) {
			*ink = i;
			return text + strlen(ink_codes[i]);
		}
	}
	return NULL;
}

static void put(Line *line, Ink ink, const char *text, guint width)
{
	gboolean colored = line->style->color && ink != INK_PLAIN;

	if (*text == '\0')
		return;
	for (; line->pending > 0; line->pending--)
		g_string_append_c(line->out, ' ');
	if (colored)
		g_string_append(line->out, ink_codes[ink]);
	g_string_append(line->out, text);
	if (colored)
		g_string_append(line->out, INK_END);
	line->column += width;
	line->fresh = FALSE;
}

void line_begin(Line *line, GString *out, const RenderStyle *style, const char *prefix)
{
	*line = (Line){.out = out, .style = style, .fresh = TRUE};
	line->prefix = g_strdup(prefix != NULL ? prefix : "");
	line->prefix_width = text_width(line->prefix);
}

void line_end(Line *line)
{
	g_string_append_c(line->out, '\n');
	g_clear_pointer(&line->prefix, g_free);
}

static void new_line(Line *line)
{
	gsize blanks = strspn(line->prefix, " ");

	g_string_append_c(line->out, '\n');
	line->column = 0;
	line->pending = 0;
	if (line->prefix[blanks] == '\0') {
		line->column = line->pending = line->prefix_width;
	} else {
		g_autofree char *solid = g_strchomp(g_strdup(line->prefix));
		guint width = text_width(solid);

		put(line, INK_DIM, solid, width);
		line->pending = line->prefix_width - width;
		line->column = line->prefix_width;
	}
	line->fresh = TRUE;
}

void line_break(Line *line)
{
	if (!line->fresh)
		new_line(line);
}

void line_blanks(Line *line, guint n)
{
	line->pending += n;
	line->column += n;
}

void line_pad(Line *line, guint column)
{
	if (line->column < column)
		line_blanks(line, column - line->column);
}

guint line_room(const Line *line)
{
	return line->column < line->style->width ? line->style->width - line->column : 0;
}

void line_raw(Line *line, Ink ink, const char *text)
{
	put(line, ink, text, text_width(text));
}

/* The length in bytes of the longest beginning of text that takes at most width columns, at least
 * one character with its combining marks. */
static gsize fitting_bytes(const char *text, guint width)
{
	const char *c = text;
	guint used = 0;

	while (*c != '\0') {
		const char *next = text_next_char(c);
		char one[8] = {0};

		memcpy(one, c, MIN((gsize) (next - c), sizeof one - 1));
		used += text_width(one);
		if (used > width && c != text)
			break;
		c = next;
	}
	return (gsize) (c - text);
}

/* A word, in pieces when it is longer than a line. */
static void put_word(Line *line, Ink ink, const char *word)
{
	guint width = text_width(word);

	if (width > line_room(line) && !line->fresh) {
		guint whole =
		    line->style->width > line->prefix_width ? line->style->width - line->prefix_width : 0;
		if (width <= whole || line_room(line) < 8)
			new_line(line);
	}
	while (width > line_room(line)) {
		gsize n = fitting_bytes(word, line_room(line));
		g_autofree char *piece = g_strndup(word, n);

		if (word[n] == '\0')
			break;
		put(line, ink, piece, text_width(piece));
		new_line(line);
		word += n;
		width = text_width(word);
	}
	put(line, ink, word, width);
}

/* Text in one ink, or, where inks isn't NULL, with an ink for each of its bytes. */
typedef struct {
	const char *text;
	const guint8 *inks;
	Ink ink;
} Span;

static void span_skip(Span *span, gsize n)
{
	span->text += n;
	if (span->inks)
		span->inks += n;
}

/* Where another ink begins, or blanks before it. */
static gsize same_ink(const Span *span, gsize len)
{
	gsize end = 0;

	for (gsize i = 0; i < len; i++) {
		if (span->text[i] == ' ')
			continue;
		if (span->inks[i] != span->inks[0])
			break;
		end = i + 1;
	}
	return end;
}

/* The first len bytes. Blanks have no ink. */
static void put_span(Line *line, Span span, gsize len)
{
	while (span.inks && len > 0) {
		gsize blanks = MIN(strspn(span.text, " "), len);
		g_autofree char *gap = g_strndup(span.text, blanks);

		put(line, INK_PLAIN, gap, (guint) blanks);
		span_skip(&span, blanks);
		len -= blanks;
		gsize n = same_ink(&span, len);
		g_autofree char *run = g_strndup(span.text, n);
		put(line, n > 0 ? (Ink) span.inks[0] : INK_PLAIN, run, text_width(run));
		span_skip(&span, n);
		len -= n;
	}
	if (len > 0) {
		g_autofree char *all = g_strndup(span.text, len);
		put(line, span.ink, all, text_width(all));
	}
}

/* As many whole words as fit on this line, in one go, so that colour codes don't crowd the text.
 * Returns how many bytes that were. */
static gsize put_run(Line *line, const Span *span)
{
	const char *end = span->text;
	guint room = line_room(line);
	guint used = 0;

	for (;;) {
		const char *word = end + strspn(end, " ");
		gsize len = strcspn(word, " ");
		g_autofree char *copy = g_strndup(end, (gsize) (word - end) + len);
		guint width = text_width(copy);

		if (len == 0 || used + width > room)
			break;
		used += width;
		end = word + len;
	}
	put_span(line, *span, (gsize) (end - span->text));
	return (gsize) (end - span->text);
}

void line_words(Line *line, Ink ink, const char *text)
{
	for (;;) {
		const Span span = {.text = text, .ink = ink};
		gsize len;

		text += put_run(line, &span);
		text += strspn(text, " ");
		if (*text == '\0')
			return;
		len = strcspn(text, " ");
		g_autofree char *word = g_strndup(text, len);
		line_break(line);
		put_word(line, ink, word);
		text += len;
	}
}

void line_piece(Line *line, Ink ink, const char *text)
{
	if (text_width(text) > line_room(line))
		line_break(line);
	line_words(line, ink, text);
}

/* What is left of it; the ellipsis where it is cut is in the ink of what stands before it. */
static void put_fitting(Line *line, const Span *span)
{
	g_autoptr(GString) fitted = g_string_new(NULL);
	g_autofree guint8 *inks = NULL;
	gsize kept = 0;

	text_append_fit(fitted, span->text, line_room(line), FALSE, line->style->unicode);
	if (span->inks) {
		inks = g_malloc0(fitted->len + 1);
		while (kept < fitted->len && fitted->str[kept] == span->text[kept])
			kept++;
		memcpy(inks, span->inks, kept);
		memset(inks + kept, kept > 0 ? inks[kept - 1] : INK_PLAIN, fitted->len - kept);
	}
	put_span(line, (Span){fitted->str, inks, span->ink}, fitted->len);
}

void line_rest(Line *line, Ink ink, const char *text, guint least)
{
	const Span span = {.text = text, .ink = ink};

	if (text_width(text) > line_room(line) && line_room(line) < least)
		line_break(line);
	put_fitting(line, &span);
}

static void put_paragraph(Line *line, Span span, guint max_lines)
{
	for (guint n = 1; n < max_lines; n++) {
		gsize len = put_run(line, &span);

		if (len == 0 && !line->fresh && *span.text != '\0' &&
		    line_room(line) < line->style->width / 2) {
			new_line(line);
			continue;
		}
		span_skip(&span, len + strspn(span.text + len, " "));
		if (*span.text == '\0')
			return;
		if (len == 0)
			break;
		new_line(line);
	}
	put_fitting(line, &span);
}

void line_paragraph(Line *line, Ink ink, const char *text, guint max_lines)
{
	put_paragraph(line, (Span){.text = text, .ink = ink}, max_lines);
}

void line_inked_paragraph(Line *line, const guint8 *inks, const char *text, guint max_lines)
{
	put_paragraph(line, (Span){.text = text, .inks = inks}, max_lines);
}

void line_wordsf(Line *line, Ink ink, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	line_words(line, ink, text);
}
