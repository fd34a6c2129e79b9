/* Whole lists and whole tables as computations over the citation graph take them. */
#ifndef STORE_GRAPH_H
#define STORE_GRAPH_H

#include "base/buffer.h"
#include "engine/graph.h"
#include "store/store.h"

/* Every citation of the paper, struct engine_citer one behind the other, sorted by (day, paper),
 * appended to the buffer. */
enum base_code store_append_citers(struct store_reader *reader, uint32_t paper,
                                   struct base_buffer *citers, struct base_error *error);

/* The same, where it lies when it is one chunk, else in the room, which is emptied first: valid
 * until the snapshot ends or the room is used. NULL when there is none. */
enum base_code store_read_citers(struct store_reader *reader, uint32_t paper,
                                 struct base_buffer *room, const struct engine_citer **citers,
                                 size_t *count, struct base_error *error);

/* Everything that the paper cites, uint32_t ascending, appended to the buffer. */
enum base_code store_append_cited(struct store_reader *reader, uint32_t paper,
                                  struct base_buffer *cited, struct base_error *error);

/* Every paper from number `first` on, stubs included, ascending. Another code than OK ends the scan
 * and is returned. Slices of the paper live as long as the snapshot; the reader may be used for
 * other reads in between, but must not rest. */
typedef enum base_code (*store_on_paper)(void *context, const struct store_paper *paper,
                                         struct base_error *error);
enum base_code store_scan_papers(struct store_reader *reader, uint32_t first,
                                 store_on_paper on_paper, void *context, struct base_error *error);

/* The same for authors. */
typedef enum base_code (*store_on_author)(void *context, const struct store_author *author,
                                          struct base_error *error);
enum base_code store_scan_authors(struct store_reader *reader, uint32_t first,
                                  store_on_author on_author, void *context,
                                  struct base_error *error);

#endif
