// The only file that sees simdjson. Its DOM form, not its on-demand one: on 78.7 MB of OpenAlex
// works the DOM reads and checks everything in 70-90 ms, a full on-demand walk takes 80-130 ms and
// a partial one checks only what it visits.
#include "json/tape.h"

#include <simdjson.h>

#include <new>

struct json_parser {
    simdjson::dom::parser dom;
    size_t depth_most;

    json_parser(size_t size, size_t depth) : dom(size), depth_most(depth)
    {
    }
};

namespace
{

constexpr size_t capacity_first = 256 * 1024;
constexpr size_t capacity_kept = 1024 * 1024;

// Capacity in powers of two, so that slowly growing lines do not reallocate each time; what an
// unusually long text needed is given back with the next ordinary one.
simdjson::error_code fit(json_parser &parser, size_t size)
{
    size_t capacity = capacity_first;
    while (capacity < size) {
        capacity *= 2;
    }
    size_t held = parser.dom.capacity();
    if (held >= capacity && (held <= capacity_kept || capacity > capacity_kept / 2)) {
        return simdjson::SUCCESS;
    }
    simdjson::error_code code = parser.dom.allocate(capacity, parser.depth_most);
    return code != simdjson::SUCCESS ? code : parser.dom.doc.allocate(capacity);
}

simdjson::error_code run(json_parser &parser, const char *text, size_t size, bool padded)
{
    if (size > parser.dom.max_capacity()) {
        return simdjson::CAPACITY;
    }
    simdjson::error_code code = fit(parser, size);
    if (code != simdjson::SUCCESS) {
        return code;
    }
    simdjson::dom::element root;
    return parser.dom.parse(text, size, !padded).get(root);
}

} // namespace

extern "C" json_parser *json_parser_new(size_t size_most, size_t depth_most)
{
    return new (std::nothrow) json_parser(size_most, depth_most);
}

extern "C" void json_parser_free(json_parser *parser)
{
    delete parser;
}

extern "C" json_tape_code json_parser_run(json_parser *parser, const char *text, size_t size,
                                          bool padded, const uint64_t **words, const char **strings,
                                          const char **message)
{
    simdjson::error_code code = simdjson::MEMALLOC;
    // simdjson is built here without its throwing calls; what the standard library may throw ends
    // here.
    try {
        code = run(*parser, text, size, padded);
    } catch (...) {
        code = simdjson::MEMALLOC;
    }
    if (code == simdjson::MEMALLOC) {
        return JSON_TAPE_NO_MEMORY;
    }
    if (code != simdjson::SUCCESS) {
        *message = simdjson::error_message(code);
        return JSON_TAPE_REFUSED;
    }
    *words = parser->dom.doc.tape.get();
    *strings = reinterpret_cast<const char *>(parser->dom.doc.string_buf.get());
    return JSON_TAPE_OK;
}

extern "C" size_t json_parser_padding(void)
{
    return simdjson::SIMDJSON_PADDING;
}
