#include "base/error.h"
#include "base/ip_network.h"
#include "policy/conditions.h"
#include "policy/list_items.h"

#include <string.h>

struct ClientList {
	GArray *items; /* they mean a ClientItem */
};

typedef struct {
	gboolean is_local; /* Unix sockets; else the network */
	IpNetwork network;
} ClientItem;

typedef struct {
	gboolean is_local;
	gboolean is_address; /* neither: nobody */
	IpAddress address;
} Client;

static gpointer parse_item(const char *text, GError **error)
{
	ClientItem item = {.is_local = strcmp(text, "local") == 0};

	if (!item.is_local && !ip_network_parse(text, &item.network, error))
		return NULL;
	return g_memdup2(&item, sizeof(item));
}

ClientList *client_list_parse(const char *text, GError **error)
{
	GArray *items = list_items_parse(text, FALSE, parse_item, g_free, error);
	ClientList list = {.items = items};

	return items != NULL ? g_memdup2(&list, sizeof(list)) : NULL;
}

void client_list_free(ClientList *list)
{
	if (list == NULL)
		return;
	g_array_unref(list->items);
	g_free(list);
}

static Answer is_from(const ListItem *item, gconstpointer fact)
{
	const ClientItem *wanted = item->value;
	const Client *client = fact;

	if (wanted->is_local)
		return answer_of(client->is_local);
	return answer_of(client->is_address && ip_network_contains(&wanted->network, &client->address));
}

Answer client_list_matches(const ClientList *list, const char *address, gint32 port)
{
	Client client = {.is_local = port == -1};

	if (address == NULL)
		return ANSWER_UNKNOWN;
	if (!client.is_local && *address != '\0') {
		client.is_address = ip_address_parse(address, &client.address);
		if (!client.is_address)
			return ANSWER_UNKNOWN;
	}
	return list_items_answer(list->items, is_from, &client);
}
