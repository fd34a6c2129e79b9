/* Numbers of the fields that are written without the generated structs; a test holds them against
 * the descriptors. */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

/* package (as a C prefix), message, MESSAGE_FIELD, number, "name in the .proto file". */
#define WIRE_FIELDS(X)                                                                             \
    X(hirsch__rpc__v1, request, REQUEST_METHOD, 1, "method")                                       \
    X(hirsch__rpc__v1, request, REQUEST_TIMEOUT_MS, 2, "timeout_ms")                               \
    X(hirsch__rpc__v1, request, REQUEST_METADATA, 3, "metadata")                                   \
    X(hirsch__rpc__v1, request, REQUEST_PAYLOAD, 4, "payload")                                     \
    X(hirsch__rpc__v1, response, RESPONSE_CODE, 1, "code")                                         \
    X(hirsch__rpc__v1, response, RESPONSE_MESSAGE, 2, "message")                                   \
    X(hirsch__rpc__v1, response, RESPONSE_DETAILS, 3, "details")                                   \
    X(hirsch__rpc__v1, response, RESPONSE_METADATA, 4, "metadata")                                 \
    X(hirsch__rpc__v1, response, RESPONSE_PAYLOAD, 5, "payload")                                   \
    X(hirsch__rpc__v1, metadata, METADATA_KEY, 1, "key")                                           \
    X(hirsch__rpc__v1, metadata, METADATA_VALUE, 2, "value")                                       \
    X(hirsch__rpc__v1, detail, DETAIL_REASON, 1, "reason")                                         \
    X(hirsch__rpc__v1, detail, DETAIL_FIELD, 2, "field")                                           \
    X(hirsch__v1, author, AUTHOR_ID, 1, "id")                                                      \
    X(hirsch__v1, author, AUTHOR_IDS, 2, "ids")                                                    \
    X(hirsch__v1, author, AUTHOR_DISPLAY_NAME, 3, "display_name")                                  \
    X(hirsch__v1, author, AUTHOR_ALTERNATIVE_NAMES, 4, "alternative_names")                        \
    X(hirsch__v1, author, AUTHOR_PRIMARY_FIELD, 5, "primary_field")                                \
    X(hirsch__v1, author, AUTHOR_AFFILIATIONS, 6, "affiliations")                                  \
    X(hirsch__v1, author, AUTHOR_METRICS, 7, "metrics")                                            \
    X(hirsch__v1, author, AUTHOR_REPORTED, 8, "reported")                                          \
    X(hirsch__v1, author, AUTHOR_DISPUTED_IDS, 9, "disputed_ids")                                  \
    X(hirsch__v1, author, AUTHOR_NAME_ONLY, 10, "name_only")                                       \
    X(hirsch__v1, paper, PAPER_ID, 1, "id")                                                        \
    X(hirsch__v1, paper, PAPER_IDS, 2, "ids")                                                      \
    X(hirsch__v1, paper, PAPER_TITLE, 3, "title")                                                  \
    X(hirsch__v1, paper, PAPER_ABSTRACT, 4, "abstract")                                            \
    X(hirsch__v1, paper, PAPER_PUBLICATION_DATE, 5, "publication_date")                            \
    X(hirsch__v1, paper, PAPER_PRIMARY_FIELD, 6, "primary_field")                                  \
    X(hirsch__v1, paper, PAPER_KIND, 7, "kind")                                                    \
    X(hirsch__v1, paper, PAPER_VENUE, 8, "venue")                                                  \
    X(hirsch__v1, paper, PAPER_AUTHORS, 9, "authors")                                              \
    X(hirsch__v1, paper, PAPER_AUTHORS_TRUNCATED, 10, "authors_truncated")                         \
    X(hirsch__v1, paper, PAPER_METRICS, 11, "metrics")                                             \
    X(hirsch__v1, paper, PAPER_REPORTED, 12, "reported")                                           \
    X(hirsch__v1, paper, PAPER_AFFILIATIONS, 13, "affiliations")                                   \
    X(hirsch__v1, paper, PAPER_REFEREED, 14, "refereed")                                           \
    X(hirsch__v1, paper, PAPER_RETRACTED, 15, "retracted")                                         \
    X(hirsch__v1, paper, PAPER_DISPUTED_IDS, 16, "disputed_ids")                                   \
    X(hirsch__v1, paper, PAPER_STUB, 17, "stub")                                                   \
    X(hirsch__v1, field, FIELD_ID, 1, "id")                                                        \
    X(hirsch__v1, field, FIELD_DISPLAY_NAME, 2, "display_name")                                    \
    X(hirsch__v1, affiliation, AFFILIATION_NAME, 1, "name")                                        \
    X(hirsch__v1, affiliation, AFFILIATION_ROR, 2, "ror")                                          \
    X(hirsch__v1, authorship, AUTHORSHIP_ID, 1, "id")                                              \
    X(hirsch__v1, authorship, AUTHORSHIP_NAME, 2, "name")                                          \
    X(hirsch__v1, authorship, AUTHORSHIP_POSITION, 3, "position")                                  \
    X(hirsch__v1, authorship, AUTHORSHIP_CORRESPONDING, 4, "corresponding")                        \
    X(hirsch__v1, authorship, AUTHORSHIP_AFFILIATIONS, 5, "affiliations")                          \
    X(hirsch__v1, reported_metrics, REPORTED_SOURCE, 1, "source")                                  \
    X(hirsch__v1, reported_metrics, REPORTED_AS_OF, 2, "as_of")                                    \
    X(hirsch__v1, reported_metrics, REPORTED_PAPER_COUNT, 3, "paper_count")                        \
    X(hirsch__v1, reported_metrics, REPORTED_CITATION_COUNT, 4, "citation_count")                  \
    X(hirsch__v1, reported_metrics, REPORTED_H_INDEX, 5, "h_index")                                \
    X(hirsch__v1, reported_metrics, REPORTED_NOVELTY, 6, "novelty")                                \
    X(hirsch__v1, reported_metrics, REPORTED_AI_SCORE, 7, "ai_score")                              \
    X(hirsch__v1, reported_metrics, REPORTED_COUNTS_BY_YEAR, 8, "counts_by_year")                  \
    X(hirsch__v1, reported_metrics, REPORTED_ISSUES, 9, "issues")                                  \
    X(hirsch__v1, reported_metrics, REPORTED_I10_INDEX, 10, "i10_index")                           \
    X(hirsch__v1, reported_metrics, REPORTED_CITATION_BASIS, 11, "citation_basis")                 \
    X(hirsch__v1, reported_year, REPORTED_YEAR_YEAR, 1, "year")                                    \
    X(hirsch__v1, reported_year, REPORTED_YEAR_PAPER_COUNT, 2, "paper_count")                      \
    X(hirsch__v1, reported_year, REPORTED_YEAR_CITATION_COUNT, 3, "citation_count")                \
    X(hirsch__v1, reported_issue, REPORTED_ISSUE_CODE, 1, "code")                                  \
    X(hirsch__v1, reported_issue, REPORTED_ISSUE_MESSAGE, 2, "message")                            \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_PAPER_COUNT, 1, "paper_count")                    \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_CITATION_COUNT, 2, "citation_count")              \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_CITING_PAPER_COUNT, 3, "citing_paper_count")      \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_H_INDEX, 4, "h_index")                            \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_G_INDEX, 5, "g_index")                            \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_I10_INDEX, 6, "i10_index")                        \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_I100_INDEX, 7, "i100_index")                      \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_M_QUOTIENT, 8, "m_quotient")                      \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_SELF_CITATION_COUNT, 9, "self_citation_count")    \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_FIRST_YEAR, 10, "first_year")                     \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_LAST_YEAR, 11, "last_year")                       \
    X(hirsch__v1, author_metrics, AUTHOR_METRICS_COUNTS_BY_YEAR, 12, "counts_by_year")             \
    X(hirsch__v1, author_year, AUTHOR_YEAR_YEAR, 1, "year")                                        \
    X(hirsch__v1, author_year, AUTHOR_YEAR_PAPER_COUNT, 2, "paper_count")                          \
    X(hirsch__v1, author_year, AUTHOR_YEAR_CITATION_COUNT, 3, "citation_count")                    \
    X(hirsch__v1, paper_metrics, PAPER_METRICS_CITATION_COUNT, 1, "citation_count")                \
    X(hirsch__v1, paper_metrics, PAPER_METRICS_REFERENCE_COUNT, 2, "reference_count")              \
    X(hirsch__v1, paper_metrics, PAPER_METRICS_SELF_CITATION_COUNT, 3, "self_citation_count")      \
    X(hirsch__v1, paper_metrics, PAPER_METRICS_COUNTS_BY_YEAR, 4, "counts_by_year")                \
    X(hirsch__v1, paper_year, PAPER_YEAR_YEAR, 1, "year")                                          \
    X(hirsch__v1, paper_year, PAPER_YEAR_CITATION_COUNT, 2, "citation_count")                      \
    X(hirsch__v1, get_author_request, GET_AUTHOR_REQUEST_ID, 1, "id")                              \
    X(hirsch__v1, get_paper_request, GET_PAPER_REQUEST_ID, 1, "id")                                \
    X(hirsch__v1, get_author_response, GET_AUTHOR_RESPONSE_AUTHOR, 1, "author")                    \
    X(hirsch__v1, get_author_response, GET_AUTHOR_RESPONSE_COMPUTED, 2, "computed")                \
    X(hirsch__v1, get_paper_response, GET_PAPER_RESPONSE_PAPER, 1, "paper")                        \
    X(hirsch__v1, get_paper_response, GET_PAPER_RESPONSE_COMPUTED, 2, "computed")                  \
    X(hirsch__v1, batch_get_authors_response, BATCH_RESPONSE_RESULTS, 1, "results")                \
    X(hirsch__v1, batch_get_papers_response, BATCH_PAPERS_RESPONSE_RESULTS, 1, "results")          \
    X(hirsch__v1, author_result, RESULT_ID, 1, "id")                                               \
    X(hirsch__v1, author_result, RESULT_ENTITY, 2, "author")                                       \
    X(hirsch__v1, author_result, RESULT_ERROR, 3, "error")                                         \
    X(hirsch__v1, paper_result, PAPER_RESULT_ID, 1, "id")                                          \
    X(hirsch__v1, paper_result, PAPER_RESULT_ENTITY, 2, "paper")                                   \
    X(hirsch__v1, paper_result, PAPER_RESULT_ERROR, 3, "error")                                    \
    X(hirsch__v1, item_error, ITEM_ERROR_CODE, 1, "code")                                          \
    X(hirsch__v1, item_error, ITEM_ERROR_MESSAGE, 2, "message")                                    \
    X(hirsch__v1, list_author_papers_response, LIST_RESPONSE_PAPERS, 1, "papers")                  \
    X(hirsch__v1, list_author_papers_response, LIST_RESPONSE_NEXT_PAGE_TOKEN, 2,                   \
      "next_page_token")                                                                           \
    X(hirsch__v1, list_author_papers_response, LIST_RESPONSE_TOTAL_SIZE, 3, "total_size")          \
    X(hirsch__v1, list_citations_response, LIST_CITATIONS_RESPONSE_CITATIONS, 1, "citations")      \
    X(hirsch__v1, list_citations_response, LIST_CITATIONS_RESPONSE_NEXT_PAGE_TOKEN, 2,             \
      "next_page_token")                                                                           \
    X(hirsch__v1, list_citations_response, LIST_CITATIONS_RESPONSE_TOTAL_SIZE, 3, "total_size")    \
    X(hirsch__v1, list_references_response, LIST_REFERENCES_RESPONSE_PAPERS, 1, "papers")          \
    X(hirsch__v1, list_references_response, LIST_REFERENCES_RESPONSE_NEXT_PAGE_TOKEN, 2,           \
      "next_page_token")                                                                           \
    X(hirsch__v1, list_references_response, LIST_REFERENCES_RESPONSE_TOTAL_SIZE, 3, "total_size")  \
    X(hirsch__v1, citation, CITATION_PAPER, 1, "paper")                                            \
    X(hirsch__v1, citation, CITATION_SHARES_AUTHOR, 2, "shares_author")                            \
    X(hirsch__v1, list_coauthors_response, LIST_COAUTHORS_RESPONSE_COAUTHORS, 1, "coauthors")      \
    X(hirsch__v1, list_coauthors_response, LIST_COAUTHORS_RESPONSE_NEXT_PAGE_TOKEN, 2,             \
      "next_page_token")                                                                           \
    X(hirsch__v1, list_coauthors_response, LIST_COAUTHORS_RESPONSE_TOTAL_SIZE, 3, "total_size")    \
    X(hirsch__v1, list_coauthors_response, LIST_COAUTHORS_RESPONSE_SKIPPED_PAPERS, 4,              \
      "skipped_papers")                                                                            \
    X(hirsch__v1, coauthor, COAUTHOR_ID, 1, "id")                                                  \
    X(hirsch__v1, coauthor, COAUTHOR_DISPLAY_NAME, 2, "display_name")                              \
    X(hirsch__v1, coauthor, COAUTHOR_JOINT_PAPER_COUNT, 3, "joint_paper_count")                    \
    X(hirsch__v1, coauthor, COAUTHOR_FIRST_YEAR, 4, "first_year")                                  \
    X(hirsch__v1, coauthor, COAUTHOR_LAST_YEAR, 5, "last_year")                                    \
    X(hirsch__v1, coauthor, COAUTHOR_NAME_ONLY, 6, "name_only")                                    \
    X(hirsch__v1, search_authors_response, SEARCH_AUTHORS_RESPONSE_AUTHORS, 1, "authors")          \
    X(hirsch__v1, search_authors_response, SEARCH_AUTHORS_RESPONSE_NEXT_PAGE_TOKEN, 2,             \
      "next_page_token")                                                                           \
    X(hirsch__v1, search_authors_response, SEARCH_AUTHORS_RESPONSE_TRUNCATED, 3, "truncated")      \
    X(hirsch__v1, search_papers_response, SEARCH_PAPERS_RESPONSE_PAPERS, 1, "papers")              \
    X(hirsch__v1, search_papers_response, SEARCH_PAPERS_RESPONSE_NEXT_PAGE_TOKEN, 2,               \
      "next_page_token")                                                                           \
    X(hirsch__v1, search_papers_response, SEARCH_PAPERS_RESPONSE_TRUNCATED, 3, "truncated")        \
    X(hirsch__v1, author_hit, AUTHOR_HIT_ID, 1, "id")                                              \
    X(hirsch__v1, author_hit, AUTHOR_HIT_DISPLAY_NAME, 2, "display_name")                          \
    X(hirsch__v1, author_hit, AUTHOR_HIT_PRIMARY_FIELD, 3, "primary_field")                        \
    X(hirsch__v1, author_hit, AUTHOR_HIT_AFFILIATIONS, 4, "affiliations")                          \
    X(hirsch__v1, author_hit, AUTHOR_HIT_PAPER_COUNT, 5, "paper_count")                            \
    X(hirsch__v1, author_hit, AUTHOR_HIT_CITATION_COUNT, 6, "citation_count")                      \
    X(hirsch__v1, author_hit, AUTHOR_HIT_H_INDEX, 7, "h_index")                                    \
    X(hirsch__v1, author_hit, AUTHOR_HIT_NAME_ONLY, 8, "name_only")                                \
    X(hirsch__v1, get_dataset_response, GET_DATASET_RESPONSE_DATASET, 1, "dataset")                \
    X(hirsch__v1, dataset, DATASET_ID, 1, "id")                                                    \
    X(hirsch__v1, dataset, DATASET_EPOCH, 2, "epoch")                                              \
    X(hirsch__v1, dataset, DATASET_SEQUENCE, 3, "sequence")                                        \
    X(hirsch__v1, dataset, DATASET_COVERAGE_END, 4, "coverage_end")                                \
    X(hirsch__v1, dataset, DATASET_PAPER_COUNT, 5, "paper_count")                                  \
    X(hirsch__v1, dataset, DATASET_STUB_COUNT, 6, "stub_count")                                    \
    X(hirsch__v1, dataset, DATASET_AUTHOR_COUNT, 7, "author_count")                                \
    X(hirsch__v1, dataset, DATASET_CITATION_COUNT, 8, "citation_count")                            \
    X(hirsch__v1, dataset, DATASET_SOURCE_RECORD_COUNT, 9, "source_record_count")                  \
    X(hirsch__v1, dataset, DATASET_MERGED_RECORD_COUNT, 10, "merged_record_count")                 \
    X(hirsch__v1, dataset, DATASET_DISPUTED_ID_COUNT, 11, "disputed_id_count")                     \
    X(hirsch__v1, dataset, DATASET_SOURCES, 12, "sources")                                         \
    X(hirsch__v1, source_count, SOURCE_COUNT_SOURCE, 1, "source")                                  \
    X(hirsch__v1, source_count, SOURCE_COUNT_AUTHOR_RECORDS, 2, "author_records")                  \
    X(hirsch__v1, source_count, SOURCE_COUNT_PAPER_RECORDS, 3, "paper_records")                    \
    X(hirsch__v1, sample_ids_response, SAMPLE_IDS_RESPONSE_IDS, 1, "ids")                          \
    X(hirsch__v1, resolve_ids_response, RESOLVE_IDS_RESPONSE_RESULTS, 1, "results")                \
    X(hirsch__v1, resolved_id, RESOLVED_ID_ID, 1, "id")                                            \
    X(hirsch__v1, resolved_id, RESOLVED_ID_KIND, 2, "kind")                                        \
    X(hirsch__v1, resolved_id, RESOLVED_ID_RESOLVED_ID, 3, "resolved_id")                          \
    X(hirsch__v1, resolved_id, RESOLVED_ID_MERGED, 4, "merged")                                    \
    X(hirsch__v1, resolved_id, RESOLVED_ID_DISPUTED, 5, "disputed")                                \
    X(hirsch__v1, resolved_id, RESOLVED_ID_SUPPRESSED, 6, "suppressed")                            \
    X(hirsch__v1, resolved_id, RESOLVED_ID_STUB, 7, "stub")                                        \
    X(hirsch__v1, resolved_id, RESOLVED_ID_ERROR_CODE, 8, "error_code")                            \
    X(hirsch__v1, resolved_id, RESOLVED_ID_ERROR_MESSAGE, 9, "error_message")                      \
    X(hirsch__v1, record, RECORD_AUTHOR, 1, "author")                                              \
    X(hirsch__v1, record, RECORD_PAPER, 2, "paper")                                                \
    X(hirsch__v1, record, RECORD_CITATION, 3, "citation")                                          \
    X(hirsch__v1, record, RECORD_MERGE, 4, "merge")                                                \
    X(hirsch__v1, record, RECORD_SUPPRESS, 5, "suppress")                                          \
    X(hirsch__v1, author_record, AUTHOR_RECORD_ID, 1, "id")                                        \
    X(hirsch__v1, author_record, AUTHOR_RECORD_IDS, 2, "ids")                                      \
    X(hirsch__v1, author_record, AUTHOR_RECORD_NAME, 3, "name")                                    \
    X(hirsch__v1, author_record, AUTHOR_RECORD_ALIASES, 4, "aliases")                              \
    X(hirsch__v1, author_record, AUTHOR_RECORD_AFFILIATIONS, 5, "affiliations")                    \
    X(hirsch__v1, author_record, AUTHOR_RECORD_FIELD, 6, "field")                                  \
    X(hirsch__v1, author_record, AUTHOR_RECORD_SOURCE, 7, "source")                                \
    X(hirsch__v1, author_record, AUTHOR_RECORD_UPDATED, 8, "updated")                              \
    X(hirsch__v1, author_record, AUTHOR_RECORD_REPORTED, 9, "reported")                            \
    X(hirsch__v1, paper_record, PAPER_RECORD_ID, 1, "id")                                          \
    X(hirsch__v1, paper_record, PAPER_RECORD_IDS, 2, "ids")                                        \
    X(hirsch__v1, paper_record, PAPER_RECORD_TITLE, 3, "title")                                    \
    X(hirsch__v1, paper_record, PAPER_RECORD_ABSTRACT, 4, "abstract")                              \
    X(hirsch__v1, paper_record, PAPER_RECORD_DATE, 5, "date")                                      \
    X(hirsch__v1, paper_record, PAPER_RECORD_FIELD, 6, "field")                                    \
    X(hirsch__v1, paper_record, PAPER_RECORD_KIND, 7, "kind")                                      \
    X(hirsch__v1, paper_record, PAPER_RECORD_VENUE, 8, "venue")                                    \
    X(hirsch__v1, paper_record, PAPER_RECORD_REFEREED, 9, "refereed")                              \
    X(hirsch__v1, paper_record, PAPER_RECORD_RETRACTED, 10, "retracted")                           \
    X(hirsch__v1, paper_record, PAPER_RECORD_AUTHORS, 11, "authors")                               \
    X(hirsch__v1, paper_record, PAPER_RECORD_AUTHORS_TRUNCATED, 12, "authors_truncated")           \
    X(hirsch__v1, paper_record, PAPER_RECORD_AFFILIATIONS, 13, "affiliations")                     \
    X(hirsch__v1, paper_record, PAPER_RECORD_REFERENCES, 14, "references")                         \
    X(hirsch__v1, paper_record, PAPER_RECORD_SOURCE, 15, "source")                                 \
    X(hirsch__v1, paper_record, PAPER_RECORD_UPDATED, 16, "updated")                               \
    X(hirsch__v1, paper_record, PAPER_RECORD_REPORTED, 17, "reported")                             \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_ID, 1, "id")                                \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_IDS, 2, "ids")                              \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_NAME, 3, "name")                            \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_POSITION, 4, "position")                    \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_CORRESPONDING, 5, "corresponding")          \
    X(hirsch__v1, authorship_record, AUTHORSHIP_RECORD_AFFILIATIONS, 6, "affiliations")            \
    X(hirsch__v1, citation_record, CITATION_RECORD_CITING, 1, "citing")                            \
    X(hirsch__v1, citation_record, CITATION_RECORD_CITED, 2, "cited")                              \
    X(hirsch__v1, citation_record, CITATION_RECORD_DATE, 3, "date")                                \
    X(hirsch__v1, citation_record, CITATION_RECORD_UPDATED, 4, "updated")                          \
    X(hirsch__v1, merge_record, MERGE_RECORD_FROM, 1, "from")                                      \
    X(hirsch__v1, merge_record, MERGE_RECORD_INTO, 2, "into")                                      \
    X(hirsch__v1, merge_record, MERGE_RECORD_ENTITY, 3, "entity")                                  \
    X(hirsch__v1, suppress_record, SUPPRESS_RECORD_ID, 1, "id")                                    \
    X(hirsch__v1, suppress_record, SUPPRESS_RECORD_ENTITY, 2, "entity")                            \
    X(hirsch__v1, put_records_request, PUT_RECORDS_REQUEST_RECORDS, 1, "records")                  \
    X(hirsch__v1, put_records_request, PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY, 2, "idempotency_key")  \
    X(hirsch__v1, put_records_request, PUT_RECORDS_REQUEST_IMPORT_ID, 3, "import_id")              \
    X(hirsch__v1, put_records_request, PUT_RECORDS_REQUEST_IMPORT_CHUNK, 4, "import_chunk")        \
    X(hirsch__v1, put_records_response, PUT_RECORDS_RESPONSE_RESULTS, 1, "results")                \
    X(hirsch__v1, put_records_response, PUT_RECORDS_RESPONSE_SEQUENCE, 2, "sequence")              \
    X(hirsch__v1, put_records_response, PUT_RECORDS_RESPONSE_EPOCH, 3, "epoch")                    \
    X(hirsch__v1, record_result, RECORD_RESULT_OUTCOME, 1, "outcome")                              \
    X(hirsch__v1, record_result, RECORD_RESULT_ERROR, 2, "error")                                  \
    X(hirsch__v1, record_key, RECORD_KEY_ENTITY, 1, "entity")                                      \
    X(hirsch__v1, record_key, RECORD_KEY_CITATION, 2, "citation")                                  \
    X(hirsch__v1, record_key, RECORD_KEY_MERGE, 3, "merge")                                        \
    X(hirsch__v1, record_key, RECORD_KEY_SUPPRESS, 4, "suppress")                                  \
    X(hirsch__v1, entity_key, ENTITY_KEY_ID, 1, "id")                                              \
    X(hirsch__v1, entity_key, ENTITY_KEY_ENTITY, 2, "entity")                                      \
    X(hirsch__v1, citation_key, CITATION_KEY_CITING, 1, "citing")                                  \
    X(hirsch__v1, citation_key, CITATION_KEY_CITED, 2, "cited")                                    \
    X(hirsch__v1, delete_records_request, DELETE_RECORDS_REQUEST_KEYS, 1, "keys")                  \
    X(hirsch__v1, delete_records_request, DELETE_RECORDS_REQUEST_IDEMPOTENCY_KEY, 2,               \
      "idempotency_key")                                                                           \
    X(hirsch__v1, delete_records_response, DELETE_RECORDS_RESPONSE_RESULTS, 1, "results")          \
    X(hirsch__v1, delete_records_response, DELETE_RECORDS_RESPONSE_SEQUENCE, 2, "sequence")        \
    X(hirsch__v1, delete_records_response, DELETE_RECORDS_RESPONSE_EPOCH, 3, "epoch")

