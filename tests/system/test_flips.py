#!/usr/bin/env python3
"""Bits flipped in the file of a store, one at a time: thousands at random, each classed (flips.c), and some in values of
authors before the real programs: the daemon answers DATA_LOSS for that author and everything else as before, verify and
export say so, and a backup is refused."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal  # noqa: E402


def options(parser):
    parser.add_argument("--flips", type=int, default=3000)


def corpus(test, name, seed, *more):
    path = test.path(name)
    test.run([test.generate, "--authors", "40", "--papers", "60", "--abstracts", "--seed", str(seed), "--output", path, *more])
    return path


def worn_store(test, data):
    """A store that has lived: built, then written to record by record, so that pages were freed and used again."""
    first, second = corpus(test, "first.jsonl", test.seed), corpus(test, "second.jsonl", test.seed + 1)
    test.load(data, [first], "hirsch")
    with open(second, encoding="utf-8") as file:
        lines = file.read().replace('"local:', '"local:other-').splitlines()
    with open(second, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[::2]) + "\n")
    with test.serve(data) as daemon:
        test.client(daemon.url, "put", "--quiet", second, expect=(0, 2))
        gone = [line for n in range(8) for line in ("local:a%d" % (5 * n), "local:p%d" % (7 * n))]
        test.client(daemon.url, "delete", *gone, expect=(0, 2))
        test.client(daemon.url, "delete", "local:p1", expect=(0, 2))
    test.verify(data)


def answers(test, url, authors):
    """Exit code and answer for each author; ids are asked one by one, so that one answer stands for itself."""
    found = {}
    for author in authors:
        done = test.client(url, "author", author, "--json", expect=(0, 74))
        check(done.returncode == 0 or "DATA_LOSS" in done.err or "checksum" in done.err, "%s: %s", author, done.err)
        found[author] = (done.returncode, done.out)
    return found


def planted(test, good, table, number):
    """One flip in a value: what the daemon and the jobs make of it."""
    data = test.path("planted-%d" % number)
    shutil.copytree(good, data)
    with test.serve(data) as daemon:
        authors = test.client(daemon.url, "sample", "authors", "--count", "40").out.splitlines()
        before = answers(test, daemon.url, authors)
        everyone = test.client(daemon.url, "sample", "authors", "--count", "10000").out.splitlines()
    exported = test.export(data)
    said = test.run([os.path.join(test.build, "tests", "system", "flips"), "--plant", data, table, str(test.seed + number)]).out
    with test.serve(data) as daemon:
        after = answers(test, daemon.url, everyone if table == "author" else authors)
    lost = [author for author, (code, _) in after.items() if code == 74]
    # Who asks by the very id whose row is hit is told so too.
    expected = (1,) if table == "author" else (0, 1) if table == "xid" else (0,)
    check(len(lost) in expected, "authors whose answer is DATA_LOSS after a flip in %s %s: %s", table, said, lost)
    for author in authors:
        check(author in lost or after[author] == before[author], "%s: %s before, %s after a flip in another value", author,
              before[author], after[author])
    done = test.verify(data, expect=74)
    check("table %s" % table in done.out and "checksum" in done.out, "verify after a flip in %s: %s", table, done.out)
    done = test.job("export", data, expect=74 if table == "source" else 0)
    check(table == "source" or done.stdout == exported, "another export after a flip in %s", table)
    done = test.job("backup", data, test.path("backup-%d" % number), expect=74)
    check("table %s" % table in done.err, "a backup of a damaged store: %s", done.err)
    check(not os.path.exists(test.path("backup-%d" % number, "MANIFEST")), "a damaged backup looks whole")


def body(test):
    data = test.path("data")
    worn_store(test, data)
    flips = os.path.join(test.build, "tests", "system", "flips")
    count = 100 if test.short else test.options.flips
    # For a program that hangs: a machine that has other things to do takes a tenth of a second for one.
    test.deadline_s += count // 10
    done = test.run([flips, data, str(count), str(test.seed)], expect=None)
    equal(done.returncode, 0, "flips: %s%s" % (done.out, done.err))
    print(done.out.strip())
    test.verify(data)
    for number, table in enumerate(("author",) if test.short else ("author", "source", "paper", "xid", "names")):
        planted(test, data, table, number)


if __name__ == "__main__":
    Test(__doc__, options).main(body)
