/* Reading the parts of records from messages: what authors, papers and their lists share. */
#ifndef WIRE_RECORD_PARTS_H
#define WIRE_RECORD_PARTS_H

#include "wire/messages.h"
#include "wire/record.h"

/* What the readers of one record share; both borrowed for the call. All below give
 * INVALID_ARGUMENT with a sentence that begins with the field. */
struct wire_reading {
    struct base_arena *arena;
    struct base_error *error;
};

/* RESOURCE_EXHAUSTED: the arena is full. */
enum base_code wire_part_memory(struct wire_reading *reading);
enum base_code wire_part_refuse(struct wire_reading *reading, const char *field, const char *why);
/* Puts the field before what is wrong with it. */
enum base_code wire_part_at(struct wire_reading *reading, enum base_code code, const char *field);
/* The same for a field of an entry of a list. */
enum base_code wire_part_inside(struct wire_reading *reading, enum base_code code,
                                const char *field, size_t i);
/* At most `most` entries of that size, cleared; *array is the address of a pointer of their type.
 */
enum base_code wire_part_array(struct wire_reading *reading, const char *field, size_t count,
                               size_t most, size_t size, void *array);
enum base_code wire_part_text(struct wire_reading *reading, const char *field, const char *text,
                              struct base_slice *slice);
/* One that must be there. */
enum base_code wire_part_id(struct wire_reading *reading, const char *field, const char *text,
                            struct model_id *id);
enum base_code wire_part_ids(struct wire_reading *reading, const char *field, char *const *texts,
                             size_t count, size_t most, const struct model_id **ids,
                             size_t *id_count);
/* "" is no date. */
enum base_code wire_part_date(struct wire_reading *reading, const char *field, const char *text,
                              struct model_date *date);
/* *updated holds the time of receipt. */
enum base_code wire_part_updated(struct wire_reading *reading, const char *text,
                                 model_time *updated);
/* message may be NULL. */
enum base_code wire_part_field(struct wire_reading *reading, const Hirsch__V1__Field *message,
                               struct model_field *field);
enum base_code wire_part_affiliations(struct wire_reading *reading,
                                      Hirsch__V1__Affiliation *const *messages, size_t count,
                                      const struct model_affiliation **affiliations,
                                      size_t *affiliation_count);
enum base_code wire_part_reported(struct wire_reading *reading,
                                  Hirsch__V1__ReportedMetrics *const *messages, size_t count,
                                  struct model_record *record);

#endif
