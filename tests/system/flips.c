/* Flips one bit of a sound store's file at a time and classes what follows: flips DIR COUNT SEED.
 * DIR is a data directory that nobody uses; it is sound again at the end. Answers and verify run in
 * children, so that a signal in one is an outcome like others. What must hold:
 *   - verify ends by itself, and whatever an answer is changed by, verify finds;
 *   - a flip inside a value is DATA_LOSS for that row, named by verify, and changes no other
 * answer. Before the random flips: the low bits of both commit numbers, which decide what the
 * newest commit is. With `flips --plant DIR TABLE SEED` a bit of one value of the table stays
 * flipped; its key is told.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flip_answers.h"
#include "server/packer.h"
#include "store/directory.h"
#include "store/env.h"
#include "store/verify.h"

/* Where the numbers of the commits lie in the two meta pages of 4 KiB. */
enum { MAP = 64 << 20, CHILD_S = 60, META_COMMIT = 144, META_SECOND = 4096, COMMIT_BITS = 16 };

struct row {
    enum store_table table;
    struct base_slice key; /* in the copy of the file */
    size_t at;             /* of the value in the file */
    size_t size;           /* checksum included */
};

/* Written by children. */
struct outcome {
    int code;
    uint64_t faults;
    bool named;     /* a fault says the table of the flipped row */
    bool data_loss; /* reading the flipped row says so */
    bool wrong_row; /* it was read as if it were sound */
};

struct flips {
    const char *directory;
    char path[STORE_PATH]; /* of the generation */
    int file;
    int lock_file;
    char *data;
    size_t size;
    char *lock;
    size_t lock_size;
    struct row *rows;
    size_t row_count;
    struct flip_questions questions;
    size_t question_count;
    uint64_t *good;
    volatile uint64_t *answers; /* shared with children, as outcome is */
    struct outcome *outcome;
};

static uint64_t random_state;

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "flips: %s\n", what);
    exit(1);
}

static void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        die("memory");
    }
    return memory;
}

static char *read_file(const char *path, const char *name, int *file, size_t *size)
{
    char full[STORE_PATH];
    struct stat info;
    if (store_directory_path(path, name, full, NULL) != BASE_OK ||
        (*file = open(full, O_RDWR | O_CLOEXEC)) < 0 || fstat(*file, &info) != 0) {
        die(name);
    }
    *size = (size_t)info.st_size;
    char *bytes = malloc(*size);
    if (bytes == NULL || pread(*file, bytes, *size, 0) != info.st_size) {
        die(name);
    }
    return bytes;
}

/* Where LMDB has mapped the file. */
static const char *map_base(void)
{
    char line[512];
    unsigned long long base = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL && base == 0) {
        if (strstr(line, "data.mdb") != NULL) {
            base = strtoull(line, NULL, 16);
        }
    }
    if (maps == NULL || base == 0) {
        die("the map is not in /proc/self/maps");
    }
    fclose(maps);
    return (const char *)(uintptr_t)base;
}

static void add_question(struct flips *flips, const struct row *row, struct base_slice *last)
{
    struct flip_questions *questions = &flips->questions;
    struct base_slice word = base_slice(row->key.data, row->key.size);
    if (row->table == STORE_PAPER || row->table == STORE_AUTHOR) {
        *(row->table == STORE_PAPER ? &questions->last_paper : &questions->last_author) =
            base_get_be32(row->key.data);
    } else if (row->table == STORE_XID) {
        flip_add_key(questions, row->key);
        questions->id_count++;
    } else if (row->table == STORE_NAMES || row->table == STORE_TITLES) {
        word.size -= 4 + STORE_WORD_TAIL;
        if (word.data[word.size] == STORE_WORD_WHOLE && !base_slice_equal(word, *last)) {
            flip_add_key(questions, word);
            questions->word_count++;
            *last = word;
        }
    }
}

