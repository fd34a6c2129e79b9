#include "service/dataset.h"

#include "service/session.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/view.h"
#include "wire/write.h"

_Static_assert(MODEL_AUTHOR == (int)HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR, "kinds differ");
_Static_assert(MODEL_PAPER == (int)HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER, "kinds differ");

static void put_hex(struct base_buffer *payload, uint32_t number, const uint8_t bytes[STORE_EPOCH])
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * STORE_EPOCH];
    for (size_t i = 0; i < STORE_EPOCH; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    wire_put_bytes(payload, number, base_slice(hex, sizeof hex));
}

static void put_sources(struct base_buffer *payload, const struct store_source *sources,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_mark mark =
            wire_begin(payload, WIRE_DATASET_SOURCES, sources[i].name.size + 12);
        wire_put_bytes(payload, WIRE_SOURCE_COUNT_SOURCE, sources[i].name);
        wire_put_uint(payload, WIRE_SOURCE_COUNT_AUTHOR_RECORDS, sources[i].authors);
        wire_put_uint(payload, WIRE_SOURCE_COUNT_PAPER_RECORDS, sources[i].papers);
        wire_end(payload, mark);
    }
}

enum base_code service_get_dataset(struct rpc_call *call, const void *message,
                                   struct base_buffer *payload, struct base_error *error)
{
    (void)message;
    struct service_session *session;
    const struct store_info *info;
    struct store_source sources[STORE_SOURCES_MOST];
    size_t source_count;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_info(session, &info, error);
    }
    if (code == BASE_OK) {
        code = store_read_sources(session->reader, sources, &source_count, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct wire_mark mark = wire_begin(payload, WIRE_GET_DATASET_RESPONSE_DATASET, 1000);
    put_hex(payload, WIRE_DATASET_ID, info->dataset);
    put_hex(payload, WIRE_DATASET_EPOCH, info->epoch);
    wire_put_uint(payload, WIRE_DATASET_SEQUENCE, info->sequence);
    if (info->coverage_end != MODEL_NO_DAY) {
        char text[MODEL_DATE_TEXT];
        struct model_date day = {info->coverage_end, MODEL_DAY};
        wire_put_bytes(payload, WIRE_DATASET_COVERAGE_END,
                       base_slice(text, model_date_text(day, text)));
    }
    wire_put_uint(payload, WIRE_DATASET_PAPER_COUNT, info->paper_count);
    wire_put_uint(payload, WIRE_DATASET_STUB_COUNT, info->stub_count);
    wire_put_uint(payload, WIRE_DATASET_AUTHOR_COUNT, info->author_count);
    wire_put_uint(payload, WIRE_DATASET_CITATION_COUNT, info->citation_count);
    wire_put_uint(payload, WIRE_DATASET_SOURCE_RECORD_COUNT, info->source_count);
    wire_put_uint(payload, WIRE_DATASET_MERGED_RECORD_COUNT, info->merged_count);
    wire_put_uint(payload, WIRE_DATASET_DISPUTED_ID_COUNT, info->disputed_count);
    put_sources(payload, sources, source_count);
    wire_end(payload, mark);
    return BASE_OK;
}

/* Drawing without putting back: a permutation of the numbers by four Feistel rounds over the next
 * even number of bits; what falls outside goes round again. */
struct draw {
    uint64_t seed;
    uint32_t from; /* the numbers from … from + count - 1 */
    uint32_t count;
    unsigned half; /* bits */
};

static uint64_t mix(uint64_t bits)
{
    bits += UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

static uint32_t drawn(const struct draw *draw, uint32_t index)
{
    const uint64_t mask = (UINT64_C(1) << draw->half) - 1;
    uint64_t at = index;
    do {
        uint64_t left = at >> draw->half;
        uint64_t right = at & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint64_t next = left ^ (mix(mix(draw->seed + round) ^ right) & mask);
            left = right;
            right = next;
        }
        at = left << draw->half | right;
    } while (at >= draw->count);
    return draw->from + (uint32_t)at;
}

static struct draw draw_of(uint64_t seed, uint32_t from, uint32_t end)
{
    struct draw draw = {.seed = mix(seed), .from = from, .count = end - from, .half = 1};
    while ((UINT64_C(1) << (2 * draw.half)) < draw.count) {
        draw.half++;
    }
    return draw;
}

struct sample {
    struct rpc_call *call;
    struct service_session *session;
    enum model_entity entity;
    bool stubs;
    uint32_t wanted;
    uint32_t found;
    uint32_t rows; /* read so far */
    size_t start;  /* of the answer in the payload */
};

/* A view, and whether the number may be shown; *id.size 0: it is not in use. */
static enum base_code read_id(const struct sample *sample, uint32_t number, struct base_slice *id,
                              bool *stub, struct base_error *error)
{
    struct store_author author;
    struct store_paper paper;
    enum base_code code;
    *stub = false;
    if (sample->entity == MODEL_AUTHOR) {
        code = store_read_author(sample->session->reader, number, &author, error);
        *id = code == BASE_OK ? wire_view_id(author.view) : base_slice(NULL, 0);
    } else {
        code = store_read_paper(sample->session->reader, number, &paper, error);
        *id = code == BASE_OK ? wire_view_id(paper.view) : base_slice(NULL, 0);
        *stub = code == BASE_OK && paper.stub;
    }
    return code == BASE_NOT_FOUND ? BASE_OK : code;
}

static enum base_code draw_ids(struct sample *sample, const struct draw *draw,
                               struct base_buffer *payload, struct base_error *error)
{
    for (uint32_t i = 0; i < draw->count && sample->found < sample->wanted; i++) {
        if (sample->rows++ >= LIMIT_SAMPLE_ROWS) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                             "after %d papers %u of %u with a record were found; ask for fewer, or "
                             "with include_stubs",
                             LIMIT_SAMPLE_ROWS, sample->found, sample->wanted);
        }
        struct base_slice id;
        bool stub;
        enum base_code code = read_id(sample, drawn(draw, i), &id, &stub, error);
        if (code != BASE_OK) {
            return code;
        }
        if (id.size == 0 || (stub && !sample->stubs)) {
            continue;
        }
        wire_put_bytes(payload, WIRE_SAMPLE_IDS_RESPONSE_IDS, id);
        sample->found++;
        if (payload->failed || payload->size - sample->start > sample->call->max_payload) {
            return rpc_fail_reply_limit(sample->call, error);
        }
    }
    return BASE_OK;
}

