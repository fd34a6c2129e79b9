#include "server/import_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"

static void print_count(const char *name, uint64_t count, const char *remark)
{
    printf("%-18s %12" PRIu64 "%s%s\n", name, count, remark[0] == '\0' ? "" : "  ", remark);
}

static void print_read(const struct ingest_report *read)
{
    print_count("records read", read->totals.records, "");
    print_count("rejected", read->totals.rejected, "");
    for (int reason = 0; reason < INGEST_REASON_END; reason++) {
        if (read->rejected_by_reason[reason] > 0) {
            printf("  %-16s %12" PRIu64 "\n", ingest_reason_text((enum ingest_reason)reason),
                   read->rejected_by_reason[reason]);
        }
    }
}

static void print_lost(const struct ingest_report *read)
{
    if (read->skipped_entities > 0) {
        print_count("skipped", read->skipped_entities, "objects that are neither author nor paper");
    }
    if (read->ids_dropped > 0) {
        print_count("ids dropped", read->ids_dropped, "that are not what they claim to be");
    }
    if (read->authors_dropped > 0) {
        print_count("authors dropped", read->authors_dropped, "with neither id nor name");
    }
    if (read->texts_cut > 0) {
        print_count("abstracts cut", read->texts_cut, "at the limit");
    }
}

static void print_built(const struct import_report *report)
{
    const struct store_derive_report *derived = &report->built.derived;
    double megabytes = (double)report->read.totals.bytes_text / 1e6;
    printf("the store now holds\n");
    print_count("  source records", derived->sources, "");
    print_count("  merged", derived->merged, "beyond the first of their author or paper");
    print_count("  disputed ids", derived->disputed, "claimed by two records of one source");
    print_count("  papers", derived->papers, "");
    print_count("  stubs", derived->stubs, "cited ids without a record");
    print_count("  authors", derived->authors, "");
    print_count("  citations", derived->edges, "");
    print_count("  self-loops", derived->self_loops, "dropped");
    print_count("  repeats", derived->repeats, "dropped");
    printf("%.2f s, %.1f MB of text, %.1f MB/s, %.1f MB on disk\n", report->seconds, megabytes,
           report->seconds > 0 ? megabytes / report->seconds : 0,
           (double)report->built.bytes / 1e6);
}

static void print_applied(const struct import_report *report)
{
    const struct import_counts *applied = &report->applied;
    bool by_daemon = strcmp(report->way, "daemon") == 0;
    printf("applied in chunks %s\n",
           by_daemon ? "by the daemon that holds the directory" : "to the present store");
    print_count("  stored", applied->stored, "");
    print_count("  unchanged", applied->unchanged, "the same is there");
    print_count("  older", applied->older, "than what is there");
    if (applied->suppressed > 0) {
        print_count("  suppressed", applied->suppressed, "left out because of suppress lines");
    }
    if (applied->failed > 0) {
        print_count("  failed", applied->failed, "");
    }
    print_count("  chunks", applied->chunks, "");
    print_count("  sequence", applied->sequence, "of the last change");
    uint64_t records = applied->stored + applied->unchanged + applied->older;
    printf("%.2f s, %.0f records/s\n", report->seconds,
           report->seconds > 0 ? (double)records / report->seconds : 0);
}

void import_report_print(const struct import_report *report)
{
    bool rebuilt = strcmp(report->way, "rebuild") == 0;
    print_read(&report->read);
    print_count("superseded", report->superseded, "by a newer record of the same id");
    if (rebuilt && report->built.suppressed > 0) {
        print_count("suppressed", report->built.suppressed, "left out because of suppress lines");
    }
    print_lost(&report->read);
    if (rebuilt) {
        print_built(report);
    } else {
        print_applied(report);
    }
}

struct count {
    const char *name;
    uint64_t count;
};

static void write_counts(struct json_writer *json, const struct count *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_write_key(json, counts[i].name);
        json_write_u64(json, counts[i].count);
    }
}

static void write_built(struct json_writer *json, const struct store_build_report *built)
{
    const struct store_derive_report *derived = &built->derived;
    const struct count counts[] = {
        {"suppressed", built->suppressed},  {"sources", derived->sources},
        {"merged", derived->merged},        {"disputed", derived->disputed},
        {"papers", derived->papers},        {"stubs", derived->stubs},
        {"authors", derived->authors},      {"citations", derived->edges},
        {"selfLoops", derived->self_loops}, {"repeats", derived->repeats},
        {"bytesStore", built->bytes},
    };
    write_counts(json, counts, sizeof counts / sizeof counts[0]);
}

static void write_applied(struct json_writer *json, const struct import_counts *applied)
{
    const struct count counts[] = {
        {"suppressed", applied->suppressed}, {"stored", applied->stored},
        {"unchanged", applied->unchanged},   {"older", applied->older},
        {"failed", applied->failed},         {"chunks", applied->chunks},
        {"sequence", applied->sequence},
    };
    write_counts(json, counts, sizeof counts / sizeof counts[0]);
}

void import_report_print_json(const struct import_report *report)
{
    const struct ingest_report *read = &report->read;
    const struct count counts[] = {
        {"records", read->totals.records},         {"superseded", report->superseded},
        {"skipped", read->skipped_entities},       {"idsDropped", read->ids_dropped},
        {"authorsDropped", read->authors_dropped}, {"textsCut", read->texts_cut},
        {"bytesText", read->totals.bytes_text},    {"rejected", read->totals.rejected},
    };
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct json_writer json;
    json_writer_init(&json, &text, 0);
    json_begin_object(&json);
    write_counts(&json, counts, sizeof counts / sizeof counts[0]);
    json_write_key(&json, "way");
    json_write_text(&json, report->way);
    if (strcmp(report->way, "rebuild") == 0) {
        write_built(&json, &report->built);
    } else {
        write_applied(&json, &report->applied);
    }
    json_write_key(&json, "rejectedByReason");
    json_begin_object(&json);
    for (int reason = 0; reason < INGEST_REASON_END; reason++) {
        if (read->rejected_by_reason[reason] > 0) {
            json_write_key(&json, ingest_reason_text((enum ingest_reason)reason));
            json_write_u64(&json, read->rejected_by_reason[reason]);
        }
    }
    json_end_object(&json);
    json_write_key(&json, "seconds");
    json_write_double(&json, report->seconds);
    json_end_object(&json);
    if (!text.failed) {
        printf("%.*s\n", (int)text.size, text.data);
    }
    base_buffer_fini(&text);
}
