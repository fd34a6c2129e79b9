/* Reading whole tables: source records for export, curation lines, disputed ids. */
#ifndef STORE_SCAN_H
#define STORE_SCAN_H

#include "model/record.h"
#include "store/store.h"

/* What a scan gives to its caller; another code than OK ends it. */
typedef enum base_code (*store_on_record)(void *context, const struct model_record *record,
                                          struct base_error *error);

/* All source records of types first … last in the order of their keys: suppress, merge, author,
 * paper, citation; each type by its ids. The record lives for the call. Holds one snapshot. */
enum base_code store_scan_records(struct store_reader *reader, enum model_record_type first,
                                  enum model_record_type last, store_on_record on_record,
                                  void *context, struct base_error *error);

/* An id that two records of one source claim, and the own-number of what it resolves to. */
typedef enum base_code (*store_on_disputed)(void *context, enum model_entity entity,
                                            const struct model_id *id, uint32_t number,
                                            struct base_error *error);
enum base_code store_scan_disputed(struct store_reader *reader, store_on_disputed on_disputed,
                                   void *context, struct base_error *error);

#endif
