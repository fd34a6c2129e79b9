#!/usr/bin/env python3
"""Random histories over the wire, each by 1 to 8 clients at once on ids of its own: in the end the export is that of a
fresh import of what is to stand, verify is clean, and answers are those of the fresh store.
"""
import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Failed, Test, check, equal, write_lines  # noqa: E402
from puts import DELETE, DELETED, PUT, STORED, Writer, answer_of, delete_request, field, fields, put_request  # noqa: E402

CLIENTS, OUTSTANDING = 8, 4
ASKED = [("hirsch.v1.PaperService/GetPaper", "paper"), ("hirsch.v1.AuthorService/GetAuthor", "author")]
LISTED = "hirsch.v1.PaperService/ListCitations"


def options(parser):
    parser.add_argument("--histories", type=int, default=2000)


class History:
    """Requests of one history: lists of (op, record)."""

    def __init__(self, number, seed):
        self.random = random.Random(seed)
        self.papers = ["%s%d.%d" % (scheme, number, i) for i in range(self.random.randint(2, 5))
                       for scheme in ("local:p", "doi:10.5555/h", "openalex:W%d0" % (i + 1))]
        self.papers = [name.replace(".", "0") if name.startswith("openalex") else name for name in self.papers]
        self.authors = ["local:a%d.%d" % (number, i) for i in range(4)] + ["s2:%d%d" % (1000 + number, i)
                                                                           for i in range(3)]
        self.clock = 0
        self.known = []
        self.clients = self.random.randint(1, CLIENTS)
        self.requests = [self.request() for _ in range(self.random.randint(3, 24))]

    def request(self):
        chosen = []
        for _ in range(1 if self.random.random() < 0.6 else self.random.randint(2, 5)):
            if self.known and self.random.random() < 0.25:
                return [("delete", self.random.choice(self.known))] if not chosen else chosen
            record = self.record()
            self.known.append(record)
            chosen.append(("put", record))
        return chosen

    def some(self, names, most):
        return [self.random.choice(names) for _ in range(self.random.randint(0, most))]

    def updated(self):
        """Each version once, in no order."""
        self.clock += 1
        return "2026-%02d-%02dT%02d:%02d:00Z" % (self.random.randint(1, 9), self.random.randint(1, 28),
                                                self.clock // 60, self.clock % 60)

    def record(self):
        kind = self.random.random()
        if kind < 0.6:
            return self.paper()
        if kind < 0.8:
            return {"type": "author", "id": self.random.choice(self.authors), "name": "Author %d" % self.clock,
                    "ids": sorted(set(self.some(self.authors, 2))), "source": self.random.choice(("one", "two")),
                    "updated": self.updated()}
        names, entity = ((self.papers, "paper") if self.random.random() < 0.6 else (self.authors, "author"))
        if kind < 0.88:
            return {"type": "citation", "citing": self.random.choice(self.papers),
                    "cited": self.random.choice(self.papers), "date": "20%02d" % self.random.randint(1, 20),
                    "updated": self.updated()}
        if kind < 0.96:
            one, other = self.random.sample(names, 2)
            return {"type": "merge", "from": one, "into": other, "entity": entity}
        return {"type": "suppress", "id": self.random.choice(names), "entity": entity}

    def paper(self):
        authors = [{"id": name, "name": "Name of %s" % name[-1]} if self.random.random() < 0.8 else
                   {"name": "Nobody %s" % name[-3:]} for name in self.some(self.authors, 4)]
        record = {"type": "paper", "id": self.random.choice(self.papers), "title": "Title %d" % self.clock,
                  "ids": sorted(set(self.some(self.papers, 2))), "authors": authors,
                  "references": self.some(self.papers, 6), "source": self.random.choice(("one", "two")),
                  "updated": self.updated()}
        if self.random.random() < 0.7:
            record["date"] = "20%02d-0%d" % (self.random.randint(1, 20), self.random.randint(1, 9))
        if self.random.random() < 0.3:
            record["abstract"] = "Words about %d." % self.clock
        if self.random.random() < 0.2:
            record["authors_truncated"] = True
        return record


class Rows:
    """The records that are to stand."""

    def __init__(self):
        self.rows, self.suppressed = {}, set()

    @staticmethod
    def key(record):
        if record["type"] == "citation":
            return ("citation", record["citing"], record["cited"])
        if record["type"] == "merge":
            return ("merge", record["from"], record["into"], record["entity"])
        return (record["type"], record["id"], record.get("entity", "") if record["type"] == "suppress" else "")

    def redact(self, record):
        """The record without what must not be stored; None when it may not be stored at all."""
        kind = record["type"]
        if kind in ("merge", "suppress"):
            return record
        gone = {name for entity, name in self.suppressed if entity == ("author" if kind == "author" else "paper")}
        writers = {name for entity, name in self.suppressed if entity == "author"}
        if gone & ({record["citing"], record["cited"]} if kind == "citation" else {record["id"]}):
            return None
        if kind == "citation":
            return record
        left = {**record, "ids": [name for name in record["ids"] if name not in gone]}
        if kind == "paper":
            left["references"] = [name for name in record["references"] if name not in gone]
            left["authors"] = [{**author, "position": author.get("position", place)}
                               for place, author in enumerate(record["authors"], 1) if author.get("id") not in writers]
        return left

    def apply(self, op, record):
        key = self.key(record)
        if op == "delete":
            self.rows.pop(key, None)
            if key[0] == "suppress":
                self.suppressed.discard((record["entity"], record["id"]))
            return
        left = self.redact(record)
        if left is None or (key in self.rows and self.rows[key].get("updated", "") >= left.get("updated", "")):
            return
        self.rows[key] = left
        if key[0] == "suppress":
            self.suppressed.add((record["entity"], record["id"]))
            again = {other: self.redact(row) for other, row in self.rows.items()}
            self.rows = {other: row for other, row in again.items() if row is not None}


class Client(threading.Thread):
    """Sends its share of the requests, several at once; keeps (sequence, changed nothing, order, request)."""

    def __init__(self, url, work):
        super().__init__(daemon=True)
        self.writer, self.work, self.done, self.fault = Writer(url), work, [], None
        self.start()

    def run(self):
        try:
            sent = {}
            for history, request in self.work:
                method, make = (DELETE, delete_request) if request[0][0] == "delete" else (PUT, put_request)
                sent[self.writer.send(method, make([record for _, record in request]))] = (history, request)
                while len(self.writer.unanswered) >= OUTSTANDING:
                    self.receive(sent)
            while self.writer.unanswered:
                self.receive(sent)
        except Exception as fault:  # told by the main thread
            self.fault = fault
        self.writer.close()

    def receive(self, sent):
        number, code, sentence, payload = self.writer.receive()
        check(code == 0, "code %d: %s", code, sentence)
        sequence, outcomes, sentences = answer_of(payload)
        check(1 not in outcomes, "refused: %s", sentences)
        changed = any(outcome in (STORED, DELETED) for outcome in outcomes)
        self.done.append((sequence, not changed, sent.pop(number)))


def run_batch(test, url, rows, first, count):
    """So many histories at once, by as many clients as each wants."""
    shares = [[] for _ in range(CLIENTS)]
    for number in range(first, first + count):
        history = History(number, test.seed * 100000 + number)
        offset = test.random.randrange(CLIENTS)
        for place, request in enumerate(history.requests):
            shares[(offset + place % history.clients) % CLIENTS].append((number, request))
    clients = [Client(url, share) for share in shares]
    done = []
    for client in clients:
        client.join(test.deadline_s)
        check(not client.is_alive(), "a client does not end")
        if client.fault:
            raise Failed("a client: %r" % client.fault)
        done += client.done
    # What changed nothing stands behind the change whose sequence it names.
    for _, _, (history, request) in sorted(done, key=lambda one: one[:2]):
        for op, record in request:
            rows.setdefault(history, Rows()).apply(op, record)
    return len(done)


def native(record):
    line = {name: value for name, value in record.items() if value not in ([], "")}
    return json.dumps(line).encode()


def compare_answers(test, live, fresh, names):
    """Answers for sampled ids on both; lists without regard to the order of what has one date."""
    one, other = Writer(live), Writer(fresh)
    for kind, name in names:
        for method, wanted in ASKED:
            if kind == wanted:
                payload = field(1, name) + field(2, 2)
                equal(one.call(method, payload), other.call(method, payload), "%s of %s" % (method, name))
        if kind == "paper":
            pages = [sorted(fields(side.call(LISTED, field(1, name) + field(2, 1000))[2]).get(1, []))
                     for side in (one, other)]
            equal(pages[0], pages[1], "citations of %s" % name)


def check_end(test, data, url, rows, first):
    standing = [row for one in rows.values() for row in one.rows.values()]
    lines = write_lines(test.path("rows.jsonl"), [native(row) for row in standing])
    fresh = test.path("fresh-%d" % first)
    test.load(fresh, [SEED_FILE, lines], form="hirsch")
    wanted, got = test.export(fresh).splitlines(), test.export(data).splitlines()
    for line, (expected, found) in enumerate(zip(wanted, got), 1):
        equal(found, expected, "line %d of the export" % line)
    equal(len(got), len(wanted), "lines of the export")
    test.verify(data)
    names = [(row["type"], row["id"]) for row in standing if row["type"] in ("paper", "author")]
    with test.serve(fresh, test.ipc("fresh")) as daemon:
        compare_answers(test, url, daemon.url, test.random.sample(names, min(300, len(names))))


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    histories = 40 if test.short else test.options.histories
    rows, requests = {}, 0
    with test.serve(data) as daemon:
        for first in range(0, histories, 100):
            requests += run_batch(test, daemon.url, rows, first, min(100, histories - first))
            if first % 500 == 0 or first + 100 >= histories:
                check_end(test, data, daemon.url, rows, first)
    print("%d histories of %d requests, %d records stand" % (
        histories, requests, sum(len(one.rows) for one in rows.values())))


if __name__ == "__main__":
    Test(__doc__, options).main(body)
