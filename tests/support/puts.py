"""Records of the native format as protobuf, and a writer that keeps what it sent until it was answered."""
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from hirsch_client import Connection, field, fields, request, response  # noqa: E402

PUT, DELETE = "hirsch.v1.RecordService/PutRecords", "hirsch.v1.RecordService/DeleteRecords"
STORED, UNCHANGED, OLDER, SUPPRESSED, DELETED, ABSENT = 2, 3, 4, 5, 6, 7
ENTITIES = {"author": 1, "paper": 2}
RESOURCE_EXHAUSTED = 8


def texts(number, values):
    return b"".join(field(number, value) for value in values)


def text(number, value):
    return field(number, value) if value else b""


def authorship(author):
    place = b"" if author.get("position") is None else field(4, author["position"])
    return text(1, author.get("id")) + texts(2, author.get("ids", ())) + text(3, author.get("name")) + place


def author_record(record):
    area = field(6, field(1, record["field"])) if record.get("field") else b""
    return (field(1, record["id"]) + texts(2, record.get("ids", ())) + text(3, record.get("name")) + area +
            text(7, record.get("source")) + text(8, record.get("updated")))


def paper_record(record):
    area = field(6, field(1, record["field"])) if record.get("field") else b""
    return (field(1, record["id"]) + texts(2, record.get("ids", ())) + text(3, record.get("title")) +
            text(4, record.get("abstract")) + text(5, record.get("date")) + area +
            b"".join(field(11, authorship(author)) for author in record.get("authors", ())) +
            (field(12, 1) if record.get("authors_truncated") else b"") + texts(14, record.get("references", ())) +
            text(15, record.get("source")) + text(16, record.get("updated")))


def line_record(record):
    first, second = ("citing", "cited") if record["type"] == "citation" else ("from", "into")
    if record["type"] == "citation":
        return (field(1, record[first]) + field(2, record[second]) + text(3, record.get("date")) +
                text(4, record.get("updated")))
    kind = field(3, ENTITIES[record["entity"]]) if record.get("entity") else b""
    return field(1, record[first]) + field(2, record[second]) + kind


def suppress_record(record):
    kind = field(2, ENTITIES[record["entity"]]) if record.get("entity") else b""
    return field(1, record["id"]) + kind


RECORDS = {"author": (1, author_record), "paper": (2, paper_record), "citation": (3, line_record),
           "merge": (4, line_record), "suppress": (5, suppress_record)}


def put_request(records, key=""):
    """PutRecordsRequest of native records (dicts with the fields that the tests use)."""
    made = b""
    for record in records:
        number, make = RECORDS[record["type"]]
        made += field(1, field(number, make(record)))
    return made + text(2, key)


def key_of(record):
    """RecordKey of a record."""
    if record["type"] in ENTITIES:
        return field(1, field(1, record["id"]) + field(2, ENTITIES[record["type"]]))
    if record["type"] == "citation":
        return field(2, field(1, record["citing"]) + field(2, record["cited"]))
    return field(RECORDS[record["type"]][0] - 1, RECORDS[record["type"]][1](record))


def delete_request(records, key=""):
    return b"".join(field(1, key_of(record)) for record in records) + text(2, key)


def answer_of(payload):
    """(sequence, [outcome …], [sentence …]) of either response."""
    found = fields(payload)
    results = [fields(result) for result in found.get(1, [])]
    return (found.get(2, [0])[0], [result.get(1, [0])[0] for result in results],
            [fields(result[2][0]).get(2, [b""])[0].decode() if 2 in result else "" for result in results])


def retry_after_ms(envelope):
    """What a refused caller is told; None when it is told nothing."""
    metadata = [fields(one) for one in fields(envelope).get(4, [])]
    return next((int(one[2][0]) for one in metadata if one[1][0] == b"retry-after-ms"), None)


class Writer:
    """One connection with several requests on their way; what was not answered can be sent again on another one. What is
    refused for the moment is sent again when the server said that it may be: it can be overtaken by what was sent later."""

    def __init__(self, url, timeout_ms=60000):
        self.timeout_ms = timeout_ms
        self.unanswered = {}
        self.resting = []  # (when, number)
        self.number = 0
        self.connect(url)

    def connect(self, url):
        """A new connection; everything unanswered is sent again, in order."""
        self.connection = Connection(url, 240)
        self.resting = []
        for number, (method, payload) in sorted(self.unanswered.items()):
            self.transmit(number, method, payload)

    def transmit(self, number, method, payload):
        self.connection.socket.sendall(self.connection.frame(number, request(method, payload, self.timeout_ms)))

    def send(self, method, payload):
        self.number += 1
        self.unanswered[self.number] = (method, payload)
        self.transmit(self.number, method, payload)
        return self.number

    def wait(self):
        """Until something can be received; meanwhile what has rested is sent again."""
        while self.resting:
            when, number = min(self.resting)
            if select.select([self.connection.socket], [], [], max(0.0, when - time.monotonic()))[0]:
                return
            self.resting.remove((when, number))
            self.transmit(number, *self.unanswered[number])

    def receive(self):
        """(number, code, text, payload); the request is answered for, whatever the answer."""
        while True:
            self.wait()
            number, envelope = self.connection.reply()
            code, sentence, payload = response(envelope)
            pause_ms = retry_after_ms(envelope)
            if code != RESOURCE_EXHAUSTED or pause_ms is None:
                del self.unanswered[number]
                return number, code, sentence, payload
            self.resting.append((time.monotonic() + pause_ms / 1000, number))

    def call(self, method, payload):
        """(code, text, payload) of a request while no other is on its way."""
        number = self.send(method, payload)
        answered, code, sentence, answer = self.receive()
        assert answered == number
        return code, sentence, answer

    def close(self):
        self.connection.socket.close()