/* A build numbers papers with records first: the number at which stubs begin, when that is so, so
 * that not every second paper drawn is one that may not be shown. Wherever it falls, all numbers
 * are drawn from in the end. */
static enum base_code find_border(const struct sample *sample, uint32_t end, uint32_t *border,
                                  struct base_error *error)
{
    uint32_t low = 1;
    uint32_t high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct base_slice id;
        bool stub;
        enum base_code code = read_id(sample, middle, &id, &stub, error);
        if (code != BASE_OK) {
            return code;
        }
        if (stub) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *border = low;
    return BASE_OK;
}

/* What there is to draw from, so that the search for more ends with the last one. */
static uint32_t most_of(const struct sample *sample, const struct store_info *info)
{
    uint64_t most = sample->entity == MODEL_AUTHOR ? info->author_count
                    : sample->stubs                ? info->paper_count + info->stub_count
                                                   : info->paper_count;
    return most < sample->wanted ? (uint32_t)most : sample->wanted;
}

static enum base_code check_sample(struct rpc_call *call,
                                   const Hirsch__V1__SampleIdsRequest *request,
                                   struct base_error *error)
{
    if ((int)request->kind != MODEL_AUTHOR && (int)request->kind != MODEL_PAPER) {
        call->detail_reason = "KIND_INVALID";
        call->detail_field = "kind";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field kind: %d is no kind to draw from; AUTHOR is 1, PAPER is 2",
                         (int)request->kind);
    }
    if (request->count == 0 || request->count > LIMIT_SAMPLE) {
        call->detail_reason = "COUNT_INVALID";
        call->detail_field = "count";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field count: %u ids were asked for; a sample holds 1 to %d",
                         request->count, LIMIT_SAMPLE);
    }
    return BASE_OK;
}

