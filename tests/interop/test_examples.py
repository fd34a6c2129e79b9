#!/usr/bin/env python3
"""The examples of libhirsch against a daemon with the records of the first page."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal  # noqa: E402

AUTHOR = "local:max-lam"


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, test.tcp()) as daemon:
        def example(name, *arguments, expect=0):
            program = test.program(os.path.join("src", "client", "example_" + name))
            return test.run([program, *arguments], expect=expect, env=dict(os.environ, HIRSCH_SERVER=daemon.url))

        equal(example("get_author", AUTHOR).out, "Max Lam: 3 papers, 0 citations, h-index 0\n", "get_author")
        check("NOT_FOUND" in example("get_author", "local:nobody", expect=1).err, "get_author of nobody")
        lines = example("batch", AUTHOR, "local:nobody").out.splitlines()
        equal(lines[0], AUTHOR + ": Max Lam", "batch")
        check(lines[1].startswith("local:nobody: NOT_FOUND: "), "batch: %r", lines[1])
        dates = [line.split()[0] for line in example("pages", AUTHOR, "2").out.splitlines()]
        equal(dates, ["2025-07-17", "2020-03-10", "2017-06-18"], "pages")
        lines = example("metrics", AUTHOR, "2020-06-30").out.splitlines()
        equal([line.split()[0] for line in lines[:-1]], ["2017-12-31", "2018-12-31", "2019-12-31", "2020-06-30"], "metrics")
        equal(lines[-1], "2 papers, h 0, m 0.000", "metrics")
        equal(example("metrics", AUTHOR, "1980-01-01").out, "0 papers, h 0, m undefined: NO_PAPERS\n", "metrics of nothing")
        equal(example("many", AUTHOR, "5000").out, "5000 answered, 0 failed\n", "many")
        equal(example("put", "Ada", "One", "Two").out, "3 stored, 0 unchanged, 0 failed\n", "put")
        equal(example("put", "Ada", "a\x01").out,
              "record 1: INVALID_ARGUMENT: title: it has a control character in it\n1 stored, 0 unchanged, 1 failed\n",
              "put of a bad title")
        for _ in range(2):
            equal(example("put_call", "once", "2500").out, "2500 of 2500 stored, 0 not known, 0 not sent\n", "put_call")
        dates = example("pages", "local:example-author", "2").out.splitlines()
        equal(len(dates), 2, "the papers that were put")
        lines = sorted(example("event_loop", AUTHOR, "local:nobody").out.splitlines())
        check(lines[0].startswith("NOT_FOUND: ") and lines[1] == AUTHOR + ": Max Lam", "event_loop: %r", lines)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
