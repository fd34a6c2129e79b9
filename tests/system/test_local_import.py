#!/usr/bin/env python3
"""Imports into a directory that is in use act through its daemon, or in chunks: what is there in the end is what a fresh
import gives, whoever was killed meanwhile, and bad input changes nothing.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Daemon, Test, check, equal, write_lines  # noqa: E402


def paper(test, number, title, **more):
    record = {"type": "paper", "id": "local:p%d" % number, "title": title, "date": "20%02d-03" % (number % 26),
              "authors": [{"id": "local:a%d" % test.random.randrange(200), "name": "Author"} for _ in range(2)],
              "references": ["local:p%d" % cited for cited in {number // 2, *test.random.sample(range(6000), 5)}]}
    return json.dumps({**record, **more}).encode()


def fresh_export(test, files):
    fresh = test.path("fresh-%d" % len(os.listdir(test.folder)))
    test.load(fresh, files, form="hirsch")
    return test.export(fresh)


def applied(test, data, file, **more):
    return json.loads(test.job("import", data, "--json", "--quiet", file, **more).out)


def ways(test, data, first, second, count, both):
    """A new generation, chunks by the daemon, chunks offline; a new generation again."""
    equal(applied(test, data, first)["way"], "rebuild", "way into an empty directory")
    small = write_lines(test.path("small.jsonl"), [paper(test, 9000 + i, "Small") for i in range(20)])
    with test.serve(data) as daemon:
        told = applied(test, data, second)
        equal((told["way"], told["stored"], told["failed"]), ("daemon", count, 0), "through the daemon")
        equal(test.ask(daemon.url, "paper", both)["title"], "Second", "a title at once")
        equal(applied(test, data, second)["unchanged"], count, "unchanged the second time")
    test.verify(data)
    told = applied(test, data, small)
    equal((told["way"], told["stored"]), ("writer", 20), "a small import offline")
    test.verify(data)
    equal(test.export(data) == fresh_export(test, [first, second, small]), True, "the exports are the same")
    equal(applied(test, data, first)["way"], "rebuild", "way of a large import offline")
    equal(test.export(data) == fresh_export(test, [first, second, small]), True, "after a new generation too")


def bad_input(test, data, url):
    before = test.stat(data)["sequence"]
    lines = [paper(test, 1, "Bad", updated="2026-05-01"), b'{"type":"paper","id":"local:p1","tilte":"x"}']
    bad = write_lines(test.path("bad.jsonl"), lines)
    told = test.job("import", data, bad, expect=65)
    check("bad.jsonl:2" in told.err, "the bad line is not named: %s", told.err)
    equal(test.stat(data)["sequence"], before, "the sequence after a refused import")
    done = test.job("import", data, "--json", "--max-errors", "1", bad, expect=2)
    equal(json.loads(done.out)["stored"], 1, "stored beside a bad line that was allowed")
    equal(test.ask(url, "paper", "local:p1")["title"], "Bad", "its title")
    refused = test.job("import", data, "--coverage-end", "2026", bad, expect=78)
    check("stop the daemon" in refused.err, "what to do is not said: %s", refused.err)


def again_after_delete(test, data, url, file, both):
    """An import that is done is done: the same one later has an effect of its own."""
    applied(test, data, file)
    test.client(url, "call", "RecordService/DeleteRecords", '{"keys":[{"entity":{"id":"%s"}}]}' % both)
    equal(test.ask(url, "resolve", both).get("stub", False) or "title" not in test.ask(url, "paper", both), True, "deleted")
    equal(applied(test, data, file)["stored"], 1, "stored by the same import again")
    equal(test.ask(url, "paper", both)["title"], "Second", "its title")


def start_import(test, data, file):
    return subprocess.Popen([test.hirschd, "import", "--data", data, "--quiet", file], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def wait_for_chunk(test, follower, chunks):
    """Reads the log until so many chunks are on disk."""
    seen = set()
    while len(seen) < chunks:
        line = follower.stdout.readline()
        check(line, "the log ends")
        entry = json.loads(line)
        if entry["kind"] == "chunk":
            seen.add(entry["chunk"])


def killed(test, first, second, who):
    """The importer or the daemon is killed when two chunks are there; the same import again, or the same daemon, goes on."""
    data = test.path("killed-" + who)
    test.load(data, [first], form="hirsch")
    daemon = Daemon(test, data, (test.ipc("killed"),))
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    follower = subprocess.Popen([test.hirschd, "log", "--data", data, "--follow"], stdout=subprocess.PIPE)
    importer = start_import(test, data, second)
    try:
        wait_for_chunk(test, follower, 2)
        if who == "importer":
            importer.kill()
            importer.wait()
            applied(test, data, second)
        else:
            daemon.kill()
            daemon = Daemon(test, data, (test.ipc("killed"),))
            test.daemons.append(daemon)
            err = importer.communicate(timeout=test.deadline_s)[1]
            equal(importer.returncode, 0, "exit code of the import whose daemon came back: %s" % err)
            # An import that was done before the kill did not wait for this daemon; a signal before its main ends it unheard.
            daemon.wait_until_serving()
        equal(daemon.stop(), 0, "exit code of the daemon")
    finally:
        for program in (importer, follower):
            if program.poll() is None:
                program.kill()
            program.communicate()
    check_end(test, data, first, second)


def check_end(test, data, first, second):
    entries = [json.loads(line) for line in test.job("log", data).out.splitlines()]
    puts = [entry["record"]["id"] for entry in entries if entry.get("op") == "put"]
    equal(len(puts), len(set(puts)), "records applied once")
    equal(len({entry["import"] for entry in entries if entry["kind"] == "chunk"}), 1, "ids of the import in the log")
    equal([name for name in os.listdir(data) if name.startswith("import-")], [], "ids left behind")
    test.verify(data)
    equal(test.export(data) == fresh_export(test, [first, second]), True, "the exports are the same")


def body(test):
    # Chunks have 500 records: there is one more when two are there.
    count = 1500 if test.short else 3000
    begin = 2 * count // 3
    both = "local:p%d" % (begin + 1)  # in both files, and cited
    first = write_lines(test.path("first.jsonl"), [paper(test, i, "First") for i in range(count)])
    second = write_lines(test.path("second.jsonl.gz"), [paper(test, begin + i, "Second", updated="2026-01-01")
                                                        for i in range(count)])
    data = test.path("data")
    ways(test, data, first, second, count, both)
    with test.serve(data) as daemon:
        bad_input(test, data, daemon.url)
        again_after_delete(test, data, daemon.url, second, both)
    killed(test, first, second, "importer")
    killed(test, first, second, "daemon")


if __name__ == "__main__":
    Test(__doc__).main(body)
