/* Reading the objects of the native format by tables of their members. */
#ifndef INGEST_NATIVE_PARTS_H
#define INGEST_NATIVE_PARTS_H

#include "ingest/line.h"

struct native_member;

/* Reads one value into the struct that the object's table is about. */
typedef enum base_code (*native_read)(struct ingest_line *line, const struct native_member *member,
                                      struct json_value value, void *into);

/* A table of them, ended by a NULL name, describes one kind of object; at most 64 members. */
struct native_member {
    const char *name;
    native_read read;
    size_t offset; /* of what is filled in the struct */
    bool required;
};

/* UNKNOWN_FIELD for a member that is not in the table or stands there twice, MISSING_FIELD for a
 * required one. */
enum base_code native_read_object(struct ingest_line *line, const char *what,
                                  const struct native_member *members, struct json_value value,
                                  void *into);

/* Into a struct base_slice; tabs and line breaks are for abstracts only. */
enum base_code native_text(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into);
enum base_code native_abstract(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into);
/* Into a model_id, model_date, model_time, model_field, bool, model_tristate, model_count,
 * model_score, entity byte. */
enum base_code native_id(struct ingest_line *line, const struct native_member *member,
                         struct json_value value, void *into);
enum base_code native_date(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into);
enum base_code native_time(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into);
enum base_code native_field(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into);
enum base_code native_bool(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into);
enum base_code native_tristate(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into);
enum base_code native_count(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into);
enum base_code native_score(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into);
enum base_code native_entity(struct ingest_line *line, const struct native_member *member,
                             struct json_value value, void *into);
/* The type has been read before the table was chosen. */
enum base_code native_ignore(struct ingest_line *line, const struct native_member *member,
                             struct json_value value, void *into);

/* An array of at most `most` elements; LIMIT otherwise. *count elements of size bytes, cleared, in
 * the arena. */
enum base_code native_array(struct ingest_line *line, const char *name, struct json_value value,
                            size_t most, size_t size, void **elements, size_t *count);

/* Arrays of ids, of texts, of affiliations (strings or objects) and of reported blocks. */
enum base_code native_ids(struct ingest_line *line, const char *name, struct json_value value,
                          size_t most, const struct model_id **ids, size_t *count);
enum base_code native_texts(struct ingest_line *line, const char *name, struct json_value value,
                            size_t most, const struct base_slice **texts, size_t *count);
enum base_code native_affiliations(struct ingest_line *line, const char *name,
                                   struct json_value value,
                                   const struct model_affiliation **affiliations, size_t *count);
enum base_code native_reported(struct ingest_line *line, const char *name, struct json_value value,
                               const struct model_reported **reported, size_t *count);

#endif
