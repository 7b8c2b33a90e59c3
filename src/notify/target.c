#include "notify/target.h"

#include "base/error.h"
#include "notify/command.h"
#include "notify/webhook.h"

#include <string.h>

/* A path that isn't absolute is one of the credentials that systemd hands over (systemd.exec(5)).
 */
static char *secret_path(const char *name, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

	if (g_path_is_absolute(name))
		return g_strdup(name);
	if (folder != NULL && *folder != '\0')
		return g_build_filename(folder, name, NULL);
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s is no absolute path, and there are no credentials",
	          name);
	error_set_hint(error, "systemd's LoadCredential=%s:/PATH hands it over as one", name);
	return NULL;
}

static char *read_address_file(const char *name, GError **error)
{
	g_autofree char *path = secret_path(name, error);
	g_autofree char *content = NULL;
	g_autoptr(GError) cause = NULL;

	if (path == NULL)
		return NULL;
	if (!g_file_get_contents(path, &content, NULL, &cause)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "cannot read the webhook's address: %s",
		          cause->message);
		return NULL;
	}
	content[strcspn(content, "\r\n")] = '\0';
	return g_steal_pointer(&content);
}

static char *read_address_variable(const char *name, GError **error)
{
	const char *value = g_getenv(name);

	if (value != NULL && *value != '\0')
		return g_strdup(value);
	error_set(error, PGUNLOCK_ERROR_USAGE,
	          "the environment variable %s, with the webhook's address, isn't set", name);
	return NULL;
}

static char *copy_address(const char *value, G_GNUC_UNUSED GError **error)
{
	return g_strdup(value);
}

/* NULL: a command. */
static char *(*const readers[])(const char *value, GError **error) = {
    [NOTIFY_WEBHOOK] = copy_address,
    [NOTIFY_WEBHOOK_FILE] = read_address_file,
    [NOTIFY_WEBHOOK_ENV] = read_address_variable,
    [NOTIFY_COMMAND] = NULL,
};

static gboolean resolve(Route *route, const NotifyTarget *target, GError **error)
{
	if (readers[target->kind] == NULL) {
		route->words = command_parse(target->value, error);
		return route->words != NULL;
	}
	g_autofree char *text = readers[target->kind](target->value, error);
	if (text != NULL)
		route->address = webhook_address_parse(text, error);
	return route->address != NULL;
}

gboolean route_resolve(Route *route, const NotifyTarget *target, GError **error)
{
	g_autoptr(GError) cause = NULL;

	*route = (Route){NULL};
	if (resolve(route, target, &cause))
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "[notify %s]: %s", target->name, cause->message);
	if (error_hint(cause) != NULL)
		error_set_hint(error, "%s", error_hint(cause));
	return FALSE;
}

gboolean notify_target_check(const NotifyTarget *target, GError **error)
{
	Route route;
	gboolean is_good = route_resolve(&route, target, error);

	route_clear(&route);
	return is_good;
}

void route_clear(Route *route)
{
	g_clear_pointer(&route->address, g_uri_unref);
	g_clear_pointer(&route->words, g_strfreev);
}
