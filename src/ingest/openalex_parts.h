/* Pieces of OpenAlex objects that works and authors have in common. */
#ifndef INGEST_OPENALEX_PARTS_H
#define INGEST_OPENALEX_PARTS_H

#include "ingest/line.h"

/* Values by the name of their key, found in one pass whatever their order; null counts as absent.
 */
void openalex_collect(struct json_value object, const struct base_slice *names, size_t count,
                      struct json_value *values);

static inline bool openalex_has(struct json_value value)
{
    return value.tape != NULL;
}

/* A member that is there and not null. */
bool openalex_find(struct json_value object, struct base_slice key, struct json_value *value);

/* "https://openalex.org/W12" or "W12" with that letter. Borrowed from the text when it is in normal
 * form already. */
bool openalex_id(struct ingest_line *line, char letter, struct base_slice text,
                 struct model_id *id);

/* An id that a source gives beside its own, as string or number; false (and counted) when it is
 * none of that scheme. */
bool openalex_other_id(struct ingest_line *line, enum model_scheme scheme, struct json_value value,
                       struct model_id *id);

/* The text with control characters turned into blanks; the abstract keeps its tabs and line breaks.
 * {NULL, 0} when memory is out. */
struct base_slice openalex_clean(struct ingest_line *line, struct base_slice text, bool lines);

/* A text member: string or absent. LIMIT when it is too long. */
enum base_code openalex_text(struct ingest_line *line, const char *name, struct json_value value,
                             struct base_slice *text);

/* Affiliations from institutions: an array of them or one object. */
enum base_code openalex_institutions(struct ingest_line *line, struct json_value value,
                                     const struct model_affiliation **affiliations, size_t *count);

/* `openalex/<subfield>` of an object with subfield {id, display_name}; unset when there is none. */
enum base_code openalex_topic_field(struct ingest_line *line, struct json_value topic,
                                    struct model_field *field);

/* `openalex/C<digits>` of the best-scored concept of level 0; of equal scores the first. */
enum base_code openalex_concept_field(struct ingest_line *line, struct json_value concepts,
                                      struct model_field *field);

/* updated_date, else updated, else what the context says. */
enum base_code openalex_updated(struct ingest_line *line, struct json_value updated_date,
                                struct json_value updated, model_time *time);

/* One block of source "openalex": as_of is the day of updated, the years come from counts_by_year.
 */
enum base_code openalex_reported(struct ingest_line *line, struct json_value counts_by_year,
                                 model_time updated, struct model_reported *reported);

/* A count that is there or not. */
enum base_code openalex_count(struct ingest_line *line, const char *name, struct json_value value,
                              struct model_count *count);

/* The two kinds of records; id is that of the entity. */
enum base_code openalex_work(struct ingest_line *line, struct json_value entity,
                             const struct model_id *id, struct model_record *record);
enum base_code openalex_author(struct ingest_line *line, struct json_value entity,
                               const struct model_id *id, struct model_record *record);

/* The text of an inverted index: words joined by single blanks, positions nobody names left out.
 * {NULL, 0} in *text when the index is empty. */
enum base_code openalex_abstract(struct ingest_line *line, struct json_value index,
                                 struct base_slice *text);

#endif
