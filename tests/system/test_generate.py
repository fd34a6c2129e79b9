#!/usr/bin/env python3
"""The generator of made corpora: the same bytes for the same options whatever the threads, every line a record, and a shape
near that of the real corpora it is fitted to.
"""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import real_shape  # noqa: E402
from harness import Test, check, data_path, equal, openalex_files  # noqa: E402

# Measure of --fit: how far the made corpus may be from a real one.
NEAR = {"citations, exponent of the tail": 0.4, "self-citations, share": 0.06, "growth a year": 0.03,
        "references, p90 / mean": 0.4, "citations of the cited, p99 / mean": 3.0, "authors a paper, p99": 3.0}

ROUNDED = 0.02  # of a value that is printed with two or three digits


def check_real(printed):
    """The real numbers that --fit prints are those of the real records, where these are."""
    folder = data_path("aan-acl-anthology-network")
    if not os.path.isdir(folder) or not os.path.isdir(data_path("openalex-synergy-v1")):
        print("the real records are not here: their numbers are not recomputed")
        return
    compared = 0
    for column, measures in ((1, real_shape.aan(folder)), (2, real_shape.openalex(openalex_files()))):
        for name, value in measures.items():
            check(abs(float(printed[name][column]) - value) <= ROUNDED * value, "%s: --fit prints %s as the real value, %g "
                  "was found", name, printed[name][column], value)
            compared += 1
    equal(compared, sum(value != "-" for values in printed.values() for value in values[1:]), "real values")


def body(test):
    made = {}
    for name, more in (("one", ("--threads", "1")), ("four", ("--threads", "4")), ("other", ("--seed", "8"))):
        text = test.run([test.generate, "--authors", "2000", "--papers", "5000", "--seed", "7", "--abstracts", *more]).stdout
        made[name] = hashlib.sha256(text).hexdigest()
    equal(made["one"], made["four"], "the corpus of one thread and of four")
    check(made["one"] != made["other"], "another seed gives the same corpus")
    path = test.path("corpus.jsonl")
    test.run([test.generate, "--authors", "2000", "--papers", "5000", "--seed", "7", "--output", path])
    papers, seen = 0, set()
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            equal(record["source"], "made", "source")
            check(record["id"] not in seen, "%s stands twice", record["id"])
            seen.add(record["id"])
            if record["type"] == "paper":
                number = int(record["id"][len("local:p"):])
                equal(number, papers, "order of papers")
                papers += 1
                equal(len(set(record["references"])), len(record["references"]), "references of %s" % record["id"])
                for cited in record["references"]:
                    check(not cited.startswith("local:p") or int(cited[len("local:p"):]) < number, "%s cites %s",
                          record["id"], cited)
    equal((papers, len(seen)), (5000, 7000), "records")
    data = test.path("data")
    test.load(data, [path], form="hirsch")
    test.verify(data)
    equal(test.stat(data)["papers"], 5000, "papers in the store")
    table = test.run([test.generate, "--authors", "20000", "--papers", "20000", "--fit"]).out
    found, printed = 0, {}
    for line in table.splitlines()[2:]:
        name, values = line[:36].strip(), line[36:].split()
        printed[name] = values
        real = [float(value) for value in values[1:] if value != "-"]
        if name in NEAR:
            found += 1
            nearest = min(abs(float(values[0]) - value) for value in real)
            check(nearest <= NEAR[name], "%s: %s, real corpora have %s", name, values[0], real)
    equal(found, len(NEAR), "measures in\n%s" % table)
    check_real(printed)
    for wrong in (("--authors", "0"), ("--references", "x"), ("more",), ("--zebra",)):
        done = test.run([test.generate, *wrong], expect=64)
        check("usage:" in done.err and not done.err.startswith("usage:"), "what is wrong stands first: %s", done.err)
    test.run([test.generate, "--output", test.path("no", "such")], expect=73)


if __name__ == "__main__":
    Test(__doc__).main(body)