enum wire_field_number {
#define WIRE_FIELD_MEMBER(package, message, name, number, text) WIRE_##name = number,
    WIRE_FIELDS(WIRE_FIELD_MEMBER)
#undef WIRE_FIELD_MEMBER
};

/* Batches of authors and of papers answer in one shape, so that one piece of code writes both. */
_Static_assert((int)WIRE_BATCH_RESPONSE_RESULTS == (int)WIRE_BATCH_PAPERS_RESPONSE_RESULTS,
               "shape");
_Static_assert((int)WIRE_RESULT_ID == (int)WIRE_PAPER_RESULT_ID, "shape");
_Static_assert((int)WIRE_RESULT_ENTITY == (int)WIRE_PAPER_RESULT_ENTITY, "shape");
_Static_assert((int)WIRE_RESULT_ERROR == (int)WIRE_PAPER_RESULT_ERROR, "shape");
_Static_assert((int)WIRE_GET_AUTHOR_RESPONSE_AUTHOR == (int)WIRE_GET_PAPER_RESPONSE_PAPER, "shape");

/* So do lists: items, next_page_token, and total_size where there is one. */
_Static_assert((int)WIRE_LIST_RESPONSE_PAPERS == (int)WIRE_LIST_CITATIONS_RESPONSE_CITATIONS,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_PAPERS == (int)WIRE_LIST_REFERENCES_RESPONSE_PAPERS,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_PAPERS == (int)WIRE_LIST_COAUTHORS_RESPONSE_COAUTHORS,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_PAPERS == (int)WIRE_SEARCH_AUTHORS_RESPONSE_AUTHORS,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_PAPERS == (int)WIRE_SEARCH_PAPERS_RESPONSE_PAPERS, "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN ==
                   (int)WIRE_LIST_CITATIONS_RESPONSE_NEXT_PAGE_TOKEN,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN ==
                   (int)WIRE_LIST_REFERENCES_RESPONSE_NEXT_PAGE_TOKEN,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN ==
                   (int)WIRE_LIST_COAUTHORS_RESPONSE_NEXT_PAGE_TOKEN,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN ==
                   (int)WIRE_SEARCH_AUTHORS_RESPONSE_NEXT_PAGE_TOKEN,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN ==
                   (int)WIRE_SEARCH_PAPERS_RESPONSE_NEXT_PAGE_TOKEN,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_TOTAL_SIZE == (int)WIRE_LIST_CITATIONS_RESPONSE_TOTAL_SIZE,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_TOTAL_SIZE == (int)WIRE_LIST_REFERENCES_RESPONSE_TOTAL_SIZE,
               "shape");
_Static_assert((int)WIRE_LIST_RESPONSE_TOTAL_SIZE == (int)WIRE_LIST_COAUTHORS_RESPONSE_TOTAL_SIZE,
               "shape");
_Static_assert((int)WIRE_SEARCH_AUTHORS_RESPONSE_TRUNCATED ==
                   (int)WIRE_SEARCH_PAPERS_RESPONSE_TRUNCATED,
               "shape");

#endif
