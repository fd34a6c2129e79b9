/* A store built from records and read again: lists over many chunks, generations, locks, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/build.h"
#include "store/directory.h"
#include "store/lock.h"
#include "store/store.h"
#include "store/verify.h"

enum { PAPERS = 700, TODAY_YEAR = 2026 };

static char folder[64];

static void pack_id(const struct model_view *view, struct base_buffer *buffer)
{
    char text[MODEL_ID_TEXT];
    base_buffer_append(buffer, text, model_id_text(&view->id, text));
}

static const struct store_packer packer = {.author = pack_id, .paper = pack_id};

static struct base_slice text_of(struct base_arena *arena, const char *format, unsigned number)
{
    char text[64];
    int size = snprintf(text, sizeof text, format, number);
    return base_arena_copy(arena, base_slice(text, (size_t)size));
}

static struct model_id local(struct base_arena *arena, const char *format, unsigned number)
{
    return (struct model_id){MODEL_LOCAL, text_of(arena, format, number)};
}

/* Paper n of author "one", dated n days into 2000 but every seventh undated; it cites all papers
 * before it in steps of ten. */
static void make_paper(struct base_arena *arena, unsigned n, struct model_record *record)
{
    struct model_authorship *author = base_arena_array(arena, 1, sizeof *author);
    struct model_id *references = base_arena_array(arena, n / 10 + 1, sizeof *references);
    size_t count = 0;
    for (unsigned cited = n % 10; cited < n; cited += 10) {
        references[count++] = local(arena, "p%u", cited);
    }
    *author = (struct model_authorship){
        .id = local(arena, "one", 0), .name = BASE_SLICE("Author One"), .position = 1};
    *record = (struct model_record){.type = MODEL_RECORD_PAPER, .id = local(arena, "p%u", n)};
    record->paper.title = text_of(arena, "Paper %u", n);
    record->paper.abstract = n == 5 ? BASE_SLICE("Five words make an abstract.") : BASE_SLICE("");
    record->paper.date =
        n % 7 == 0 ? MODEL_UNDATED : (struct model_date){model_day_of(2000, 1, 1) + n, MODEL_DAY};
    record->paper.authors = author;
    record->paper.author_count = 1;
    record->paper.references = references;
    record->paper.reference_count = count;
}

static enum base_code build(unsigned from, unsigned to, struct store_build_report *report)
{
    struct store_build_options options = {
        .directory = folder,
        .workers = 1,
        .memory = 8U << 20,
        .map_size = 64U << 20,
        .today = model_day_of(TODAY_YEAR, 1, 1),
        .coverage_end = MODEL_NO_DAY,
        .packer = packer,
    };
    struct store_lock *lock;
    struct store_build *made;
    struct base_error error;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    assert_int_equal(store_build_new(&options, &made, &error), BASE_OK);
    for (unsigned n = from; n < to; n++) {
        struct model_record record;
        base_arena_reset(&arena);
        make_paper(&arena, n, &record);
        assert_int_equal(model_record_finish(&record, &arena, &error), BASE_OK);
        assert_int_equal(store_build_add(made, 0, &record, &error), BASE_OK);
    }
    enum base_code code = store_build_finish(made, report, &error);
    store_build_free(made);
    store_lock_release(lock);
    base_arena_fini(&arena);
    return code;
}

