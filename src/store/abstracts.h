/* Abstracts on their way into a fresh generation: compressed on a thread of their own, with a
 * dictionary that is made from what is about to be stored. */
#ifndef STORE_ABSTRACTS_H
#define STORE_ABSTRACTS_H

#include "base/compress.h"
#include "store/derive.h"

struct store_abstracts;

/* Rows of `abstract` become zstd frames; they and all others go on to the sink. records: what is
 * stored, borrowed, for the dictionary, which is a function of them alone. */
enum base_code store_abstracts_open(const struct store_record *records, size_t count,
                                    const struct store_sink *sink, bool threaded,
                                    struct store_abstracts **abstracts, struct base_error *error);

/* For one thread; it can be forked as far as the sink behind it can. */
struct store_sink store_abstracts_sink(struct store_abstracts *abstracts);

/* Waits until every row has gone on. *dictionary, the caller's from now on, is NULL when there were
 * too few abstracts for it to be worth its room, and on failure. */
enum base_code store_abstracts_close(struct store_abstracts *abstracts, bool well,
                                     struct base_dictionary **dictionary, struct base_error *error);

#endif
