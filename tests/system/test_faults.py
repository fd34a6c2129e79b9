#!/usr/bin/env python3
"""Faults planted into a store, one at a time: verify finds each, says what differs and ends with 74; the store without
fault is clean before and after. A daemon that is ended by pages of its store that cannot be read says so."""
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Daemon, Test, check, equal, openalex_files, read_lines  # noqa: E402

KINDS = ["counter", "edge", "order", "checksum", "missing", "extra", "reference", "view", "key"]
LINES = 400


def options(parser):
    parser.add_argument("--faults", type=int, default=100)


def plant(test, data, kind, seed):
    program = os.path.join(test.build, "tests", "system", "plant")
    done = subprocess.run([program, data, kind, str(seed)], capture_output=True, text=True, check=False)
    equal(done.returncode, 0, "plant %s %d: %s" % (kind, seed, done.stderr))
    return done.stdout.strip()


def lost_pages(test, good):
    """The file ends before the pages that a request needs, as on a disk that lost them."""
    data = test.path("lost")
    shutil.copytree(good, data)
    daemon = Daemon(test, data, [test.ipc()])
    try:
        daemon.wait_until_serving()
        (store,) = [os.path.join(folder, name) for folder, _, names in os.walk(data) for name in names if name == "data.mdb"]
        os.truncate(store, 2 * os.sysconf("SC_PAGESIZE"))
        test.client(daemon.url, "sample", "papers", expect=None)
        equal(daemon.process.wait(test.deadline_s), -signal.SIGBUS, "how the daemon ended: %s" % daemon.log())
    finally:
        daemon.kill()
    for words in ("ended by SIGBUS: a page of the store is damaged or cannot be read",
                  "run hirschd verify --data %s" % data):
        check(words in daemon.log(), "the log does not say \"%s\": %s", words, daemon.log())
    shutil.rmtree(data)


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
    # A sanitizer has its own last words.
    if not test.short:
        lost_pages(test, good)
    print("found %d of %d faults: %s" % (sum(found.values()), faults,
                                        ", ".join("%s %d" % pair for pair in sorted(found.items()))))


if __name__ == "__main__":
    Test(__doc__, options).main(body)
