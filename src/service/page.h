/* One page of any list: how many items, where it begins, where the next one does. */
#ifndef SERVICE_PAGE_H
#define SERVICE_PAGE_H

#include "service/token.h"
#include "rpc/rpc.h"

/* Lives for one call. */
struct service_page {
    struct rpc_call *call;
    const char *method;
    struct base_slice list; /* borrowed; see service_token_write */
    size_t size;            /* items at most */
    size_t start;           /* of the answer in the payload */
    size_t shown;
    struct service_place last; /* the item shown last */
};

/* asked: page_size of the request. */
void service_page_init(struct service_page *page, struct rpc_call *call, const char *method,
                       struct base_slice list, uint32_t asked, const struct base_buffer *payload);

/* The place behind which the page begins; the id is parsed into *id. Not for an empty token.
 * INVALID_ARGUMENT with the detail PAGE_TOKEN_FOREIGN. */
enum base_code service_page_begin(struct service_page *page, const char *token,
                                  struct service_place *place, struct model_id *id,
                                  struct base_error *error);

/* One item was appended, from `before` on. *full: it was dropped again, since the reply would grow
 * over its limit. RESOURCE_EXHAUSTED: that is so for the first item. DATA_LOSS: the item has no
 * id. The id of place is borrowed until service_page_end. */
enum base_code service_page_add(struct service_page *page, struct base_buffer *payload,
                                size_t before, const struct service_place *place, bool *full,
                                struct base_error *error);

/* more: items follow behind those that were shown. */
void service_page_end(struct service_page *page, bool more, struct base_buffer *payload);

/* Order of own ids that are text: as model_id_compare, by scheme, then bytes of the value. */
int service_id_order(struct base_slice a, struct base_slice b);

#endif
