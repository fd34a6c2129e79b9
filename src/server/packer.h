/* What joins the store to the wire format of its views. */
#ifndef SERVER_PACKER_H
#define SERVER_PACKER_H

#include "store/derive.h"
#include "wire/view.h"

static inline struct store_packer server_packer(void)
{
    return (struct store_packer){wire_pack_author_view, wire_pack_paper_view};
}

#endif
