#!/usr/bin/env python3
"""Eight files of real OpenAlex works: every computed number of every author and paper against the oracle."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from corpus import made_lines  # noqa: E402
from harness import ROOT, Test, equal, openalex_files, write_lines  # noqa: E402

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")


def ask_oracle(test, daemon, data, form, files):
    stat = test.path("stat.json")
    with open(stat, "wb") as file:
        file.write(test.job("stat", data, "--json").stdout)
    done = test.run([sys.executable, ORACLE, "--hirsch", test.hirsch, "--url", daemon.url, "--format", form,
                     "--stat", stat, "--lists", "10" if test.short else "50", "--seed", str(test.seed), *files],
                    expect=(0, 1))
    print(done.out + done.err, end="")
    equal(done.returncode, 0, "the oracle finds differences; exit code")


def body(test):
    files = openalex_files()
    if test.short:
        files = [path for path in files if "Nelson" in path or "Sep" in path]
    data = test.path("data")
    test.load(data, files)
    test.verify(data)
    if not test.short:
        equal(test.stat(data)["papers"], 5841, "papers")
    with test.serve(data) as daemon:
        ask_oracle(test, daemon, data, "openalex", files)
    # A made corpus has what the files lack: undated and coarsely dated papers, and dates of every precision.
    corpus, made = test.path("made.jsonl"), test.path("made")
    test.run([test.generate, "--authors", "300" if test.short else "3000",
              "--seed", str(test.seed), "--output", corpus])
    test.load(made, [corpus], form="hirsch")
    test.verify(made)
    with test.serve(made) as daemon:
        ask_oracle(test, daemon, made, "hirsch", [corpus])
    # And one in which records are joined, disputed, replaced and merged.
    lines = made_lines(test, 100 if test.short else 3000)
    joined, merged = write_lines(test.path("joined.jsonl"), lines), test.path("joined")
    test.load(merged, [joined], form="hirsch")
    test.verify(merged)
    with test.serve(merged) as daemon:
        ask_oracle(test, daemon, merged, "hirsch", [joined])


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
