#!/usr/bin/env python3
"""Records put and deleted over the wire while others read: through `hirsch put` and `hirsch delete`, and byte by byte."""
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from harness import SEED_FILE, Test, check, equal, write_lines  # noqa: E402
from hirsch_client import Connection, field, fields, request, response  # noqa: E402
from puts import Writer, retry_after_ms  # noqa: E402

PUT, DELETE = "hirsch.v1.RecordService/PutRecords", "hirsch.v1.RecordService/DeleteRecords"
GET_PAPER, GET_DATASET = "hirsch.v1.PaperService/GetPaper", "hirsch.v1.DatasetService/GetDataset"
OK, INVALID, DEADLINE, NOT_FOUND, EXHAUSTED, PRECONDITION = 0, 3, 4, 5, 8, 9
FAILED, STORED, UNCHANGED, DELETED, ABSENT = 1, 2, 3, 6, 7


def paper(id, title="A title", references=(), updated="2026-01-31", **more):
    """A hirsch.v1.Record."""
    body = field(1, id) + field(3, title) + b"".join(field(14, one) for one in references) + field(16, updated)
    return field(2, body + b"".join(field(number, value) for number, value in more.get("fields", ())))


def put(*records, key=""):
    return b"".join(field(1, record) for record in records) + (field(2, key) if key else b"")


def keys(*ids, key=""):
    return b"".join(field(1, field(1, field(1, id))) for id in ids) + (field(2, key) if key else b"")


def results(answer):
    """[(outcome, text)], sequence and epoch of an answer to a write."""
    found = fields(answer)
    items = [fields(item) for item in found.get(1, [])]
    texts = [fields(item[2][0]).get(2, [b""])[0].decode() if 2 in item else "" for item in items]
    return [(item.get(1, [0])[0], text) for item, text in zip(items, texts)], found.get(2, [0])[0], found[3][0]


def native(test, count):
    """Lines of records that cite and merge, some of them twice with an older and a newer text."""
    lines = []
    for i in range(count):
        record = {"type": "paper", "id": "local:p%d" % i, "title": "Paper %d" % i, "date": "20%02d" % (i % 25),
                  "authors": [{"id": "local:a%d" % test.random.randrange(20), "name": "Some Author"}],
                  "references": ["local:p%d" % test.random.randrange(count + 5) for _ in range(3)],
                  "updated": "2026-01-%02d" % test.random.randrange(1, 29)}
        lines.append(json.dumps(record).encode())
        if i % 7 == 0:
            lines.append(json.dumps(dict(record, title="Other", updated="2026-01-%02d" % test.random.randrange(1, 29))
                                    ).encode())
    lines += [b'{"type":"author","id":"local:a%d","name":"Author %d","updated":"2026-01-01"}' % (i, i) for i in range(20)]
    lines.append(b'{"type":"merge","from":"local:a1","into":"local:a2","entity":"author"}')
    lines.append(b'{"type":"suppress","id":"local:p3","entity":"paper"}')
    lines.append(b'{"type":"citation","citing":"local:p1","cited":"local:p2","updated":"2026-01-01"}')
    return lines


def command_puts_what_import_loads(test):
    lines = native(test, 400 if test.short else 3000)
    whole, halves = test.path("all.jsonl"), [test.path("one.jsonl.gz"), test.path("two.jsonl")]
    write_lines(whole, lines)
    test.random.shuffle(lines)
    write_lines(halves[0], lines[::2])
    write_lines(halves[1], lines[1::2])
    reference, data = test.path("reference"), test.path("data")
    test.load(reference, [SEED_FILE, whole], form="hirsch")
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, more=("--loops", "2")) as daemon:
        said = json.loads(test.client(daemon.url, "put", "--json", *halves).out)
        equal(said["records"], len(lines), "records put")
        equal(said["failed"], 0, "records that failed")
        check(int(said["sequence"]) > 0 and len(said["epoch"]) == 32, "%s", said)
        test.verify(data)
        equal(test.export(data), test.export(reference), "export after puts in another order")
        again = json.loads(test.client(daemon.url, "put", "--json", "-", stdin=gzip.open(halves[0]).read()).out)
        equal(again["stored"], 0, "stored of what is there already")
        equal(again["sequence"], said["sequence"], "sequence when nothing changes")
        bad = test.path("bad.jsonl")
        write_lines(bad, [b'{"type":"paper","id":"local:n1"}', b"", b'{"type":"paper","id":"local:n2","date":"2026-13"}',
                          b'{"type":"paper","id":"local:n3"}'])
        done = test.client(daemon.url, "put", bad, expect=2)
        check(bad + ":3:" in done.err and "2026-13" in done.err, "a bad line: %s", done.err)
        check(done.out.startswith("3 records: 2 stored, "), "a bad line: %s", done.out)
        test.client(daemon.url, "put", test.path("nothing.jsonl"), expect=66)
        test.client(daemon.url, "put", "-", stdin=b"[]\n", expect=65)
        resume(test, daemon, data, reference)


