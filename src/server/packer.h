/* What joins the store to the wire format of its views. */
#ifndef SERVER_PACKER_H
#define SERVER_PACKER_H

#include "store/derive.h"
#include "wire/view.h"

static inline enum base_code server_unpack(enum model_entity entity, struct base_slice view,
                                           struct base_arena *arena,
                                           struct store_unpacked *unpacked,
                                           struct base_error *error)
{
    struct wire_view_parts parts;
    if (!wire_unpack_view(entity, view, arena, &parts)) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    *unpacked = (struct store_unpacked){
        .ids = parts.ids,
        .id_count = parts.id_count,
        .texts = parts.texts,
        .text_count = parts.text_count,
        .field = {parts.field_id, parts.field_name},
        .kind = parts.kind,
        .affiliations = parts.affiliations,
        .affiliation_count = parts.affiliation_count,
    };
    return BASE_OK;
}

static inline struct store_packer server_packer(void)
{
    return (struct store_packer){wire_pack_author_view, wire_pack_paper_view, server_unpack};
}

#endif
