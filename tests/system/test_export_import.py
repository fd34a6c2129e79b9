#!/usr/bin/env python3
"""Import of an export gives the same export, the same numbers, and the same answers. Where an export, a key and a backup go: files
that appear whole, pipes, what links name; one job at a time."""
import fcntl
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal, openalex_files, write_lines  # noqa: E402

EXTRA = b"""{"type":"merge","from":"local:gone","into":"local:max-lam"}
{"type":"suppress","id":"orcid:0000-0002-1825-0097"}
{"type":"citation","citing":"doi:10.5555/a","cited":"local:gradient-diversity-2017","date":"2001-02"}
""".splitlines()
NUMBERS = ("papers", "stubs", "authors", "citations", "disputed", "coverageEnd")


def round_trip(test, name, first):
    exported = test.path(name + ".jsonl")
    with open(exported, "wb") as file:
        file.write(test.export(first))
    check(os.path.getsize(exported) > 0, "%s: the export is empty", name)
    second = test.path(name + "-again")
    test.load(second, [exported], form="hirsch")
    test.verify(second)
    with open(exported, "rb") as file:
        wanted = file.read()
    got = test.export(second)
    for number, (a, b) in enumerate(zip(wanted.splitlines(), got.splitlines()), 1):
        equal(b, a, "%s: line %d of the second export" % (name, number))
    equal(len(got), len(wanted), "%s: bytes of the second export" % name)
    old, new = test.stat(first), test.stat(second)
    equal([new[key] for key in NUMBERS], [old[key] for key in NUMBERS], "%s: numbers of stat" % name)
    # The same import again changes nothing, and says so by success.
    test.load(second, [exported], form="hirsch")
    equal(test.export(second) == wanted, True, "%s: export after the same import again is the same" % name)
    test.verify(second)


def outputs(test, data):
    wanted = test.export(data)
    link, real, pipe, key, folder = (test.path(name) for name in ("link", "real", "pipe", "key", "folder"))
    write_lines(real, [b"before"])
    os.symlink("real", link)
    test.job("export", data, "--output", link)
    with open(real, "rb") as file:
        equal((file.read(), os.path.islink(link)), (wanted, True), "what a link names")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    test.job("export", data, "--output", pipe)
    check(len(wanted) < 65536, "the export is larger than a pipe: %d bytes", len(wanted))
    equal((os.read(reader, 65536), stat.S_ISFIFO(os.stat(pipe).st_mode)), (wanted, True), "what a pipe gave")
    os.close(reader)
    # A leftover may be of any mode; a key is its owner's alone.
    os.chmod(write_lines(key + ".part", [b"left behind"]), 0o644)
    test.job("key", test.path("keyed"), "create", "--output", key)
    equal(stat.S_IMODE(os.stat(key).st_mode), 0o600, "mode of a key")
    # The first key shuts out who has none, so none is made that cannot be handed out.
    test.job("key", test.path("unkeyed"), "create", "--output", test.path("nowhere", "key"), expect=75)
    check(not os.path.exists(test.path("unkeyed", "keys")), "a key was made that nobody has")
    with open(real + ".part", "wb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        check("another job is writing" in test.job("export", data, "--output", real, expect=75).err, "two jobs write one file")
        equal(os.path.getsize(busy.name), 0, "bytes of the other job's file")
    test.job("export", data, "--output", real)
    check(not os.path.exists(real + ".part"), "a part is left behind")
    os.mkdir(folder)
    busy = os.open(folder, os.O_RDONLY)
    fcntl.flock(busy, fcntl.LOCK_EX)
    check("another backup" in test.job("backup", data, folder, expect=75).err, "two backups write one folder")
    os.close(busy)
    test.job("backup", data, folder)
    check("Is a directory" in test.job("export", data, "--output", folder, expect=75).err, "a folder is written to")
    test.job("export", data, "--output", test.path("nowhere", "file"), expect=75)


def body(test):
    seeds = test.path("seeds")
    test.load(seeds, [SEED_FILE, write_lines(test.path("extra.jsonl"), EXTRA)], form="hirsch")
    round_trip(test, "seeds", seeds)
    outputs(test, seeds)
    files = openalex_files()
    data = test.path("openalex")
    test.load(data, files[-1:] if test.short else files)
    round_trip(test, "openalex", data)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