static void map_table(struct flips *flips, const struct store_env *env, MDB_txn *txn,
                      enum store_table table)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    const char *base = map_base();
    struct base_slice last = {NULL, 0};
    if (mdb_cursor_open(txn, env->tables[table], &cursor) != 0) {
        die("cursor");
    }
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        flips->rows = realloc(flips->rows, (flips->row_count + 1) * sizeof *flips->rows);
        if (flips->rows == NULL) {
            die("memory");
        }
        struct row *row = &flips->rows[flips->row_count++];
        *row =
            (struct row){table, base_slice(flips->data + ((char *)key.mv_data - base), key.mv_size),
                         (size_t)((char *)value.mv_data - base), value.mv_size};
        add_question(flips, row, &last);
    }
    mdb_cursor_close(cursor);
}

/* Ids before words, as flip_questions has them. */
static void map_rows(struct flips *flips)
{
    struct store_env env;
    struct base_error error;
    MDB_txn *txn;
    if (store_env_open(flips->path, MAP, STORE_ENV_READ, &env, &error) != BASE_OK) {
        die(error.text);
    }
    if (mdb_txn_begin(env.env, NULL, MDB_RDONLY, &txn) != 0) {
        die("begin");
    }
    map_table(flips, &env, txn, STORE_XID);
    for (int table = 0; table < STORE_TABLE_END; table++) {
        if (table != STORE_XID) {
            map_table(flips, &env, txn, (enum store_table)table);
        }
    }
    mdb_txn_abort(txn);
    store_env_close(&env);
}

static const struct row *row_at(const struct flips *flips, size_t byte)
{
    for (size_t i = 0; i < flips->row_count; i++) {
        const struct row *row = &flips->rows[i];
        if (byte >= row->at && byte < row->at + row->size) {
            return row;
        }
    }
    return NULL;
}

static void read_row(const struct flips *flips, const struct row *row)
{
    struct store_env env;
    struct base_slice bytes;
    MDB_txn *txn;
    if (store_env_open(flips->path, MAP, STORE_ENV_READ, &env, NULL) != BASE_OK ||
        mdb_txn_begin(env.env, NULL, MDB_RDONLY, &txn) != 0) {
        return;
    }
    enum base_code code = store_env_get(&env, txn, row->table, row->key, &bytes, NULL);
    flips->outcome->data_loss = code == BASE_DATA_LOSS;
    flips->outcome->wrong_row = code == BASE_OK;
    mdb_txn_abort(txn);
    store_env_close(&env);
}

struct told {
    struct outcome *outcome;
    const char *table; /* NULL: no row */
};

static void on_fault(void *context, const char *text)
{
    struct told *told = context;
    told->outcome->named =
        told->outcome->named || (told->table != NULL && strstr(text, told->table) != NULL);
}

static void verify(const struct flips *flips, const struct row *row)
{
    char name[64];
    struct told told = {flips->outcome, NULL};
    struct store_verify_report report = {0};
    if (row != NULL) {
        snprintf(name, sizeof name, "table %s", store_table_name(row->table));
        told.table = name;
    }
    const struct store_verify_options options = {
        .directory = flips->directory,
        .memory = 64U << 20,
        .map_size = MAP,
        .packer = server_packer(),
        .on_fault = on_fault,
        .context = &told,
    };
    flips->outcome->code = (int)store_verify(&options, &report, NULL);
    flips->outcome->faults = report.faults;
}

enum part { ANSWERS, VERIFY };

/* In a child, which sees the file as it is now; true when it ended by itself. */
static bool run(const struct flips *flips, enum part part, const struct row *row)
{
    if (pwrite(flips->lock_file, flips->lock, flips->lock_size, 0) != (ssize_t)flips->lock_size) {
        die("cannot write the lock file");
    }
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, STDERR_FILENO);
        alarm(CHILD_S);
        if (part == VERIFY) {
            verify(flips, row);
        } else {
            flip_answer(flips->directory, MAP, &flips->questions, flips->answers);
            if (row != NULL) {
                read_row(flips, row);
            }
        }
        _exit(0);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        die("cannot start a process");
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What one flip did to answers and to verify. */
struct effect {
    bool answered; /* the child that asks ended by itself */
    bool verified;
    size_t refused;
    size_t changed;
    bool found;
};

