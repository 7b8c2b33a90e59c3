#ifndef PGUNLOCK_TEST_DOCUMENTS_H
#define PGUNLOCK_TEST_DOCUMENTS_H

/* What is rendered of a fixture, and how. */

#include "render/render.h"

/* A fixture with what is made of it. */
typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Plan *release;   /* of everything; NULL when that is an error */
	Plan *cancel;    /* of all roots; likewise */
	Plan *terminate; /* of all roots; likewise */
	Snapshot *quiet; /* the same server later, when nobody is left */
	WaitGraph *quiet_graph;
} Scene;

/* Takes the snapshot. */
Scene scene_of(Snapshot *snapshot);
void scene_clear(Scene *scene);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

typedef struct {
	const char *name;
	RenderStyle style;
} TextStyle;

extern const TextStyle text_styles[];
extern const guint n_text_styles;

/* Of what a document is made. */
typedef enum {
	NEEDS_LOOK,
	NEEDS_RELEASE,
	NEEDS_CANCEL,
	NEEDS_TERMINATE,
	NEEDS_SESSION,
	NEEDS_ROW
} Needs;

gboolean scene_has(const Scene *scene, Needs needs);

typedef struct {
	const char *name;
	void (*render)(GString *out, const Scene *scene, const RenderStyle *style);
	Needs needs;
	gboolean has_full;      /* looks different when full */
	gboolean even_if_large; /* stays readable however many wait */
} TextDocument;

extern const TextDocument text_documents[];
extern const guint n_text_documents;

typedef struct {
	const char *name; /* with its extension */
	void (*render)(GString *out, const Scene *scene);
	Needs needs;
} DataDocument;

extern const DataDocument data_documents[];
extern const guint n_data_documents;

#endif
