#!/usr/bin/env python3
"""An import takes about as much memory as --memory says, whatever its input: under a limit of the kernel's that a few MiB
more keep, and that it breaks with more; what comes out is the same for any memory and any number of threads. And the
worst that one request can do to a daemon has a bound."""
import os
import resource
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal  # noqa: E402
from puts import PUT, Writer, answer_of, put_request  # noqa: E402

MIB = 1024 * 1024
PAPERS = 25000
# Private memory of the process. Of it about 40 MiB are stacks of threads that are reserved, not used.
LIMIT = 100 * MIB
# A put is one transaction, and its dirty pages are memory until it is committed; beyond 512 MiB LMDB writes them out. With
# the request itself, unpacked, and the rows that are planned, 603 MiB were the most that any shape of request took.
REQUEST_LIMIT = 700 * MIB


def limited():
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def load(test, name, corpus, memory, threads, expect=0, **more):
    data = test.path(name)
    done = test.run([test.hirschd, "import", "--data", data, "--quiet", "--memory", memory, "--threads", threads, corpus],
                    expect=expect, **more)
    return data, done


class Peak:
    """The most private memory that a process has at any time until end()."""

    def __init__(self, process):
        self.path = "/proc/%d/status" % process.pid
        self.begin = self.most = self.read()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def read(self):
        with open(self.path, encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon"))

    def run(self):
        while not self.ended.wait(0.002):
            self.most = max(self.most, self.read())

    def end(self):
        self.ended.set()
        self.thread.join()
        return self.most - self.begin


def worst_request(test):
    """As many references as a request may hold, each to a paper that nobody knows."""
    random = test.random
    return put_request([{"type": "paper", "id": "local:worst%d" % i, "title": "Worst", "date": "2020",
                         "references": ["local:%012x" % random.getrandbits(48) for _ in range(390)],
                         "updated": "2026-01-31"} for i in range(1000)])


def one_request(test, data):
    with test.serve(data) as daemon:
        writer = Writer(daemon.url, timeout_ms=1000 * test.deadline_s)
        payload = worst_request(test)
        daemon.wait_for_log("papers refreshed")  # its memory is not the put's
        peak = Peak(daemon.process)
        try:
            code, text, answer = writer.call(PUT, payload)
        finally:
            took = peak.end()
        equal((code, text), (0, ""), "the worst put")
        equal(answer_of(answer)[1], [2] * 1000, "outcomes of the worst put")
        # As much as a modest one takes, or nothing was measured.
        check(128 * MIB < took < REQUEST_LIMIT, "a request of %d bytes takes %d MiB", len(payload), took // MIB)
        print("a put of %.1f MiB takes %d MiB" % (len(payload) / MIB, took // MIB))
    test.verify(data)


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
        return  # sanitizers take more memory than any limit
    one_request(test, test.path("memory-1MiB"))
    data, _ = load(test, "little", corpus, "4MiB", "2", preexec_fn=limited)
    equal(test.export_hash(data), wanted, "export after an import under the limit")
    _, done = load(test, "much", corpus, "1GiB", "2", expect=75, preexec_fn=limited)
    check("emory" in done.err, "an import over the limit says: %s", done.err)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