static struct effect look(const struct flips *flips, const struct row *row)
{
    struct effect effect = {0};
    *flips->outcome = (struct outcome){0};
    memset((void *)(uintptr_t)flips->answers, 0, flips->question_count * sizeof *flips->answers);
    effect.answered = run(flips, ANSWERS, row);
    effect.verified = run(flips, VERIFY, row);
    for (size_t i = 0; i < flips->question_count; i++) {
        uint64_t answer = flips->answers[i];
        if (answer == ANSWER_NONE || answer == ANSWER_REFUSED) {
            effect.refused += flips->good[i] == ANSWER_REFUSED ? 0 : 1;
        } else if (answer != flips->good[i]) {
            effect.changed++;
        }
    }
    effect.found = flips->outcome->code != BASE_OK || flips->outcome->faults > 0;
    return effect;
}

static void flip(const struct flips *flips, uint64_t bit, bool back)
{
    char byte = (char)(flips->data[bit / 8] ^ (back ? 0 : 1 << bit % 8));
    if (pwrite(flips->file, &byte, 1, (off_t)(bit / 8)) != 1) {
        die("cannot write the file");
    }
}

/* One row a class: what it is called. */
#define CLASSES(X)                                                                                 \
    X(VALUE, "in a value: DATA_LOSS for its row, found")                                           \
    X(CHANGED, "elsewhere: answers changed, found")                                                \
    X(ENDED, "elsewhere: the reader was ended by a signal, found")                                 \
    X(REFUSED, "elsewhere: answers refused, found")                                                \
    X(FOUND, "elsewhere: no answer changed, found all the same")                                   \
    X(NOTHING, "in unused bytes: no answer changed, nothing to find")

enum class {
#define CLASS_MEMBER(name, text) CLASS_##name,
    CLASSES(CLASS_MEMBER)
#undef CLASS_MEMBER
        CLASS_END,
};

/* NULL when all is as it must be, else what is not. */
static const char *judge(const struct flips *flips, const struct row *row,
                         const struct effect *effect, enum class *class)
{
    if (!effect->verified) {
        return "verify was ended by a signal, or did not end";
    }
    if (row != NULL) {
        *class = CLASS_VALUE;
        return !effect->answered           ? "a reader was ended by a signal"
               : effect->changed > 0       ? "an answer changed"
               : !effect->found            ? "verify does not find it"
               : !flips->outcome->named    ? "verify does not name the table"
               : flips->outcome->wrong_row ? "the row was served"
               /* Without the row on the store itself nothing opens. */
               : !flips->outcome->data_loss && row->table != STORE_META ? "no DATA_LOSS"
                                                                        : NULL;
    }
    bool touched = effect->changed > 0 || effect->refused > 0 || !effect->answered;
    *class = effect->changed > 0   ? CLASS_CHANGED
             : !effect->answered   ? CLASS_ENDED
             : effect->refused > 0 ? CLASS_REFUSED
             : effect->found       ? CLASS_FOUND
                                   : CLASS_NOTHING;
    return touched && !effect->found ? "answers are not what they were, and verify does not find it"
                                     : NULL;
}

static enum class try_bit(const struct flips *flips, uint64_t bit) {
    const struct row *row = row_at(flips, bit / 8); enum class class; flip(flips, bit, false);
    struct effect effect = look(flips, row); flip(flips, bit, true);
    const char *wrong = judge(flips, row, &effect, &class); if (wrong != NULL){
        printf("bit %" PRIu64 " of byte %" PRIu64 " (page %" PRIu64 ", %s%s): %s; of %zu answers "
               "%zu changed, %zu refused\n",
               bit % 8, bit / 8, bit / 8 / META_SECOND, row != NULL ? "a value of " : "no value",
               row != NULL ? store_table_name(row->table) : "", wrong, flips->question_count,
               effect.changed, effect.refused);
        exit(1);}
return class;
}