def lines_done(state):
    """What the state of a put says; 0 before there is one and when it is gone again."""
    try:
        with open(state, encoding="utf-8") as file:
            return int(file.read().rpartition("line ")[2] or 0)
    except FileNotFoundError:
        return 0


def resume(test, daemon, data, reference):
    """Interrupted and begun again, all is there once."""
    lines = native(test, 2000 if test.short else 20000)
    path, state = test.path("long.jsonl"), test.path("long.state")
    write_lines(path, lines)
    command = [test.hirsch, "-s", daemon.url, "put", "--json", "--resume", state, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        end = time.monotonic() + test.deadline_s
        while program.poll() is None and time.monotonic() < end:
            if lines_done(state) > 0:
                program.send_signal(signal.SIGINT)
                break
            time.sleep(0.001)
        out, err = program.communicate(timeout=test.deadline_s)
    check(program.returncode in (0, 130), "interrupted put: %d: %s", program.returncode, err)
    if program.returncode == 130:
        test.client(daemon.url, "put", "--resume", state, reference + "/CURRENT", expect=65)
        before = json.loads(out)["records"]
        after = json.loads(test.run(command).out)["records"]
        check(before <= len(lines) and after <= len(lines) and before + after >= len(lines), "%d and then %d of %d",
              before, after, len(lines))
    check(not os.path.exists(state), "the state is left when all is done")
    test.verify(data)
    other = test.path("other")
    test.load(other, [SEED_FILE, test.path("all.jsonl"), test.path("bad.jsonl"), path], form="hirsch",
              more=("--max-errors", "1"), expect=2)
    # The bad file's records have no time of their own: received when they were put, at the beginning in an import.
    def rows(folder):
        return [line for line in test.export(folder).splitlines() if b'"local:n' not in line]
    equal(rows(data), rows(other), "export after an interrupted put")


def keys_and_items(test, url):
    one = Writer(url)
    first = put(paper("local:k1", "First"), paper("local:k2", fields=[(5, "2026-13")]), b"", paper("local:k3"), key="k-1")
    code, text, answer = one.call(PUT, first)
    equal(code, OK, "put: " + text)
    items, sequence, epoch = results(answer)
    equal([outcome for outcome, _ in items], [STORED, FAILED, FAILED, STORED], "outcomes")
    check("date: " in items[1][1] and "2026-13" in items[1][1], "what is wrong with an item: %s", items[1])
    equal(one.call(PUT, put(paper("local:k1", "Second", updated="2026-02-01")))[0], OK, "another put")
    # The same key with the same request: the answer of then, and nothing is done again.
    equal(one.call(PUT, first)[2], answer, "replay of a key")
    code, text, _ = one.call(PUT, put(paper("local:k9"), key="k-1"))
    check(code == INVALID and "k-1" in text, "a key with another request: %d %s", code, text)
    equal(one.call(DELETE, keys("local:nobody", key="k-1"))[0], OK, "the key of another method")
    items, after, _ = results(one.call(PUT, put(paper("local:k1", "Second", updated="2026-02-01")))[2])
    equal(items, [(UNCHANGED, "")], "the same again")
    equal(after, sequence + 1, "sequence when nothing changes")
    items, after, _ = results(one.call(DELETE, keys("local:k3", "local:nobody", "nonsense"))[2])
    equal([outcome for outcome, _ in items], [DELETED, ABSENT, FAILED], "outcomes of a delete")
    check(items[2][1].startswith("id: "), "a key that is no id: %s", items[2])
    for payload, part in ((b"", "0 entries"), (put(paper("local:x"), key="a b"), "idempotency_key"),
                          (put(*[paper("local:x")] * 1001), "1001 entries")):
        code, text, _ = one.call(PUT, payload)
        check(code == INVALID and part in text, "%s: %d %s", part, code, text)
    # Reads that wait for a sequence, and for another epoch.
    def dataset(minimum, of):
        metadata = field(3, field(1, "hirsch-min-sequence") + field(2, str(minimum)))
        metadata += field(3, field(1, "hirsch-epoch") + field(2, of))
        one.connection.socket.sendall(one.connection.frame(7, request(GET_DATASET) + metadata))
        return response(one.connection.reply()[1])[0]
    equal(dataset(after, epoch), OK, "min-sequence reached")
    equal(dataset(after + 1, epoch), 14, "min-sequence not reached")
    equal(dataset(after, b"0" * 32), PRECONDITION, "another epoch")


def reads_see_what_was_acknowledged(test, url):
    """From connections on every loop, right behind the answer."""
    writer, readers = Writer(url), [Writer(url) for _ in range(6)]
    for i in range(30 if test.short else 200):
        id = "local:seen%d" % i
        code, text, answer = writer.call(PUT, put(paper(id)))
        equal(code, OK, "put: " + text)
        sequence = results(answer)[1]
        for reader in readers:
            equal(reader.call(GET_PAPER, field(1, id))[0], OK, "a paper that was acknowledged")
            dataset = fields(fields(reader.call(GET_DATASET, b"")[2])[1][0])
            check(dataset[3][0] >= sequence, "sequence %d behind the answer %d", dataset[3][0], sequence)


def send_many(connection, count, payload_of, timeout_ms=60000):
    for i in range(count):
        connection.socket.sendall(connection.frame(i, request(PUT, payload_of(i), timeout_ms)))


def overload(test, url):
    """More writes than may wait are refused at once, those whose time has passed are not begun, and reads go on."""
    connections = [Connection(url, 120) for _ in range(3 if test.short else 8)]
    count = 1000
    seen = {}
    def flood(which, connection):
        sender = threading.Thread(target=send_many, args=(
            connection, count, lambda i: put(paper("local:flood%d-%d" % (which, i), references=["local:f%d" % i])),
            60000 if which % 2 == 0 else 1))
        sender.start()
        codes = [response(connection.reply()[1])[0] for _ in range(count)]
        sender.join()
        seen[which] = codes
    threads = [threading.Thread(target=flood, args=pair) for pair in enumerate(connections)]
    for thread in threads:
        thread.start()
    reader = Writer(url)
    reads = 0
    while any(thread.is_alive() for thread in threads):
        equal(reader.call(GET_PAPER, field(1, "local:seen1"))[0], OK, "a read beside a flood of writes")
        reads += 1
    for thread in threads:
        thread.join()
    check(len(seen) == len(connections), "a connection was lost")
    codes = {code: sum(row.count(code) for row in seen.values()) for code in {c for row in seen.values() for c in row}}
    check(set(codes) <= {OK, DEADLINE, EXHAUSTED}, "codes of a flood: %s", codes)
    check(codes.get(OK, 0) > 0 and codes.get(DEADLINE, 0) > 0, "codes of a flood: %s", codes)
    print("flood: %s, %d reads beside it" % (codes, reads))


def exchange(url, requests):
    """Sends a batch of requests on each of several connections at once: {place in requests: (code, hint, payload)}."""
    lanes = [list(enumerate(requests))[i::LANES] for i in range(LANES)]
    answers = {}
    def send(lane):
        connection = Connection(url, 240)
        sender = threading.Thread(target=connection.socket.sendall, args=(
            b"".join(connection.frame(i, request(PUT, payload, 60000)) for i, payload in lane),))
        sender.start()
        for _ in lane:
            number, envelope = connection.reply()
            found = fields(envelope)
            answers[number] = (found.get(1, [0])[0], retry_after_ms(envelope), found.get(5, [b""])[0])
        sender.join()
    threads = [threading.Thread(target=send, args=(lane,)) for lane in lanes if lane]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(len(answers), len(requests), "answers on %d connections" % len(threads))
    return answers


LANES = 8


def full_queue(test, most, count):
    """Of a put that a full queue refuses nothing is done and it says when to come again; sent again with its key, even
    when it is under way already, it is done once."""
    data = test.path("full-" + most)
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, more=("--max-in-flight", most)) as daemon:
        before = fields(fields(Writer(daemon.url).call(GET_DATASET, b"")[2])[1][0])[3][0]
        answers, refused, rounds = {}, 0, 0
        end = time.monotonic() + test.deadline_s
        while (refused == 0 or len(answers) < count) and time.monotonic() < end:
            # The writer is busy with papers that cite many others while the small ones come, each of them twice.
            busy = Connection(daemon.url, 240)
            slow = [paper("local:slow%d-%d" % (rounds, i), references=["local:q%d-%d" % (rounds, 100 * i + k) for k in range(100)])
                    for i in range(200)]
            busy.socket.sendall(busy.frame(1, request(PUT, put(*slow), 60000)))
            asked = [i for i in range(count) if i not in answers or refused == 0] * 2
            told = exchange(daemon.url, [put(paper("local:full%d" % i, updated=""), key="full-%d" % i) for i in asked])
            for place, (code, hint, payload) in told.items():
                check(code in (OK, EXHAUSTED), "code %d of a put into a full queue", code)
                if code == EXHAUSTED:
                    refused += 1
                    check(hint is not None and 0 < hint <= 10000, "a refused put says when to come again: %r", hint)
                else:
                    equal(payload, answers.setdefault(asked[place], payload), "answers to one key")
            busy.reply()
            rounds += 1
        check(refused > 0, "no put was refused")
        equal(len(answers), count, "puts that were done in the end")
        equal(len({results(answer)[1] for answer in answers.values()}), count, "sequences of %d puts" % count)
        print("full queue: %d of %d refused, %d rounds" % (refused, 2 * count, rounds))
        log = [json.loads(line) for line in test.job("log", data, "--since", str(before)).out.splitlines()]
        small = [line["record"]["id"] for line in log if "record" in line]
        small = [id for id in small if id.startswith("local:full")]
        equal((len(small), len(set(small))), (count, count), "small papers in the log, and different ones")
        test.verify(data)