static int set_up(void **state)
{
    struct store_build_report report;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hirsch-store-XXXXXX");
    if (mkdtemp(folder) == NULL || build(0, PAPERS, &report) != BASE_OK) {
        return -1;
    }
    return report.derived.papers == PAPERS ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[STORE_PATH];
    (void)state;
    snprintf(path, sizeof path, "%s/CURRENT", folder);
    unlink(path);
    store_directory_clean(folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    unlink(path);
    return rmdir(folder);
}

static void find(struct store_reader *reader, enum model_entity entity, const char *value,
                 struct store_ref *ref)
{
    struct model_id id = {MODEL_LOCAL, base_slice_text(value)};
    assert_int_equal(store_find(reader, entity, &id, ref, NULL), BASE_OK);
}

static void open_reader(struct store **store, struct store_reader **reader)
{
    assert_int_equal(store_open(folder, 64U << 20, store, NULL), BASE_OK);
    assert_int_equal(store_reader_new(*store, reader, NULL), BASE_OK);
}

static void test_author_and_papers(void **state)
{
    struct store *store;
    struct store_reader *reader;
    struct store_ref ref;
    struct store_author author;
    (void)state;
    open_reader(&store, &reader);
    find(reader, MODEL_AUTHOR, "one", &ref);
    assert_int_equal(store_read_author(reader, ref.number, &author, NULL), BASE_OK);
    assert_int_equal(author.paper_count, PAPERS);
    assert_true(base_slice_equal(author.view, BASE_SLICE("local:one")));
    /* One author: every citation is a self-citation. */
    assert_int_equal(author.self_citation_count, author.citation_count);
    unsigned year;
    struct store_year counts;
    uint32_t papers = 0;
    while (store_years_next(&author.years, &year, &counts)) {
        papers += counts.paper_count;
    }
    assert_int_equal(papers, PAPERS - PAPERS / 7);
    store_reader_free(reader);
    store_close(store);
}

/* Pages of every size give the same list: newest first, undated last, nothing twice. */
static void test_pages(void **state)
{
    static const size_t sizes[] = {1, 7, 142, 143, 144, 1000};
    struct store *store;
    struct store_reader *reader;
    struct store_ref ref;
    (void)state;
    open_reader(&store, &reader);
    find(reader, MODEL_AUTHOR, "one", &ref);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct store_authored page[1000];
        struct store_authored last = {0};
        size_t total = 0;
        size_t count = sizes[s];
        for (bool first = true; count == sizes[s]; first = false) {
            assert_int_equal(store_read_author_papers(reader, ref.number, first ? NULL : &last,
                                                      page, sizes[s], &count, NULL),
                             BASE_OK);
            for (size_t i = 0; i < count; i++) {
                uint32_t day = page[i].day == MODEL_NO_DAY ? 0 : page[i].day;
                uint32_t before = last.day == MODEL_NO_DAY ? 0 : last.day;
                assert_true(total == 0 || day < before ||
                            (day == before && page[i].paper > last.paper));
                last = page[i];
                total++;
            }
        }
        assert_int_equal(total, PAPERS);
    }
    store_reader_free(reader);
    store_close(store);
}

static void test_paper_and_abstract(void **state)
{
    struct store *store;
    struct store_reader *reader;
    struct store_ref ref;
    struct store_paper paper;
    struct base_slice abstract;
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 0);
    open_reader(&store, &reader);
    find(reader, MODEL_PAPER, "p5", &ref);
    assert_int_equal(store_read_paper(reader, ref.number, &paper, NULL), BASE_OK);
    assert_int_equal(paper.citation_count, PAPERS / 10 - 1);
    assert_int_equal(paper.reference_count, 0);
    assert_true(paper.has_abstract);
    assert_int_equal(store_read_abstract(reader, ref.number, &arena, &abstract, NULL), BASE_OK);
    assert_true(base_slice_equal(abstract, BASE_SLICE("Five words make an abstract.")));
    struct model_id nobody = {MODEL_LOCAL, BASE_SLICE("nobody")};
    struct base_error error;
    assert_int_equal(store_find(reader, MODEL_PAPER, &nobody, &ref, &error), BASE_NOT_FOUND);
    assert_non_null(strstr(error.text, "local:nobody"));
    assert_int_equal(store_read_paper(reader, 1U << 30, &paper, NULL), BASE_NOT_FOUND);
    store_reader_free(reader);
    store_close(store);
    base_arena_fini(&arena);
}

