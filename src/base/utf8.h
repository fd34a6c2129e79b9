/* Is this text well-formed UTF-8 (RFC 3629: no surrogates, nothing over U+10FFFF, shortest form)?
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/bytes.h"

/* Length of the longest well-formed prefix; equal to size when all is well. */
size_t base_utf8_prefix(struct base_slice text);

static inline bool base_utf8_valid(struct base_slice text)
{
    return base_utf8_prefix(text) == text.size;
}

/* Well-formed and without a NUL, as protobuf's strings have to be here. */
bool base_utf8_is_text(struct base_slice text);

/* True when a C0 control, DEL or NUL is in the text. */
bool base_utf8_has_control(struct base_slice text);

/* The longest prefix of at most limit bytes that ends at a character. The text is well-formed. */
struct base_slice base_utf8_cut(struct base_slice text, size_t limit);

#endif
