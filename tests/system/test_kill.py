#!/usr/bin/env python3
"""Imports killed at random moments: afterwards the store opens, verify is clean, and the export is that of before or of
after the import, never something between."""
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal, openalex_files  # noqa: E402


def options(parser):
    parser.add_argument("--rounds", type=int, default=50)


def measure(test, base, files):
    """Seconds of a whole import, and its export."""
    data = test.path("whole")
    if base:
        shutil.copytree(base, data)
    start = time.monotonic()
    test.load(data, files)
    seconds = time.monotonic() - start
    digest = test.export_hash(data)
    shutil.rmtree(data)
    return seconds, digest


def killed_import(test, data, files, after_s):
    """True when the import was killed, false when it was done before."""
    command = [test.hirschd, "import", "--data", data, "--format", "openalex", *files]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
        try:
            _, errors = program.communicate(timeout=after_s)
        except subprocess.TimeoutExpired:
            program.kill()
            program.communicate()
            return True
        check(program.returncode == 0, "%s: exit code %d: %s", " ".join(command), program.returncode,
              errors.decode("utf-8", "replace"))
        return False


def one_round(test, number, base, files, seconds, before, after):
    data = test.path("killed")
    if base:
        shutil.copytree(base, data)
    # Every second one falls into the end, where the new store takes the place of the old one.
    moment = test.random.uniform(seconds * 0.85 if number % 2 else 0, seconds * 1.05)
    start = time.monotonic()
    killed = killed_import(test, data, files, moment)
    took = time.monotonic() - start
    what = "round %d, %s after %.4f s" % (number, "killed" if killed else "done", moment)
    opened = test.job("stat", data, "--json", expect=None)
    if before is None and opened.returncode != 0:
        # Nothing was stored yet: the directory holds no store, and says so.
        check(opened.returncode in (66, 4, 78), "%s: exit code of stat %d: %s", what, opened.returncode, opened.err)
        state = "empty"
    else:
        equal(opened.returncode, 0, "%s: exit code of stat: %s" % (what, opened.err))
        test.verify(data)
        digest = test.export_hash(data)
        empty = (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        allowed = {after: "after", before or empty: "before"}
        check(digest in allowed, "%s: the export is neither that of before nor that of after", what)
        state = allowed[digest]
        check(killed or state == "after", "%s: but the records are not there", what)
    # The same import again: takes up or starts anew, and ends where an undisturbed one ends.
    if number % 5 == 0:
        test.load(data, files)
        equal(test.export_hash(data), after, what + ", import again: export")
        test.verify(data)
    if os.path.exists(data):  # a kill may come before its making
        shutil.rmtree(data)
    return state, seconds if killed else min(seconds, took)


def body(test):
    files = openalex_files()
    small = [path for path in files if "Nelson" in path]
    half = [path for path in files if "Sep" in path or "Muthu" in path]
    rest = [path for path in files if path not in small + half]
    if test.short:
        half, rest = half[:1], half[1:]
    rounds = 6 if test.short else test.options.rounds
    base = test.path("base")
    test.load(base, [SEED_FILE], form="hirsch")
    test.load(base, half)
    before = test.export_hash(base)
    cases = (("empty directory", None, small + half, None), ("filled directory, small import", base, small, before),
             ("filled directory, large import", base, rest, before))
    for place, (name, start, imported, was) in enumerate(cases):
        seconds, after = measure(test, start, imported)
        count = rounds * (place + 1) // 3 - rounds * place // 3
        states = []
        for number in range(count):
            # An import that was done sooner than the first one tells where the end really is.
            state, seconds = one_round(test, number, start, imported, seconds, was, after)
            states.append(state)
        print("%s: %d imports of about %.2f s killed or done; found: %s" % (
            name, count, seconds, ", ".join("%s %d" % (state, states.count(state)) for state in sorted(set(states)))))


if __name__ == "__main__":
    test = Test(__doc__, options)
    test.main(body)
