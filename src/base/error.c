#include "base/error.h"

#include "base/text.h"

#include <string.h>

#define SQLSTATE_LENGTH 5

typedef struct {
	char *hint;
	char sqlstate[SQLSTATE_LENGTH + 1];
} PgunlockErrorPrivate;

static void pgunlock_error_private_init(PgunlockErrorPrivate *private)
{
	*private = (PgunlockErrorPrivate){0};
}

static void pgunlock_error_private_copy(const PgunlockErrorPrivate *from, PgunlockErrorPrivate *to)
{
	to->hint = g_strdup(from->hint);
	memcpy(to->sqlstate, from->sqlstate, sizeof(to->sqlstate));
}

static void pgunlock_error_private_clear(PgunlockErrorPrivate *private)
{
	g_free(private->hint);
}

/* GLib's macro casts the const of its own parameter away. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
G_DEFINE_EXTENDED_ERROR(PgunlockError, pgunlock_error) /* NOLINT(performance-no-int-to-ptr) */
#pragma GCC diagnostic pop

/* NULL where there is nothing to extend: no error, or another domain's. */
static PgunlockErrorPrivate *private_of(const GError *error)
{
	if (error == NULL || error->domain != PGUNLOCK_ERROR)
		return NULL;
	return pgunlock_error_get_private(error);
}

/* Names and the server's messages end up in here, in any encoding. */
static char *format_valid(const char *format, va_list arguments) G_GNUC_PRINTF(1, 0);
static char *format_valid(const char *format, va_list arguments)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	return text_repair(text, strlen(text));
}

void error_set(GError **error, PgunlockError code, const char *format, ...)
{
	if (error == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = format_valid(format, arguments);
	va_end(arguments);
	g_set_error_literal(error, PGUNLOCK_ERROR, code, message);
}

void error_set_hint(GError **error, const char *format, ...)
{
	PgunlockErrorPrivate *private = error == NULL ? NULL : private_of(*error);
	if (private == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	/* The new hint may quote the old one, so that one goes last. */
	g_autofree char *old = private->hint;
	private->hint = format_valid(format, arguments);
	va_end(arguments);
}

void error_set_sqlstate(GError **error, const char *sqlstate)
{
	PgunlockErrorPrivate *private = error == NULL ? NULL : private_of(*error);
	if (private == NULL || sqlstate == NULL || strlen(sqlstate) != SQLSTATE_LENGTH)
		return;
	for (const char *c = sqlstate; *c != '\0'; c++) {
		if (!g_ascii_isalnum(*c))
			return;
	}
	memcpy(private->sqlstate, sqlstate, sizeof(private->sqlstate));
}

const char *error_hint(const GError *error)
{
	const PgunlockErrorPrivate *private = private_of(error);
	return private == NULL ? NULL : private->hint;
}

const char *error_sqlstate(const GError *error)
{
	const PgunlockErrorPrivate *private = private_of(error);
	return private == NULL || private->sqlstate[0] == '\0' ? NULL : private->sqlstate;
}

int error_exit_code(const GError *error)
{
	return error != NULL && error->domain == PGUNLOCK_ERROR ? error->code : PGUNLOCK_ERROR_FAILED;
}
