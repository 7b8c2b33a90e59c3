#include "cli/connection_args.h"

#include "render/command.h"

#include <string.h>

static gboolean is_secret(const char *key, gsize length)
{
	static const char *const secrets[] = {"password", "sslpassword", "oauth_client_secret"};
	for (guint i = 0; i < G_N_ELEMENTS(secrets); i++)
		if (strlen(secrets[i]) == length && strncmp(key, secrets[i], length) == 0)
			return TRUE;
	return FALSE;
}

/* "user:secret@host/db?key=value&..." after the scheme */
static char *uri_without_password(const char *uri, gsize scheme_length)
{
	g_autoptr(GString) out = g_string_new_len(uri, (gssize) scheme_length);
	const char *authority = uri + scheme_length;
	/* As libpq looks for it: the first of @ and /. */
	const char *at = authority + strcspn(authority, "@/");
	const char *rest = authority;

	if (*at == '@') {
		const char *colon = memchr(authority, ':', (gsize) (at - authority));
		g_string_append_len(out, authority, (colon ? colon : at) - authority);
		rest = at;
	}
	const char *query = strchr(rest, '?');
	if (!query)
		return g_strdup_printf("%s%s", out->str, rest);
	g_string_append_len(out, rest, query - rest);

	g_auto(GStrv) parameters = g_strsplit(query + 1, "&", -1);
	const char *separator = "?";
	for (guint i = 0; parameters[i]; i++) {
		g_autofree char *key = g_uri_unescape_segment(
		    parameters[i], parameters[i] + strcspn(parameters[i], "="), NULL);
		if (!key)
			return NULL;
		if (is_secret(key, strlen(key)))
			continue;
		g_string_append_printf(out, "%s%s", separator, parameters[i]);
		separator = "&";
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static const char *skip_blanks(const char *p)
{
	while (g_ascii_isspace(*p))
		p++;
	return p;
}

/* After a value: in quotes, or up to a blank; a backslash takes the next character as it is. NULL
 * when a quote isn't closed. */
static const char *skip_value(const char *p)
{
	gboolean quoted = *p == '\'';
	for (p += quoted; *p && (quoted ? *p != '\'' : !g_ascii_isspace(*p)); p++)
		if (*p == '\\' && p[1])
			p++;
	if (quoted && !*p)
		return NULL;
	return p + quoted;
}

/* key = value pairs, values perhaps in single quotes, backslash before any character */
static char *conninfo_without_password(const char *conninfo)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *p = skip_blanks(conninfo);
	while (*p) {
		const char *pair = p;
		gsize key_length = strcspn(p, "= \t\n\r\f\v");
		p = skip_blanks(p + key_length);
		if (*p != '=')
			return NULL;
		p = skip_value(skip_blanks(p + 1));
		if (!p)
			return NULL;
		if (!is_secret(pair, key_length)) {
			if (out->len)
				g_string_append_c(out, ' ');
			g_string_append_len(out, pair, p - pair);
		}
		p = skip_blanks(p);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

char *without_password(const char *dbname)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};
	for (guint i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_str_has_prefix(dbname, schemes[i]))
			return uri_without_password(dbname, strlen(schemes[i]));
	/* libpq's own test for a connection string: it has an equals sign */
	if (strchr(dbname, '='))
		return conninfo_without_password(dbname);
	return g_strdup(dbname);
}

static void append_option(GString *out, const char *option, const char *value)
{
	if (!value)
		return;
	g_autofree char *quoted = command_quote(value);
	g_string_append_printf(out, " %s %s", option, quoted);
}

char *connection_args(const Options *options)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *dbname = options->dbname ? without_password(options->dbname) : NULL;
	append_option(out, "-h", options->host);
	append_option(out, "-p", options->port);
	append_option(out, "-U", options->username);
	append_option(out, "-d", dbname);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