def drain(test, daemon, data):
    """A stop during writes: what was received is answered, and what was answered is there."""
    acknowledged = []
    def write(which):
        writer = Writer(daemon.url)
        for i in range(100000):
            id = "local:drain%d-%d" % (which, i)
            try:
                code = writer.call(PUT, put(paper(id)))[0]
            except OSError:
                return
            if code != OK:
                return
            acknowledged.append(id)
    threads = [threading.Thread(target=write, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + test.deadline_s
    while len(acknowledged) < 100 and time.monotonic() < end:
        time.sleep(0.001)
    equal(daemon.stop(), 0, "exit code of a stop during writes")
    for thread in threads:
        thread.join()
    stored = {json.loads(line)["id"] for line in test.export(data).splitlines() if b'"local:drain' in line}
    missing = set(acknowledged) - stored
    check(len(acknowledged) >= 100 and not missing, "acknowledged and lost: %s", sorted(missing)[:5])
    test.verify(data)


def deleting(test, url):
    citing = ["local:d1", "local:d2"]
    one = Writer(url)
    citation = field(3, field(1, "local:d1") + field(2, "local:d2"))
    code, text, _ = one.call(PUT, put(*[paper(id, references=["local:d0"]) for id in citing], citation,
                                      field(4, field(1, "local:d1") + field(2, "local:d3") + field(3, 2)),
                                      field(5, field(1, "local:d9") + field(2, 2))))
    equal(code, OK, "put: " + text)
    done = test.client(url, "delete", "local:d1>local:d2", "--json")
    said = json.loads(done.out)
    equal(said["outcome"], "deleted", "a citation record")
    check(int(said["sequence"]) > 0, "%s", said)
    equal(test.client(url, "delete", "--kind", "merge", "local:d1>local:d3").out, "deleted  local:d1>local:d3\n", "merge")
    test.client(url, "delete", "--kind", "suppress", "local:d9")
    test.client(url, "delete", "--kind", "suppress", "local:d9", expect=4)
    done = test.client(url, "delete", "local:d1", "local:nobody", expect=2)
    check("deleted  local:d1" in done.out and "absent   local:nobody" in done.out, "delete: %s", done.out)
    test.client(url, "delete", "local:d1", expect=4)
    test.client(url, "delete", "nonsense", expect=65)
    test.client(url, "delete", "--kind", "zebra", "local:d1", expect=64)
    equal(test.ask(url, "paper", "local:d0")["metrics"]["citationCount"], 1, "citations of a stub")
    test.client(url, "delete", "-", stdin=b"local:d2\n")
    test.client(url, "paper", "local:d0", expect=4)
    deleting_many(test, url)


def deleting_many(test, url):
    """More than one request holds, several requests on their way, told in the order of the ids."""
    count = 2500 if test.short else 12000
    lines = test.path("many.jsonl")
    write_lines(lines, [b'{"type":"paper","id":"local:m%d","updated":"2026-01-01"}' % i for i in range(count)])
    test.client(url, "put", lines)
    ids = ["local:m%d" % i for i in range(count)]
    ids.insert(count // 2, "local:nobody")
    done = test.client(url, "delete", "--json", "--parallel", "5", "-", stdin="\n".join(ids).encode(), expect=2)
    said = [json.loads(line) for line in done.out.splitlines()]
    equal([line["id"] for line in said], ids, "ids in the order of the request")
    equal([line["id"] for line in said if line["outcome"] != "deleted"], ["local:nobody"], "what was not there")
    sequences = [int(line["sequence"]) for line in said]
    equal(sequences, sorted(sequences), "sequences")
    check(len(set(sequences)) <= count // 1000 + 1, "%d sequences", len(set(sequences)))
    equal(test.client(url, "delete", *ids[:3], expect=4).out, "".join("absent   %s\n" % id for id in ids[:3]), "again")


def keys_outlive_a_rebuild(test):
    """A put that is sent again after an import has built the store anew is answered, and not done again."""
    data, bulk = test.path("kept"), test.path("bulk.jsonl")
    test.load(data, [SEED_FILE], form="hirsch")
    first = put(paper("local:r1", "First", updated=""), key="r-1")
    with test.serve(data) as daemon:
        one = Writer(daemon.url)
        code, text, answer = one.call(PUT, first)
        equal(code, OK, "put: " + text)
        code, text, gone = one.call(DELETE, keys("local:r1", key="r-2"))
        equal((code, results(gone)[0]), (OK, [(DELETED, "")]), "delete: " + text)
    write_lines(bulk, native(test, 60))
    said = json.loads(test.job("import", data, "--json", bulk).out)
    equal(said["way"], "rebuild", "the way of the import")
    with test.serve(data) as daemon:
        one = Writer(daemon.url)
        equal(one.call(PUT, first)[2], answer, "replay of a put after a rebuild")
        equal(one.call(DELETE, keys("local:r1", key="r-2"))[2], gone, "replay of a delete after a rebuild")
        equal(one.call(GET_PAPER, field(1, "local:r1"))[0], NOT_FOUND, "a paper that was deleted")
        equal(one.call(PUT, put(paper("local:r9"), key="r-1"))[0], INVALID, "a key with another request")
        test.verify(data)


def body(test):
    command_puts_what_import_loads(test)
    keys_outlive_a_rebuild(test)
    full_queue(test, "1000000", 3000)
    full_queue(test, "100", 500)
    data = test.path("wire")
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, test.tcp(), more=("--loops", "2")) as daemon:
        keys_and_items(test, daemon.url)
        reads_see_what_was_acknowledged(test, daemon.url)
        deleting(test, daemon.url)
        overload(test, daemon.url)
        test.verify(data)
        drain(test, daemon, data)
    with test.serve(data, more=("--read-only",)) as daemon:
        code, text, _ = Connection(daemon.url, 60).call(PUT, put(paper("local:x")))
        check(code == PRECONDITION and "only reads" in text, "a server that only reads: %d %s", code, text)
        test.client(daemon.url, "put", SEED_FILE, expect=78)
        test.client(daemon.url, "delete", "local:x", expect=78)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