static void set_up(struct flips *flips)
{
    struct base_error error;
    if (store_directory_current(flips->directory, flips->path, &error) != BASE_OK) {
        die(error.text);
    }
    flips->data = read_file(flips->path, "data.mdb", &flips->file, &flips->size);
    flips->lock = read_file(flips->path, "lock.mdb", &flips->lock_file, &flips->lock_size);
    base_buffer_init(&flips->questions.keys);
    map_rows(flips);
    flips->question_count = flip_question_count(&flips->questions);
    flips->answers = shared(flips->question_count * sizeof *flips->answers);
    flips->good = calloc(flips->question_count, sizeof *flips->good);
    flips->outcome = shared(sizeof *flips->outcome);
    if (flips->good == NULL) {
        die("memory");
    }
}

static void take_good_answers(struct flips *flips)
{
    struct effect effect = look(flips, NULL);
    if (!effect.answered || !effect.verified || effect.found) {
        die("the store is not sound");
    }
    size_t refused = 0;
    for (size_t i = 0; i < flips->question_count; i++) {
        flips->good[i] = flips->answers[i];
        refused += flips->good[i] == ANSWER_REFUSED ? 1 : 0;
    }
    if (refused > 0) {
        die("the sound store refuses answers");
    }
}

static void campaign(struct flips *flips, uint64_t count)
{
    static const char *const names[] = {
#define CLASS_NAME(name, text) text,
        CLASSES(CLASS_NAME)
#undef CLASS_NAME
    };
    size_t classed[CLASS_END] = {0};
    for (uint64_t bit = 0; bit < 2 * COMMIT_BITS; bit++) {
        try_bit(flips, 8 * (META_COMMIT + bit / COMMIT_BITS * META_SECOND) + bit % COMMIT_BITS);
    }
    for (uint64_t i = 0; i < count; i++) {
        classed[try_bit(flips, next_random() % (flips->size * 8))]++;
    }
    if (look(flips, NULL).found) {
        die("the store is not sound at the end");
    }
    printf("%" PRIu64 " flips in %zu bytes, %zu answers each, and %d in numbers of commits:\n",
           count, flips->size, flips->question_count, 2 * COMMIT_BITS);
    for (size_t i = 0; i < CLASS_END; i++) {
        printf("%6zu %s\n", classed[i], names[i]);
    }
}

static void plant(struct flips *flips, const char *table)
{
    for (;;) {
        const struct row *row = &flips->rows[next_random() % flips->row_count];
        if (strcmp(store_table_name(row->table), table) == 0) {
            flip(flips, 8 * (uint64_t)row->at + next_random() % (8 * row->size), false);
            printf("%" PRIu32 "\n", row->key.size >= 4 ? base_get_be32(row->key.data) : 0);
            return;
        }
    }
}

int main(int argc, char **argv)
{
    struct flips flips = {0};
    const struct rlimit no_core = {0, 0};
    bool plants = argc == 5 && strcmp(argv[1], "--plant") == 0;
    if (argc != 4 && !plants) {
        die("usage: flips DIR COUNT SEED, or flips --plant DIR TABLE SEED");
    }
    setrlimit(RLIMIT_CORE, &no_core);
    setvbuf(stdout, NULL, _IOLBF, 0);
    flips.directory = argv[argc - 3];
    random_state = strtoull(argv[argc - 1], NULL, 10);
    set_up(&flips);
    if (plants) {
        plant(&flips, argv[3]);
    } else {
        take_good_answers(&flips);
        campaign(&flips, strtoull(argv[2], NULL, 10));
    }
    base_buffer_fini(&flips.questions.keys);
    free(flips.rows);
    free(flips.good);
    free(flips.data);
    free(flips.lock);
    return 0;
}
