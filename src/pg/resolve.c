#include "pg/resolve.h"

#include "base/text.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

struct PgLookup {
	gint references; /* of the thread and of who waits for it */
	GMainContext *context;
	PgLookupDone done; /* NULL once abandoned; only touched in the context */
	gpointer user_data;
	GPtrArray *asked;
	GPtrArray *found;
	GPtrArray *problems;
};

static void place_free(gpointer data)
{
	PgPlace *place = data;

	g_free(place->host);
	g_free(place->address);
	g_free(place->port);
	g_free(place);
}

static void add_place(GPtrArray *places, const char *host, const char *address, const char *port)
{
	PgPlace *place = g_new0(PgPlace, 1);

	place->host = g_strdup(host);
	place->address = g_strdup(address);
	place->port = g_strdup(port);
	g_ptr_array_add(places, place);
}

/* As libpq tells them apart (an @ is an abstract socket). */
static gboolean is_socket(const char *host)
{
	return host[0] == '/' || host[0] == '@';
}

static struct addrinfo *look_up(const char *host, int flags, int *failure)
{
	const struct addrinfo hints = {
	    .ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;

	*failure = getaddrinfo(host, NULL, &hints, &list);
	return *failure == 0 ? list : NULL;
}

static gboolean is_numeric(const char *host)
{
	int failure;
	struct addrinfo *list = look_up(host, AI_NUMERICHOST, &failure);

	if (list == NULL)
		return FALSE;
	freeaddrinfo(list);
	return TRUE;
}

static char **split_list(const char *list)
{
	return g_strsplit(list != NULL ? list : "", ",", -1);
}

/* An entry of a list of n; a list of one entry stands for all, an absent one is empty. */
static const char *list_entry(char **list, guint length, guint index)
{
	if (length == 0)
		return "";
	return g_strstrip(list[length == 1 ? 0 : index]);
}

GPtrArray *pg_places_new(const char *host, const char *hostaddr, const char *port)
{
	g_auto(GStrv) hosts = split_list(host);
	g_auto(GStrv) addresses = split_list(hostaddr);
	g_auto(GStrv) ports = split_list(port);
	guint n_hosts = g_strv_length(hosts);
	guint n_addresses = g_strv_length(addresses);
	guint n_ports = g_strv_length(ports);
	guint n = n_addresses > 0 ? n_addresses : n_hosts;

	if (n == 0 || (n_hosts > 0 && n_hosts != n) || (n_ports > 1 && n_ports != n))
		return NULL;
	GPtrArray *places = g_ptr_array_new_with_free_func(place_free);

	for (guint i = 0; i < n; i++) {
		const char *name = n_hosts > 0 ? g_strstrip(hosts[i]) : "";
		const char *address = n_addresses > 0 ? g_strstrip(addresses[i]) : "";

		if (address[0] == '\0' && name[0] != '\0' && !is_socket(name) && is_numeric(name))
			address = name;
		add_place(places, name, address, list_entry(ports, n_ports, i));
	}
	return places;
}

static gboolean place_needs_lookup(const PgPlace *place)
{
	return place->address[0] == '\0' && place->host[0] != '\0' && !is_socket(place->host);
}

gboolean pg_places_need_lookup(const GPtrArray *places)
{
	for (guint i = 0; i < places->len; i++)
		if (place_needs_lookup(g_ptr_array_index(places, i)))
			return TRUE;
	return FALSE;
}

guint pg_places_find(const GPtrArray *places, guint first, const char *host, const char *address,
                     const char *port)
{
	for (guint i = first; i < places->len; i++) {
		const PgPlace *place = g_ptr_array_index(places, i);

		if (g_strcmp0(host, place->host[0] != '\0' ? place->host : place->address) == 0 &&
		    g_strcmp0(address, place->address) == 0 && g_strcmp0(port, place->port) == 0)
			return i;
	}
	return places->len;
}

char *pg_places_list(const GPtrArray *places, guint first, PgPlacePart part)
{
	GString *list = g_string_new(NULL);

	for (guint i = first; i < places->len; i++) {
		const PgPlace *place = g_ptr_array_index(places, i);
		const char *const parts[] = {
		    [PLACE_HOST] = place->host,
		    [PLACE_ADDRESS] = place->address,
		    [PLACE_PORT] = place->port,
		};

		if (i > first)
			g_string_append_c(list, ',');
		g_string_append(list, parts[part]);
	}
	return g_string_free(list, FALSE);
}

static void lookup_unref(gpointer data)
{
	PgLookup *lookup = data;

	if (!g_atomic_int_dec_and_test(&lookup->references))
		return;
	g_main_context_unref(lookup->context);
	g_ptr_array_unref(lookup->asked);
	g_clear_pointer(&lookup->found, g_ptr_array_unref);
	g_ptr_array_unref(lookup->problems);
	g_free(lookup);
}

static void add_addresses(PgLookup *lookup, const PgPlace *place)
{
	int failure;
	struct addrinfo *list = look_up(place->host, AI_ADDRCONFIG, &failure);

	for (const struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next) {
		char address[NI_MAXHOST];

		if (getnameinfo(entry->ai_addr, entry->ai_addrlen, address, sizeof(address), NULL, 0,
		                NI_NUMERICHOST) == 0)
			add_place(lookup->found, place->host, address, place->port);
	}
	if (list == NULL)
		g_ptr_array_add(lookup->problems,
		                g_strdup_printf("%s: %s", place->host, gai_strerror(failure)));
	else
		freeaddrinfo(list);
}

static gboolean lookup_finish(gpointer data)
{
	PgLookup *lookup = data;

	if (lookup->done != NULL)
		lookup->done(g_steal_pointer(&lookup->found), lookup->problems, lookup->user_data);
	return G_SOURCE_REMOVE;
}

static gpointer lookup_run(gpointer data)
{
	PgLookup *lookup = data;
	/* The source refers to its context when it is let go below. By then the lookup may be gone, and
	 * with it whoever else had the context. */
	g_autoptr(GMainContext) context = g_main_context_ref(lookup->context);

	for (guint i = 0; i < lookup->asked->len; i++) {
		const PgPlace *place = g_ptr_array_index(lookup->asked, i);

		if (place_needs_lookup(place))
			add_addresses(lookup, place);
		else
			add_place(lookup->found, place->host, place->address, place->port);
	}
	g_autoptr(GSource) source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	/* The thread's reference goes to the source. */
	g_source_set_callback(source, lookup_finish, lookup, lookup_unref);
	g_source_attach(source, context);
	return NULL;
}

PgLookup *pg_lookup_start(GMainContext *context, const GPtrArray *places, PgLookupDone done,
                          gpointer user_data)
{
	PgLookup *lookup = g_new0(PgLookup, 1);

	lookup->references = 2;
	lookup->context = g_main_context_ref(context);
	lookup->done = done;
	lookup->user_data = user_data;
	lookup->asked = g_ptr_array_new_with_free_func(place_free);
	lookup->found = g_ptr_array_new_with_free_func(place_free);
	lookup->problems = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < places->len; i++) {
		const PgPlace *place = g_ptr_array_index(places, i);

		add_place(lookup->asked, place->host, place->address, place->port);
	}
	g_thread_unref(g_thread_new("resolve", lookup_run, lookup));
	return lookup;
}

void pg_lookup_free(PgLookup *lookup)
{
	lookup->done = NULL;
	lookup_unref(lookup);
}
