/* OpenAlex: works and authors as its API and its snapshots write them, in the shapes of 2023 and of
 * now. */
#ifndef INGEST_OPENALEX_H
#define INGEST_OPENALEX_H

#include "ingest/ingest.h"

/* A line is an entity, an API list ({"meta":…,"results":[…]}), an array of entities, or a row of a
 * merged_ids table
 * (`merge_date,id,merge_into_id`). Lenient where a record would be lost for a secondary value: an
 * id that is none, a control character in a title; what is lost is counted. */
extern const struct ingest_format ingest_openalex;

#endif
