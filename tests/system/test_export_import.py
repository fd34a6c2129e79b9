#!/usr/bin/env python3
"""Import of an export gives the same export, the same numbers, and the same answers."""
import os
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


def body(test):
    seeds = test.path("seeds")
    test.load(seeds, [SEED_FILE, write_lines(test.path("extra.jsonl"), EXTRA)], form="hirsch")
    round_trip(test, "seeds", seeds)
    files = openalex_files()
    data = test.path("openalex")
    test.load(data, files[-1:] if test.short else files)
    round_trip(test, "openalex", data)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
