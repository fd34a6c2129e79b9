#include "cli/batch.h"

#include "base/exit.h"
#include "cli/report.h"

void cli_item_failed(struct cli_tally *tally, const char *id, enum hirsch_code code,
                     const char *message)
{
    if (tally->failed++ == 0) {
        tally->first = code;
    }
    cli_complain("%s: %s: %s", id, hirsch_code_name(code), message);
}

/* Asks for a chunk, in halves when its answer is too long. Returns an exit code other than 0 to end
 * the run. */
static int ask_chunk(const struct cli_batch *batch, const char *const *ids, size_t count,
                     struct cli_tally *tally)
{
    bool stop = false;
    hirsch_error *error = NULL;
    enum hirsch_code code = batch->ask(batch->state, ids, count, tally, &stop, &error);
    if (stop) {
        hirsch_free(error);
        return BASE_EXIT_IO;
    }
    if (code == HIRSCH_OK) {
        return BASE_EXIT_OK;
    }
    if (code != HIRSCH_RESOURCE_EXHAUSTED || count == 1) {
        return cli_report(error, count == 1 ? ids[0] : NULL);
    }
    hirsch_free(error);
    int exit_code = ask_chunk(batch, ids, count / 2, tally);
    return exit_code != BASE_EXIT_OK ? exit_code
                                     : ask_chunk(batch, ids + count / 2, count - count / 2, tally);
}

int cli_tally_exit(const struct cli_tally *tally)
{
    if (tally->failed == 0) {
        return BASE_EXIT_OK;
    }
    return tally->failed < tally->asked ? BASE_EXIT_PARTIAL
                                        : base_exit_of((enum base_code)tally->first);
}

int cli_batch_run(const struct cli_batch *batch, const char *const *ids, size_t count)
{
    struct cli_tally tally = {.asked = count};
    for (size_t at = 0; at < count;) {
        size_t chunk = count - at < batch->chunk ? count - at : batch->chunk;
        int exit_code = ask_chunk(batch, ids + at, chunk, &tally);
        if (exit_code != BASE_EXIT_OK) {
            return exit_code;
        }
        at += chunk;
    }
    return cli_tally_exit(&tally);
}