/* A reader keeps its generation while a build makes the next one. */
static void test_generations(void **state)
{
    struct store *store;
    struct store_reader *reader;
    struct store_info before;
    struct store_info after;
    (void)state;
    open_reader(&store, &reader);
    assert_int_equal(store_read_info(reader, &before, NULL), BASE_OK);
    assert_int_equal(before.coverage_end, model_day_of(2000, 1, 1) + PAPERS - 1);
    /* LMDB does not bear one environment twice in a process. */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store_build_report report;
        _exit(build(PAPERS, PAPERS + 1, &report) == BASE_OK && report.before == PAPERS ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    store_reader_rest(reader);
    assert_int_equal(store_read_info(reader, &after, NULL), BASE_OK);
    assert_int_equal(after.paper_count, PAPERS);
    store_reader_free(reader);
    store_close(store);
    open_reader(&store, &reader);
    assert_int_equal(store_read_info(reader, &after, NULL), BASE_OK);
    assert_int_equal(after.paper_count, PAPERS + 1);
    assert_int_equal(after.sequence, before.sequence + 1);
    assert_memory_equal(after.dataset, before.dataset, STORE_EPOCH);
    assert_memory_not_equal(after.epoch, before.epoch, STORE_EPOCH);
    store_reader_free(reader);
    store_close(store);
}

static void test_lock(void **state)
{
    struct store_lock *lock;
    struct store_lock *second = NULL;
    struct base_error error;
    (void)state;
    assert_int_equal(store_lock_take(folder, "serve", &lock, &error), BASE_OK);
    assert_int_equal(store_lock_take(folder, "import", &second, &error), BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "hirschd serve"));
    store_lock_release(lock);
    assert_int_equal(store_lock_take(folder, "import", &second, &error), BASE_OK);
    store_lock_release(second);
    store_lock_release(NULL);
    assert_int_equal(store_lock_take("/proc/self/status", "x", &lock, &error),
                     BASE_FAILED_PRECONDITION);
}

static void count_fault(void *context, const char *text)
{
    assert_true(strlen(text) > 10);
    *(int *)context += 1;
}

static uint64_t verify(int *faults)
{
    struct store_verify_report report;
    struct store_verify_options options = {.directory = folder,
                                           .memory = 8U << 20,
                                           .packer = packer,
                                           .on_fault = count_fault,
                                           .context = faults};
    assert_int_equal(store_verify(&options, &report, NULL), BASE_OK);
    return report.faults;
}

/* A bit flipped in the file behind LMDB's back is an error for that record, never an answer. */
static void test_flipped_bit(void **state)
{
    char view[] = "local:p0";
    char current[STORE_PATH];
    char path[STORE_PATH];
    int faults = 0;
    (void)state;
    assert_int_equal(verify(&faults), 0);
    assert_int_equal(store_directory_current(folder, current, NULL), BASE_OK);
    assert_int_equal(store_directory_path(current, "data.mdb", path, NULL), BASE_OK);
    int file = open(path, O_RDWR);
    struct stat info;
    assert_int_equal(fstat(file, &info), 0);
    char *data = malloc((size_t)info.st_size);
    assert_int_equal(pread(file, data, (size_t)info.st_size, 0), info.st_size);
    /* The packed view is followed by its checksum; those of p50 and so on go on with a digit. The
     * checksum may begin like a digit too, so any of the first ten papers will do. */
    char *at = NULL;
    char number = '0';
    for (; at == NULL && number <= '9'; number++) {
        view[7] = number;
        at = memmem(data, (size_t)info.st_size, view, sizeof view - 1);
        while (at != NULL && at[8] >= '0' && at[8] <= '9') {
            at = memmem(at + 1, (size_t)(info.st_size - (at + 1 - data)), view, sizeof view - 1);
        }
    }
    assert_non_null(at);
    char flipped = (char)(at[0] ^ 4);
    assert_int_equal(pwrite(file, &flipped, 1, at - data), 1);

    struct store *store;
    struct store_reader *reader;
    struct store_ref ref;
    struct store_paper paper;
    struct base_error error;
    open_reader(&store, &reader);
    find(reader, MODEL_PAPER, view + strlen("local:"), &ref);
    assert_int_equal(store_read_paper(reader, ref.number, &paper, &error), BASE_DATA_LOSS);
    assert_non_null(strstr(error.text, "verify"));
    find(reader, MODEL_PAPER, "p60", &ref);
    assert_int_equal(store_read_paper(reader, ref.number, &paper, &error), BASE_OK);
    store_reader_free(reader);
    store_close(store);
    assert_true(verify(&faults) >= 1);

    assert_int_equal(pwrite(file, at, 1, at - data), 1);
    free(data);
    close(file);
    assert_int_equal(verify(&faults), 0);
}

static void test_no_store(void **state)
{
    struct store *store;
    struct base_error error;
    (void)state;
    assert_int_equal(store_open("/tmp/hirsch-no-such-directory", 0, &store, &error),
                     BASE_NOT_FOUND);
    assert_non_null(strstr(error.text, "hirschd import"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_author_and_papers),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_paper_and_abstract),
        cmocka_unit_test(test_generations),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_flipped_bit),
        cmocka_unit_test(test_no_store),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
