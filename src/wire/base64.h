/* Base64 of RFC 4648: standard with padding for JSON, URL-safe without padding for page tokens. */
#ifndef WIRE_BASE64_H
#define WIRE_BASE64_H

#include "base/buffer.h"

void wire_base64_append(struct base_buffer *buffer, struct base_slice bytes);
void wire_base64url_append(struct base_buffer *buffer, struct base_slice bytes);

/* Decodes at most room bytes; false, with *size untouched, for anything that encoding never makes
 * (padding, other characters, bits that are not zero in the last character) or that needs more
 * room. */
bool wire_base64url_decode(struct base_slice text, char *to, size_t room, size_t *size);

#endif
