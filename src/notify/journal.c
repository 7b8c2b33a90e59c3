#include "notify/journal.h"

#include "base/error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/guard_hint.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

/* Where a line of ours stands in the source is of no use to whoever reads the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define IDENTIFIER "pgunlock"
#define IDENTIFIER_FIELD "SYSLOG_IDENTIFIER=" IDENTIFIER

struct Journal {
	JournalWay way; /* JOURNAL_AUTOMATIC: it is the journal */
	JournalPriority least;
};

/* systemd.exec(5): the device and the inode of the journal's stream, so that a program can tell
 * whether its output still leads there. */
static gboolean stderr_is_journal(void)
{
	const char *stream = g_getenv("JOURNAL_STREAM");
	struct stat facts;

	if (stream == NULL || fstat(STDERR_FILENO, &facts) != 0)
		return FALSE;
	g_autofree char *own =
	    g_strdup_printf("%ju:%ju", (uintmax_t) facts.st_dev, (uintmax_t) facts.st_ino);
	return strcmp(stream, own) == 0;
}

Journal *journal_new(JournalWay way)
{
	Journal *journal = g_new0(Journal, 1);

	journal->way = way == JOURNAL_AUTOMATIC && !stderr_is_journal() ? JOURNAL_STDERR : way;
	journal->least = JOURNAL_INFO;
	if (way == JOURNAL_SYSLOG)
		openlog(IDENTIFIER, LOG_PID, LOG_DAEMON);
	return journal;
}

void journal_free(Journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->way == JOURNAL_SYSLOG)
		closelog();
	g_free(journal);
}

void journal_set_least(Journal *journal, JournalPriority least)
{
	journal->least = least;
}

static const char *priority_word(JournalPriority priority)
{
	static const char *const words[] = {
	    [JOURNAL_ERROR] = "error", [JOURNAL_WARNING] = "warning", [JOURNAL_NOTICE] = "notice",
	    [JOURNAL_INFO] = "info",   [JOURNAL_DEBUG] = "debug",
	};

	return words[priority];
}

static void write_line(const GString *line)
{
	gsize done = 0;

	while (done < line->len) {
		ssize_t n = write(STDERR_FILENO, line->str + done, line->len - done);
		if (n < 0 && errno != EINTR)
			return;
		done += n > 0 ? (gsize) n : 0;
	}
}

/* text is safe. */
static void to_stderr(JournalPriority priority, const char *text)
{
	g_autofree char *now = timestamp_to_rfc3339(g_get_real_time());
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "%s %s[%d] %s: %s\n", now, IDENTIFIER, (int) getpid(),
	                priority_word(priority), text);
	write_line(line);
}

/* Where the journal itself takes no message, its stream may: sd-daemon(3) has the prefix. */
static void to_stream(JournalPriority priority, const char *text)
{
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "<%d>%s\n", (int) priority, text);
	write_line(line);
}

/* fields: "FIELD=value" strings. text: the same as one safe line. */
static void put(const Journal *journal, JournalPriority priority, const GPtrArray *fields,
                const char *text)
{
	g_autofree struct iovec *parts = g_new(struct iovec, fields->len + 1);

	switch (journal->way) {
	case JOURNAL_SYSLOG:
		syslog((int) priority, "%s", text);
		break;
	case JOURNAL_STDERR:
		to_stderr(priority, text);
		break;
	case JOURNAL_AUTOMATIC:
		for (guint i = 0; i < fields->len; i++)
			parts[i] = (struct iovec){fields->pdata[i], strlen(fields->pdata[i])};
		parts[fields->len] =
		    (struct iovec){(gpointer) (gsize) IDENTIFIER_FIELD, strlen(IDENTIFIER_FIELD)};
		if (sd_journal_sendv(parts, (int) fields->len + 1) < 0)
			to_stream(priority, text);
		break;
	}
}

static void log_text(const Journal *journal, JournalPriority priority, const char *server,
                     const char *text)
{
	g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) line = g_string_new(NULL);

	if (priority > journal->least)
		return;
	if (server != NULL) {
		text_append_safe(line, server);
		g_ptr_array_add(fields, g_strdup_printf("PGUNLOCK_SERVER=%s", line->str));
		g_string_append(line, ": ");
	}
	text_append_safe(line, text);
	g_ptr_array_add(fields, g_strdup_printf("MESSAGE=%s", line->str));
	g_ptr_array_add(fields, g_strdup_printf("PRIORITY=%d", (int) priority));
	put(journal, priority, fields, line->str);
}

void journal_log(Journal *journal, JournalPriority priority, const char *server, const char *format,
                 ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_text(journal, priority, server, text);
}

void journal_error(Journal *journal, JournalPriority priority, const char *server,
                   const GError *error)
{
	g_autofree char *hint = render_guard_hint(error_hint(error));

	if (hint == NULL)
		log_text(journal, priority, server, error->message);
	else
		journal_log(journal, priority, server, "%s (hint: %s)", error->message, hint);
}

void journal_notice(Journal *journal, const Notice *notice)
{
	JournalPriority priority = (JournalPriority) notice_priority(notice);
	g_autoptr(GPtrArray) fields = render_notice_journal(notice);
	g_autoptr(GString) line = g_string_new(NULL);

	if (priority > journal->least)
		return;
	render_notice_log(line, notice);
	put(journal, priority, fields, line->str);
}
