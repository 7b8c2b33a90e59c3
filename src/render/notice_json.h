#ifndef PGUNLOCK_RENDER_NOTICE_JSON_H
#define PGUNLOCK_RENDER_NOTICE_JSON_H

/* The document pgunlock.notice/1, as one value of a larger document or by itself. */

#include "base/json_writer.h"
#include "render/notice.h"

void notice_write_json(JsonWriter *json, const Notice *notice);

#endif
