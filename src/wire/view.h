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

/* Parts of a packed view. Slices are borrowed from it, arrays from the arena. */
struct wire_view_parts {
    const struct base_slice *ids; /* `scheme:value`, the own one first */
    size_t id_count;
    const struct base_slice *texts; /* author: display name, alternative names; paper: title */
    size_t text_count;
    struct base_slice field_id; /* of the primary field; size 0: none */
    struct base_slice field_name;
    enum model_kind kind;                         /* of a paper */
    const struct model_affiliation *affiliations; /* of an author */
    size_t affiliation_count;
};

/* False when the arena is full. Of bytes that are no view it gives what can be read. */
bool wire_unpack_view(enum model_entity entity, struct base_slice view, struct base_arena *arena,
                      struct wire_view_parts *parts);

/* Is the text `scheme:value` of one of the ids of a packed view, letter by letter? */
bool wire_view_names(struct base_slice view, struct base_slice text);

/* The own id `scheme:value` of a packed view. Borrowed. */
struct base_slice wire_view_id(struct base_slice view);

#endif
