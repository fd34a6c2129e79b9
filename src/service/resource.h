/* Authors and papers as parts of an answer: stored bytes and computed numbers one behind the other,
 * nothing unpacked. */
#ifndef SERVICE_RESOURCE_H
#define SERVICE_RESOURCE_H

#include "service/session.h"

/* How much of an author or a paper an answer holds. */
struct service_view {
    bool abstract; /* of papers */
    bool years;    /* counts_by_year of metrics */
    bool reported;
};

extern const struct service_view service_full;
extern const struct service_view service_basic; /* of papers: all but the abstract */

/* An id as the request's field gives it, in any spelling. */
struct service_asked {
    const char *field;
    struct base_slice text;
    uint64_t key; /* store_recall_key of the text */
};

/* The rows of an id. Borrowed until the session rests. INVALID_ARGUMENT as service_parse_id,
 * NOT_FOUND as store_find. */
enum base_code service_read_author(struct rpc_call *call, struct service_session *session,
                                   const struct service_asked *asked, struct store_author *author,
                                   struct base_error *error);
enum base_code service_read_paper(struct rpc_call *call, struct service_session *session,
                                  const struct service_asked *asked, struct store_paper *paper,
                                  struct base_error *error);

/* Append hirsch.v1.Author or hirsch.v1.Paper as field number of the message that stands in buffer.
 * On failure what was appended is for the caller to drop. */
enum base_code service_put_author(struct service_session *session, uint32_t number,
                                  const struct store_author *author,
                                  const struct service_view *view, struct base_buffer *buffer,
                                  struct base_error *error);
enum base_code service_put_paper(struct rpc_call *call, struct service_session *session,
                                 uint32_t number, uint32_t paper, const struct service_view *view,
                                 struct base_buffer *buffer, struct base_error *error);

/* The same for a paper that has been read. */
enum base_code service_put_read_paper(struct rpc_call *call, struct service_session *session,
                                      uint32_t number, const struct store_paper *paper,
                                      const struct service_view *view, struct base_buffer *buffer,
                                      struct base_error *error);

/* Which view is asked for; *view stays for UNSPECIFIED. INVALID_ARGUMENT: a number that is no view.
 */
enum base_code service_author_view(struct rpc_call *call, int asked, struct service_view *view,
                                   struct base_error *error);
enum base_code service_paper_view(struct rpc_call *call, int asked, struct service_view *view,
                                  struct base_error *error);

#endif
