#!/usr/bin/env python3
"""A daemon under mixed load for a minute: reads, searches, metrics, puts and deletes by clients that begin, end, and are
killed. When the load is over, memory, descriptors, connections and reader slots are where they were after the first part of
it, the store is whole, and every client that was let be got its answers."""
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, write_lines  # noqa: E402
from operations import metric  # noqa: E402

# What allocators keep between threads; a leak of 64 bytes a request is more after half a minute.
HEAP_MORE = 4 << 20
MIXED = """\
40 GetAuthor keys=zipf:0.99 miss=1%
10 BatchGetAuthors batch=50
10 ListAuthorPapers page-size=20 pages=2
10 GetPaper
10 ListCitations page-size=20
5 ListCoauthors
5 SearchAuthors
5 SearchPapers page-size=5
"""


def options(parser):
    parser.add_argument("--seconds", type=int, default=60)


class Soak:
    def __init__(self, test, daemon):
        self.test, self.daemon = test, daemon
        self.ending = threading.Event()
        self.faults, self.runs, self.killed = [], {}, 0
        self.workload = test.path("mixed")
        with open(self.workload, "w", encoding="utf-8") as file:
            file.write(MIXED)

    # --- what is where it was ---

    def heap(self):
        """Memory of the process that is no page of a file."""
        with open("/proc/%d/smaps_rollup" % self.daemon.process.pid, encoding="utf-8") as file:
            return 1024 * int(re.search(r"^Anonymous: +(\d+) kB", file.read(), re.MULTILINE).group(1))

    def look(self):
        return {"connections": metric(self.daemon, "hirsch_connections"), "in flight": metric(self.daemon, "hirsch_in_flight"),
                "readers": metric(self.daemon, "hirsch_readers"), "oldest reader": metric(self.daemon, "hirsch_oldest_reader_transactions"),
                "descriptors": len(os.listdir("/proc/%d/fd" % self.daemon.process.pid))}

    def settle(self, first=None):
        """Connections of clients that have ended are noticed one after the other, this test's to the operations port too.
        first: what nothing may be above in the end."""
        end = time.monotonic() + self.test.deadline_s
        while True:
            now = self.look()
            if now["connections"] + now["in flight"] == 0 and all(now[name] <= value for name, value in (first or now).items()):
                return now
            check(time.monotonic() < end, "after the load there are still %s, at first %s", now, first)

    # --- clients ---

    def client(self, name, arguments, stdin=None, kill_after_s=None, codes=(0,)):
        # Generous: the machine has other things to do, and this is about what is left behind.
        with subprocess.Popen([self.test.hirsch, "-s", self.daemon.url, "--timeout", "30000", *arguments], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(stdin, kill_after_s or self.test.deadline_s)
                if process.returncode not in codes:
                    self.faults.append("%s: exit code %d: %s" % (" ".join(arguments), process.returncode, err.decode()[-500:]))
                self.runs[name] = self.runs.get(name, 0) + 1
                return out
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                self.killed += 1
                if kill_after_s is None:
                    self.faults.append("%s does not end" % " ".join(arguments))
                return b""

    def read(self):
        ids = self.client("sample", ("sample", "authors", "--count", "200", "--seed", str(self.runs.get("sample", 0))))
        papers = self.client("sample", ("sample", "papers", "--count", "50"))
        # An id that is deleted meanwhile is not found: exit codes 2 and 4.
        self.client("author", ("author", "-", "--json"), ids, codes=(0, 2, 4))
        self.client("paper", ("paper", "-", "--json"), papers, codes=(0, 2, 4))
        first = "local:a%d" % (self.runs.get("author", 0) % 400)
        self.client("papers", ("papers", first, "--json"), codes=(0, 4))
        self.client("search", ("search", "learning", "--papers", "--json"), codes=(0, 4))
        self.client("metrics", ("metrics", first, "--json"), codes=(0, 4))

    def load(self):
        out = self.client("bench", ("bench", "--workload", self.workload, "--rate", "500", "--duration", "3s", "--warmup", "0s",
                                    "--max-lag", "10s", "--verify", "0%", "--json"), codes=(0, 3))
        # Records that were drawn may be deleted meanwhile, so answers are not compared; lost are only broken connections.
        lost = json.loads(out)["result"]["lost"] if out else 0
        if lost:
            self.faults.append("bench: %d requests were lost with their connection" % lost)

    def write(self, path, ids):
        self.client("put", ("put", "--quiet", path), codes=(0,))
        self.client("delete", ("delete", "-"), ids, codes=(0, 2))

    def die(self):
        """In the middle of whatever is under way."""
        self.client("killed", ("bench", "--workload", self.workload, "--closed", "--depth", "8", "--duration", "30s"),
                    kill_after_s=0.7)

    def run(self, seconds, writes):
        jobs = [self.read, self.load, lambda: self.write(*writes), self.die]
        end = time.monotonic() + seconds

        def repeat(job):
            while time.monotonic() < end and not self.faults:
                job()

        threads = [threading.Thread(target=repeat, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(not self.faults, "%s", self.faults)


def body(test):
    seconds = 12 if test.short else test.options.seconds
    data, made, more = test.path("data"), test.path("made.jsonl"), test.path("more.jsonl")
    test.run([test.generate, "--authors", "400", "--papers", "1000", "--seed", "1", "--output", made])
    test.run([test.generate, "--authors", "20", "--papers", "60", "--seed", "2", "--output", more])
    test.load(data, [made], "hirsch")
    with open(more, encoding="utf-8") as file:
        lines = [line.replace('"local:', '"local:new-').replace("10.5555/made", "10.5555/new").encode() for line in file.read().splitlines()]
    ids = b"".join(json.loads(line)["id"].encode() + b"\n" for line in lines)
    writes = (write_lines(more, [line for line in lines if b"orcid:" not in line]), ids)
    before = test.export(data)
    with test.serve(data, more=("--http", "127.0.0.1:0", "--loops", "2")) as daemon:
        soak = Soak(test, daemon)
        soak.run(seconds / 4, writes)
        first, heap = soak.settle(), soak.heap()
        soak.run(seconds * 3 / 4, writes)
        last, heap_last = soak.settle(first), soak.heap()
        print("%s, %d killed; heap %.1f MB, then %.1f MB; %s" % (
            ", ".join("%s %d" % pair for pair in sorted(soak.runs.items())), soak.killed, heap / 1e6, heap_last / 1e6, last))
        check(all(soak.runs.get(name) for name in ("author", "paper", "papers", "search", "metrics", "put", "delete", "bench")),
              "not every kind of client came to its end: %s", soak.runs)
        check(test.short or heap_last <= heap + HEAP_MORE, "the heap grew from %d to %d bytes", heap, heap_last)
    test.verify(data)
    check(test.export(data) == before, "what was put and deleted again has left something behind")


if __name__ == "__main__":
    Test(__doc__, options).main(body)
