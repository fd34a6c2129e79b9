/* lmdb-commits: puts of one record, each a durable transaction of its own: what group commit is
 * compared with. lmdb-commits DIR SECONDS VALUE_BYTES prints one JSON object. */
#include <lmdb.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "bench/random.h"

static void check(int code)
{
    if (code != 0) {
        fprintf(stderr, "lmdb-commits: %s\n", mdb_strerror(code));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;
    uint64_t state = 1;
    uint64_t count = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: lmdb-commits DIR SECONDS VALUE_BYTES\n");
        return 64;
    }
    size_t size = strtoul(argv[3], NULL, 10);
    char *value = calloc(1, size == 0 ? 1 : size);
    check(value == NULL ? ENOMEM : 0);
    check(mdb_env_create(&env));
    check(mdb_env_set_mapsize(env, (size_t)8 << 30));
    check(mdb_env_open(env, argv[1], 0, 0600));
    check(mdb_txn_begin(env, NULL, 0, &txn));
    check(mdb_dbi_open(txn, NULL, 0, &table));
    check(mdb_txn_commit(txn));
    uint64_t start_ns = base_clock_monotonic_ns();
    uint64_t end_ns = start_ns + (uint64_t)(strtod(argv[2], NULL) * 1e9);
    uint64_t now_ns = start_ns;
    while (now_ns < end_ns) {
        char bytes[8];
        base_put_be64(bytes, bench_random(&state));
        MDB_val key = {sizeof bytes, bytes};
        MDB_val data = {size, value};
        check(mdb_txn_begin(env, NULL, 0, &txn));
        check(mdb_put(txn, table, &key, &data, 0));
        check(mdb_txn_commit(txn));
        count++;
        now_ns = base_clock_monotonic_ns();
    }
    printf("{\"perSecond\":%.1f}\n", (double)count * 1e9 / (double)(now_ns - start_ns));
    mdb_env_close(env);
    free(value);
    return 0;
}