enum base_code service_sample_ids(struct rpc_call *call, const void *message,
                                  struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__SampleIdsRequest *request = message;
    struct sample sample = {
        .call = call,
        .entity = (enum model_entity)request->kind,
        .stubs = request->include_stubs,
        .wanted = request->count,
        .start = payload->size,
    };
    const struct store_info *info;
    uint32_t last;
    enum base_code code = service_begin(call, &sample.session, error);
    if (code == BASE_OK) {
        code = check_sample(call, request, error);
    }
    if (code == BASE_OK) {
        code = service_info(sample.session, &info, error);
    }
    if (code == BASE_OK) {
        code = store_read_last(sample.session->reader, sample.entity, &last, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    sample.wanted = most_of(&sample, info);
    uint32_t border = last + 1;
    if (sample.entity == MODEL_PAPER && !sample.stubs) {
        code = find_border(&sample, last + 1, &border, error);
    }
    const struct draw parts[] = {
        draw_of(request->seed, 1, border),
        draw_of(request->seed, border, last + 1),
    };
    for (size_t i = 0; code == BASE_OK && i < sizeof parts / sizeof parts[0]; i++) {
        code = draw_ids(&sample, &parts[i], payload, error);
    }
    return code;
}

struct resolved {
    enum model_entity entity;
    bool found;
    bool suppressed;
    bool stub;
    struct store_ref ref;
    struct base_slice id; /* own id; borrowed from the snapshot */
};

static enum base_code resolve(struct service_session *session, enum model_entity entity,
                              const struct model_id *id, struct resolved *resolved,
                              struct base_error *error)
{
    *resolved = (struct resolved){.entity = entity};
    if (!model_id_fits(id, entity)) {
        return BASE_OK;
    }
    enum base_code code =
        store_find_suppressed(session->reader, entity, id, &resolved->suppressed, error);
    if (code == BASE_OK) {
        code = store_find(session->reader, entity, id, &resolved->ref, error);
        resolved->found = code == BASE_OK;
    }
    if (code != BASE_OK) {
        return code == BASE_NOT_FOUND ? BASE_OK : code;
    }
    if (entity == MODEL_AUTHOR) {
        struct store_author author;
        code = store_read_author(session->reader, resolved->ref.number, &author, error);
        resolved->id = code == BASE_OK ? wire_view_id(author.view) : base_slice(NULL, 0);
    } else {
        struct store_paper paper;
        code = store_read_paper(session->reader, resolved->ref.number, &paper, error);
        resolved->id = code == BASE_OK ? wire_view_id(paper.view) : base_slice(NULL, 0);
        resolved->stub = code == BASE_OK && paper.stub;
    }
    return code;
}

static void put_resolved(const char *text, const struct resolved *resolved,
                         struct base_buffer *payload)
{
    struct wire_mark mark = wire_begin(payload, WIRE_RESOLVE_IDS_RESPONSE_RESULTS, 100);
    wire_put_bytes(payload, WIRE_RESOLVED_ID_ID, base_slice_text(text));
    if (resolved->found) {
        wire_put_uint(payload, WIRE_RESOLVED_ID_KIND, (uint64_t)resolved->entity);
        wire_put_bytes(payload, WIRE_RESOLVED_ID_RESOLVED_ID, resolved->id);
        wire_put_uint(payload, WIRE_RESOLVED_ID_MERGED, resolved->ref.merged);
        wire_put_uint(payload, WIRE_RESOLVED_ID_DISPUTED, resolved->ref.disputed);
    }
    wire_put_uint(payload, WIRE_RESOLVED_ID_SUPPRESSED, resolved->suppressed);
    wire_put_uint(payload, WIRE_RESOLVED_ID_STUB, resolved->stub);
    wire_end(payload, mark);
}

/* The author, the paper, both, or that it names nothing. */
static enum base_code put_id(struct rpc_call *call, struct service_session *session,
                             const char *text, struct base_buffer *payload,
                             struct base_error *error)
{
    struct model_id id;
    struct resolved author;
    struct resolved paper;
    enum base_code code = model_id_parse(base_slice_text(text), call->arena, &id, error);
    if (code == BASE_OK) {
        code = resolve(session, MODEL_AUTHOR, &id, &author, error);
    }
    if (code == BASE_OK) {
        code = resolve(session, MODEL_PAPER, &id, &paper, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (author.found) {
        put_resolved(text, &author, payload);
    }
    if (paper.found) {
        put_resolved(text, &paper, payload);
    }
    if (!author.found && !paper.found) {
        struct resolved nothing = {.suppressed = author.suppressed || paper.suppressed};
        put_resolved(text, &nothing, payload);
    }
    return BASE_OK;
}

enum base_code service_resolve_ids(struct rpc_call *call, const void *message,
                                   struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__ResolveIdsRequest *request = message;
    struct service_session *session;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_check_batch(call, request->n_ids, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    size_t start = payload->size;
    for (size_t i = 0; i < request->n_ids; i++) {
        struct base_error failure = {0};
        code = put_id(call, session, request->ids[i], payload, &failure);
        if (code != BASE_OK) {
            /* Of this item alone. */
            struct wire_mark mark = wire_begin(payload, WIRE_RESOLVE_IDS_RESPONSE_RESULTS, 1000);
            wire_put_bytes(payload, WIRE_RESOLVED_ID_ID, base_slice_text(request->ids[i]));
            wire_put_uint(payload, WIRE_RESOLVED_ID_ERROR_CODE, (uint64_t)code);
            wire_put_text(payload, WIRE_RESOLVED_ID_ERROR_MESSAGE, failure.text);
            wire_end(payload, mark);
        }
        if (payload->failed || payload->size - start > call->max_payload) {
            return rpc_fail_reply_limit(call, error);
        }
    }
    return BASE_OK;
}
