/* The bytes of requests and replies as a load generator needs them: SP framing and the envelope,
 * written beforehand. */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include "base/buffer.h"

enum {
    BENCH_GREETING = 8,
    BENCH_HEAD_MOST = 9, /* one type byte on ipc://, then the length */
    BENCH_REQUEST_ID = 4,
};

/* What a REQ socket says first, and what a REP socket answers. */
extern const char bench_greeting_request[BENCH_GREETING];
extern const char bench_greeting_reply[BENCH_GREETING];

/* Appends a whole frame: head, room for the request id, body. Returns where the id's four bytes
 * begin. */
size_t bench_frame_append(struct base_buffer *buffer, bool ipc, struct base_slice body);

/* Appends a Request envelope for a method whose request message holds one string in field 1, as
 * GetAuthor and GetPaper do. */
void bench_envelope_append(struct base_buffer *buffer, const char *method, struct base_slice id);

/* Takes a whole frame off the front of *input: request id and body. 1: taken, 0: more bytes are
 * needed, -1: not SP, or longer than most. */
int bench_frame_take(struct base_slice *input, bool ipc, size_t most, uint32_t *request_id,
                     struct base_slice *body);

/* Is body a Response of code 0 whose message holds in field 1 a message whose field 1 is id? That
 * is what GetAuthor and GetPaper answer for their own id. */
bool bench_reply_names(struct base_slice body, struct base_slice id);

#endif
