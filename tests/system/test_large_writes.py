#!/usr/bin/env python3
"""Calls of libhirsch that write more than one request takes: what they leave equals an import of the same, they are done
once however often they are sent again, and when a daemon is killed in the middle they say what is known."""
import json
import os
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from harness import SEED_FILE, Daemon, Test, check, equal, write_lines  # noqa: E402
from hirsch_client import field, fields  # noqa: E402
from puts import Writer, paper_record  # noqa: E402

RECORDS, RECORDS_SHORT = 5000, 2600
REQUEST_BYTES = 8 << 20
DELETED = 2500
NOT_KNOWN, STORED, WAS_DELETED, ABSENT, NOT_SENT = 0, 2, 6, 7, 64
OK, DEADLINE, UNAVAILABLE = 0, 4, 14


def make_records(test, count):
    """The same papers as lines and as messages, that cite each other and share authors. Of the first half a request holds
    as many as its bytes allow, of the rest as many as their count does."""
    lines, messages = [], []
    words = ["word%d" % i for i in range(500)]
    for i in range(count):
        record = {"type": "paper", "id": "local:w%d" % i, "title": "Paper %d" % i, "date": "20%02d-03" % (i % 25),
                  "abstract": " ".join(test.random.choices(words, k=1800 if i < count // 2 else 20)),
                  "authors": [{"id": "local:a%d" % test.random.randrange(300), "name": "Some Author"} for _ in range(3)],
                  "references": ["local:w%d" % test.random.randrange(count + 100) for _ in range(10)],
                  "updated": "2026-01-31"}
        lines.append(json.dumps(record).encode())
        messages.append(field(2, paper_record(record)))
    total = sum(map(len, messages))
    check(test.short or total > 20 << 20, "records of %d bytes", total)
    with open(test.path("records"), "wb") as file:
        for message in messages:
            file.write(struct.pack("<I", len(message)) + message)
    return write_lines(test.path("records.jsonl"), lines), total // REQUEST_BYTES + count // 2 // 1000


def sequence_of(reader):
    code, text, answer = reader.call("hirsch.v1.DatasetService/GetDataset", b"")
    equal(code, OK, "GetDataset: " + text)
    return fields(fields(answer)[1][0])[3][0]


def command(test, mode, url, file, key, timeout_ms=240000):
    return [test.program("tests/system/put_whole"), mode, url, test.path(file), key, str(timeout_ms)]


def whole(test, *arguments):
    return json.loads(test.run(command(test, *arguments)).out)


def puts_what_import_loads(test, mode, count, requests, exported):
    """One call, then the same again: nothing is done twice."""
    data = test.path("data-" + mode)
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data) as daemon:
        reader = Writer(daemon.url)
        before = sequence_of(reader)
        said = whole(test, mode, daemon.url, "records", "once")
        equal((said["code"], said["count"], said["runs"]), (OK, count, [[STORED, count]]), "%s of all" % mode)
        # Each request is a change of its own; the answer is that of the last.
        changes = said["sequence"] - before
        check(requests <= changes <= requests + 3, "%d changes of about %d requests", changes, requests)
        equal(sequence_of(reader), said["sequence"], "sequence of the answer")
        equal(whole(test, mode, daemon.url, "records", "once"), said, "the same call again")
        equal(sequence_of(reader), said["sequence"], "sequence after the same call again")
        test.verify(data)
        equal(test.export(data), exported, "export after one %s" % mode)
        deletes(test, daemon.url, data, count)


def deletes(test, url, data, count):
    with open(test.path("ids"), "w", encoding="ascii") as file:
        file.writelines("local:w%d\n" % i for i in range(DELETED))
        file.write("local:nobody\n")
    said = whole(test, "delete", url, "ids", "gone")
    equal((said["code"], said["runs"]), (OK, [[WAS_DELETED, DELETED], [ABSENT, 1]]), "delete of many")
    stored = {json.loads(line).get("id") for line in test.export(data).splitlines() if b'"paper"' in line}
    equal({i for i in range(count) if "local:w%d" % i in stored}, set(range(DELETED, count)), "papers that stand")
    test.verify(data)


def killed_in_the_middle(test, mode, count, exported):
    """Tried again when all was stored before the kill came."""
    end, said = time.monotonic() + test.deadline_s, None
    while said is None:
        check(time.monotonic() < end, "a kill never comes before all is stored")
        data = test.path("killed-" + mode)
        shutil.rmtree(data, ignore_errors=True)
        said = killed_once(test, mode, count, exported, data)
    return said


def killed_once(test, mode, count, exported, data):
    """What is said to be stored is stored; what is said not to be sent is not; the same call completes it. None when the kill
    came too late."""
    url = test.ipc("k")
    test.load(data, [SEED_FILE], form="hirsch")
    daemon = Daemon(test, data, [url])
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    reader = Writer(url)
    before = sequence_of(reader)
    with subprocess.Popen(command(test, mode, url, "records", "key", 4000), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as program:
        end = time.monotonic() + test.deadline_s
        while sequence_of(reader) == before and time.monotonic() < end and program.poll() is None:
            time.sleep(0.001)
        daemon.kill()
        out, err = program.communicate(timeout=test.deadline_s)
    test.daemons.remove(daemon)
    check(program.returncode == 0 and b"Sanitizer" not in err, "%s", err)
    said = json.loads(out)
    runs = {outcome: size for outcome, size in said["runs"]}
    if said["code"] == OK:
        equal(said["runs"], [[STORED, count]], "a put that was done before the kill")
        return None
    check(said["code"] in (DEADLINE, UNAVAILABLE), "code of a put whose daemon is killed: %s", said)
    check([outcome for outcome, _ in said["runs"]] in ([STORED, NOT_KNOWN, NOT_SENT], [NOT_KNOWN, NOT_SENT],
                                                       [STORED, NOT_KNOWN], [STORED, NOT_SENT]), "%s", said)
    stored = {json.loads(line).get("id") for line in test.export(data).splitlines()}
    there = [i for i in range(count) if "local:w%d" % i in stored]
    equal(there, list(range(len(there))), "papers that are there after a kill")
    surely, maybe = runs.get(STORED, 0), runs.get(STORED, 0) + runs.get(NOT_KNOWN, 0)
    check(len(there) in (surely, maybe), "%d papers are there, %s", len(there), said)
    test.verify(data)
    with test.serve(data, url):
        again = whole(test, mode, url, "records", "key")
        equal((again["code"], again["runs"]), (OK, [[STORED, count]]), "the same call again")
    test.verify(data)
    equal(test.export(data), exported, "export after a kill and the same call again")
    return "%d of %d stored, %d not known" % (surely, count, maybe - surely)


def body(test):
    count = RECORDS_SHORT if test.short else RECORDS
    lines, requests = make_records(test, count)
    reference = test.path("reference")
    test.load(reference, [SEED_FILE, lines], form="hirsch")
    exported = test.export(reference)
    for mode in ("async",) if test.short else ("put", "async"):
        puts_what_import_loads(test, mode, count, requests, exported)
        print("%s killed in the middle: %s" % (mode, killed_in_the_middle(test, mode, count, exported)))


if __name__ == "__main__":
    Test(__doc__).main(body)
