/* Authors and papers as parts of an answer: stored bytes and computed numbers one behind the other,
 * nothing unpacked. */
#ifndef SERVICE_RESOURCE_H
#define SERVICE_RESOURCE_H

#include "service/session.h"

/* Append hirsch.v1.Author or hirsch.v1.Paper as field number of the message that stands in buffer.
 * On failure what was appended is for the caller to drop. with_abstract: the FULL view. */
enum base_code service_put_author(struct rpc_call *call, struct service_session *session,
                                  uint32_t number, uint32_t author, struct base_buffer *buffer,
                                  struct base_error *error);
enum base_code service_put_paper(struct rpc_call *call, struct service_session *session,
                                 uint32_t number, uint32_t paper, bool with_abstract,
                                 struct base_buffer *buffer, struct base_error *error);

/* The same for a paper that has been read. */
enum base_code service_put_read_paper(struct rpc_call *call, struct service_session *session,
                                      uint32_t number, const struct store_paper *paper,
                                      bool with_abstract, struct base_buffer *buffer,
                                      struct base_error *error);

/* Which view is asked for; fallback for UNSPECIFIED. INVALID_ARGUMENT: a number that is no view. */
enum base_code service_wants_abstract(struct rpc_call *call, int view, bool fallback,
                                      bool *with_abstract, struct base_error *error);

#endif
