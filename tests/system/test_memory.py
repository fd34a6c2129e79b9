#!/usr/bin/env python3
"""An import takes about as much memory as --memory says, whatever its input: under a limit of the kernel's that a few MiB
more keep, and that it breaks with more; what comes out is the same for any memory and any number of threads."""
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal  # noqa: E402

MIB = 1024 * 1024
PAPERS = 25000
# Private memory of the process. Of it about 40 MiB are stacks of threads that are reserved, not used.
LIMIT = 100 * MIB


def limited():
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def load(test, name, corpus, memory, threads, expect=0, **more):
    data = test.path(name)
    done = test.run([test.hirschd, "import", "--data", data, "--quiet", "--memory", memory, "--threads", threads, corpus],
                    expect=expect, **more)
    return data, done


def body(test):
    papers = PAPERS // 10 if test.short else PAPERS
    corpus = test.path("corpus.jsonl")
    test.run([test.generate, "--authors", str(papers), "--papers", str(papers), "--seed", str(test.seed), "--output", corpus])
    plain, _ = load(test, "plain", corpus, "1GiB", "1")
    wanted = test.export_hash(plain)
    check(wanted[0] > 2 * papers - 1, "the export has only %d lines", wanted[0])
    for memory, threads in (("1MiB", "2"), ("16MiB", "3"), ("1GiB", "4")):
        data, _ = load(test, "memory-" + memory, corpus, memory, threads)
        equal(test.export_hash(data), wanted, "export after --memory %s --threads %s" % (memory, threads))
    test.verify(test.path("memory-1MiB"))
    if test.short:
        return  # sanitizers take more address space than any limit
    data, _ = load(test, "little", corpus, "4MiB", "2", preexec_fn=limited)
    equal(test.export_hash(data), wanted, "export after an import under the limit")
    _, done = load(test, "much", corpus, "1GiB", "2", expect=75, preexec_fn=limited)
    check("emory" in done.err, "an import over the limit says: %s", done.err)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
