#ifndef PGUNLOCK_TEST_NOTICE_DOCUMENTS_H
#define PGUNLOCK_TEST_NOTICE_DOCUMENTS_H

/* Notices of every kind, and what is made of one. */

#include "render/notice.h"

typedef struct {
	const char *name;
	Notice notice;
} NoticeFixture;

extern const NoticeFixture notice_fixtures[];
extern const guint n_notice_fixtures;

typedef struct {
	const char *name; /* with its extension */
	void (*render)(GString *out, const Notice *notice);
} NoticeDocument;

extern const NoticeDocument notice_documents[];
extern const guint n_notice_documents;

#endif
