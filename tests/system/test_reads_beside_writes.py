#!/usr/bin/env python3
"""Readers on every loop poll while a writer writes: no count that its edges do not bear, no write that goes backwards,
and whoever asks after an acknowledgement sees it, whichever loop answers.
"""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Failed, Test, check, equal  # noqa: E402
from puts import DELETE, PUT, Writer, answer_of, delete_request, field, fields, put_request  # noqa: E402

LOOPS = 3
GET_AUTHOR = "hirsch.v1.AuthorService/GetAuthor"
LIST = "hirsch.v1.PaperService/ListCitations"
AUTHOR_METRICS = 7  # of Author


def options(parser):
    parser.add_argument("--writes", type=int, default=300)


def number(message, place):
    return message.get(place, [0])[0]


class Reader(threading.Thread):
    """Polls the hub's list of citations and its author until told to end; the first fault is kept."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.connection, self.polls, self.fault, self.ending = Writer(url), 0, None, False
        self.citations = self.papers = 0
        self.start()

    def ask(self, method, payload):
        code, sentence, answer = self.connection.call(method, payload)
        check(code == 0, "%s: code %d: %s", method, code, sentence)
        return fields(answer)

    def look_at_citations(self):
        """A list says how long it is: on one page it has to bear that. The hub only gains citations."""
        answer = self.ask(LIST, field(1, "local:hub") + field(2, 1000))
        total, items = number(answer, 3), len(answer.get(1, []))
        equal(items, min(total, 1000), "citations on the page of a list of %d" % total)
        check(total >= self.citations, "%d citations after %d", total, self.citations)
        self.citations = total

    def look_at_author(self):
        """Papers and citations by year add up to the counts beside them."""
        metrics = fields(fields(self.ask(GET_AUTHOR, field(1, "local:steady"))[1][0])[AUTHOR_METRICS][0])
        years = [fields(year) for year in metrics.get(12, [])]
        papers, citations = number(metrics, 1), number(metrics, 2)
        equal(sum(number(year, 2) for year in years), papers, "papers of all years")
        equal(sum(number(year, 3) for year in years), citations, "citations of all years")
        check(papers >= self.papers, "%d papers after %d", papers, self.papers)
        self.papers = papers

    def run(self):
        try:
            # Once in any case, however late this thread comes.
            while not self.ending or self.polls == 0:
                self.look_at_citations()
                self.look_at_author()
                self.polls += 1
        except Exception as fault:  # told by the main thread
            self.fault = fault


def citing(count):
    return {"type": "paper", "id": "local:c%d" % count, "title": "Citing %d" % count, "date": "2021-0%d" % (count % 9 + 1),
            "authors": [{"id": "local:steady", "name": "Steady"}], "references": ["local:hub", "local:c%d" % (count // 2)],
            "updated": "2026-01-01"}


def passing(count):
    """Comes and goes again; does not touch the hub."""
    return {"type": "paper", "id": "local:t%d" % count, "title": "Passing", "date": "2020", "updated": "2026-01-01",
            "authors": [{"id": "local:passing", "name": "Passing"}], "references": ["local:c%d" % count]}


def write_one(writer, count):
    code, sentence, answer = writer.call(PUT, put_request([citing(count)]))
    equal(code, 0, "code of a put (%s)" % sentence)
    sequence = answer_of(answer)[0]
    if count % 5 == 0:
        writer.call(PUT, put_request([passing(count)]))
    if count % 5 == 4:
        writer.call(DELETE, delete_request([passing(count - 4)]))
    return sequence


def sees(connections, count, sequence):
    """Connections are dealt to loops in turn: these are on all of them."""
    for connection in connections:
        code, _, answer = connection.call(LIST, field(1, "local:hub") + field(2, 1))
        equal(code, 0, "code of a read")
        check(number(fields(answer), 3) >= count, "acknowledged as %d and not seen: %d of %d citations", sequence,
              number(fields(answer), 3), count)


def body(test):
    data = test.path("data")
    hub = {"type": "paper", "id": "local:hub", "title": "Hub", "date": "2019", "updated": "2026-01-01"}
    test.load(data, [SEED_FILE], form="hirsch")
    writes = 100 if test.short else test.options.writes
    with test.serve(data, more=("--loops", str(LOOPS))) as daemon:
        writer = Writer(daemon.url)
        writer.call(PUT, put_request([hub, citing(0)]))
        after = [Writer(daemon.url) for _ in range(2 * LOOPS)]
        readers = [Reader(daemon.url) for _ in range(LOOPS)]
        last = 0
        for count in range(1, writes):
            sequence = write_one(writer, count)
            check(sequence > last, "sequence %d after %d", sequence, last)
            last = sequence
            sees(after, count + 1, sequence)
        for reader in readers:
            reader.ending = True
        for reader in readers:
            reader.join(test.deadline_s)
            if reader.fault:
                raise Failed("a reader: %s" % reader.fault)
            check(reader.polls > 0, "a reader did not come to read")
        equal(readers[0].ask(LIST, field(1, "local:hub") + field(2, 1)).get(3), [writes], "citations in the end")
        print("%d writes, %d polls beside them" % (writes, sum(reader.polls for reader in readers)))
    test.verify(data)


if __name__ == "__main__":
    Test(__doc__, options).main(body)
