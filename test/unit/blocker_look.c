#include "blocker_look.h"

#include "base/duration.h"

void look_clear(Look *look)
{
	blocker_free(look->blocker);
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}

void add_blocker_table(Names *names, guint32 oid, const char *name, char kind, guint32 table)
{
	const RelationName relation = {SCENE_DATABASE, oid, "public", name, kind, table};

	names_add_relation(names, &relation);
}

void add_blocker_names(Snapshot *snapshot)
{
	Names *names = snapshot_names(snapshot);
	const guint32 ancestors[] = {TABLE, ROOT_TABLE};

	names_add_database(names, SCENE_DATABASE, "app");
	names_add_role(names, SCENE_USER, "app_rw");
	add_blocker_table(names, TABLE, "login_2026", 'p', TABLE);
	add_blocker_table(names, PARTITION, "login_2026_01", 'r', PARTITION);
	add_blocker_table(names, INDEX, "login_2026_01_pkey", 'i', PARTITION);
	add_blocker_table(names, ROOT_TABLE, "login", 'p', ROOT_TABLE);
	add_blocker_table(names, OTHER_TABLE, "orders", 'r', OTHER_TABLE);
	names_set_ancestors(names, SCENE_DATABASE, TABLE, &ancestors[1], 1);
	names_set_ancestors(names, SCENE_DATABASE, PARTITION, ancestors, 2);
	names_set_ancestors(names, SCENE_DATABASE, OTHER_TABLE, NULL, 0);
}

Look look_at(Scene *scene, gint32 pid)
{
	Look look = {.snapshot = scene_end(scene)};

	add_blocker_names(look.snapshot);
	look.graph = wait_graph_new(look.snapshot);
	look.blocker = blocker_new(look.graph, scene_find(look.snapshot, pid), TIMESTAMP_NONE);
	return look;
}

gint64 blocker_ago(double seconds)
{
	return SCENE_NOW - (gint64) (seconds * DURATION_SECOND);
}

Look look_at_relation(guint32 relation)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_relation(relation), "ShareLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(relation), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(relation), "AccessExclusiveLock", 30);
	return look_at(&scene, 100);
}
