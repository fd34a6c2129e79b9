/* From a merged view to the packed bytes that the store keeps and an answer starts with. */
#ifndef WIRE_VIEW_H
#define WIRE_VIEW_H

#include "base/buffer.h"
#include "model/merge.h"

/* Append hirsch.v1.Author without metrics, and hirsch.v1.Paper without metrics and abstract, fields
 * in the order of their numbers. The own id leads `ids` whether or not view->ids holds it; aliases
 * equal to the display name are left out. The caller has put the authors' own ids into
 * view->paper.authors[i].id. Equal views give equal bytes. Nothing is allocated but in the buffer;
 * check buffer->failed. */
void wire_pack_author_view(const struct model_view *view, struct base_buffer *buffer);
void wire_pack_paper_view(const struct model_view *view, struct base_buffer *buffer);

/* The own id `scheme:value` of a packed view. Borrowed. */
struct base_slice wire_view_id(struct base_slice view);

#endif
