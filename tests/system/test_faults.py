#!/usr/bin/env python3
"""Faults planted into a store, one at a time: verify finds each, says what differs and ends with 74; the store without
fault is clean before and after."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal, openalex_files, read_lines  # noqa: E402

KINDS = ["counter", "edge", "order", "checksum", "missing", "extra", "reference", "view", "key"]
LINES = 400


def options(parser):
    parser.add_argument("--faults", type=int, default=100)


def plant(test, data, kind, seed):
    program = os.path.join(test.build, "tests", "system", "plant")
    done = subprocess.run([program, data, kind, str(seed)], capture_output=True, text=True, check=False)
    equal(done.returncode, 0, "plant %s %d: %s" % (kind, seed, done.stderr))
    return done.stdout.strip()


def body(test):
    lines = test.random.sample(read_lines(openalex_files()), LINES)
    works = test.path("works.jsonl")
    with open(works, "wb") as file:
        file.write(b"\n".join(lines) + b"\n")
    good = test.path("good")
    test.load(good, [works])
    test.load(good, [SEED_FILE], "hirsch")
    test.verify(good)
    faults = 20 if test.short else test.options.faults
    found = {}
    for number in range(faults):
        kind = KINDS[number % len(KINDS)]
        data = test.path("planted")
        shutil.copytree(good, data)
        what = plant(test, data, kind, test.random.randrange(2 ** 32))
        said = test.job("verify", data, expect=None)
        equal(said.returncode, 74, "fault %d, %s (%s): exit code of verify: %s" % (number, kind, what, said.out))
        check(len(said.out.splitlines()) >= 2 or "damaged page" in said.err,
              "fault %d, %s (%s): verify does not say what differs: %s", number, kind, what, said.out)
        found[kind] = found.get(kind, 0) + 1
        shutil.rmtree(data)
    test.verify(good)
    print("found %d of %d faults: %s" % (sum(found.values()), faults,
                                        ", ".join("%s %d" % pair for pair in sorted(found.items()))))


if __name__ == "__main__":
    Test(__doc__, options).main(body)
