#include "guard/places.h"

#include <string.h>

/* More backends are left behind by one section only when a network is lost again and again before
 * the server notices: the first are gone by then. */
#define MOST_LEFT 8

typedef struct {
	char *section;
	char *cluster; /* and when it was started: its standbys have the same identifier */
	char *database;
	gint32 pid;   /* of the present connection; 0: none */
	GArray *left; /* of gint32: on this cluster, the oldest first */
} Place;

struct Places {
	GPtrArray *all; /* of Place, in the order in which they came */
};

static void place_free(gpointer data)
{
	Place *place = data;

	g_free(place->section);
	g_free(place->cluster);
	g_free(place->database);
	g_array_unref(place->left);
	g_free(place);
}

Places *places_new(void)
{
	Places *places = g_new0(Places, 1);

	places->all = g_ptr_array_new_with_free_func(place_free);
	return places;
}

void places_free(Places *places)
{
	if (places == NULL)
		return;
	g_ptr_array_unref(places->all);
	g_free(places);
}

static Place *find(const Places *places, const char *section)
{
	for (guint i = 0; i < places->all->len; i++) {
		Place *place = g_ptr_array_index(places->all, i);

		if (strcmp(place->section, section) == 0)
			return place;
	}
	return NULL;
}

void places_arrive(Places *places, const char *section, const char *system_identifier,
                   gint64 started_at, gint32 pid, const char *database)
{
	g_autofree char *cluster =
	    g_strdup_printf("%s since %" G_GINT64_FORMAT,
	                    system_identifier != NULL ? system_identifier : "?", started_at);
	Place *place = find(places, section);

	if (place == NULL) {
		place = g_new0(Place, 1);
		place->section = g_strdup(section);
		place->left = g_array_new(FALSE, FALSE, sizeof(gint32));
		g_ptr_array_add(places->all, place);
	}
	if (g_strcmp0(place->cluster, cluster) != 0)
		g_array_set_size(place->left, 0);
	g_free(place->cluster);
	place->cluster = g_steal_pointer(&cluster);
	place->pid = pid;
	g_free(place->database);
	place->database = g_strdup(database);
}

const char *places_database(const Places *places, const char *section)
{
	const Place *place = find(places, section);

	return place != NULL ? place->database : NULL;
}

void places_leave(Places *places, const char *section)
{
	Place *place = find(places, section);

	if (place == NULL || place->pid == 0)
		return;
	if (place->left->len == MOST_LEFT)
		g_array_remove_index(place->left, 0);
	g_array_append_val(place->left, place->pid);
	place->pid = 0;
}

void places_forget_left(Places *places, const char *section)
{
	Place *place = find(places, section);

	if (place != NULL)
		g_array_set_size(place->left, 0);
}

void places_forget(Places *places, const char *section)
{
	Place *place = find(places, section);

	if (place != NULL)
		g_ptr_array_remove(places->all, place);
}

const char *places_twin(const Places *places, const char *section)
{
	const Place *own = find(places, section);

	for (guint i = 0; own != NULL && i < places->all->len; i++) {
		const Place *place = g_ptr_array_index(places->all, i);

		if (place != own && place->pid != 0 && strcmp(place->cluster, own->cluster) == 0)
			return place->section;
	}
	return NULL;
}

static gboolean has_left(const Place *place, gint32 pid)
{
	for (guint i = 0; i < place->left->len; i++)
		if (g_array_index(place->left, gint32, i) == pid)
			return TRUE;
	return FALSE;
}

PlacesOwner places_owner(const Places *places, const char *section, gint32 pid, const char **twin)
{
	const Place *own = find(places, section);

	if (twin != NULL)
		*twin = NULL;
	if (own == NULL || pid == 0)
		return PLACES_NOBODYS;
	if (has_left(own, pid))
		return PLACES_LEFT;
	for (guint i = 0; i < places->all->len; i++) {
		const Place *place = g_ptr_array_index(places->all, i);

		if (place == own || strcmp(place->cluster, own->cluster) != 0 ||
		    (place->pid != pid && !has_left(place, pid)))
			continue;
		if (twin != NULL)
			*twin = place->section;
		return PLACES_TWINS;
	}
	return PLACES_NOBODYS;
}
