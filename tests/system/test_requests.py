#!/usr/bin/env python3
"""Requests with every field wrong in turn, for every method of the protos, and wrong envelopes: the right code and a
sentence, and the connection goes on."""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402
from peers import HEALTH, Connection, field  # noqa: E402
from hirsch_client import fields, request, response, varint  # noqa: E402
from methods import (AUTHOR, INVALID, METHODS, NOT_FOUND, OTHER_AUTHOR, PAGED, PAPER, RIGHT, WRONG, broken,  # noqa: E402
                     check_rows, made_records, packed)

OK, DEADLINE, UNIMPLEMENTED, UNAVAILABLE, FAILED_PRECONDITION, EXHAUSTED = 0, 4, 12, 14, 9, 8
MILLION = b"\x78\0" * 1000000  # field 15, which no request has, a million times
BATCH_MOST = 1000


class Asker:
    def __init__(self, url):
        self.connection = Connection(url, 60)
        self.asked = 0

    def envelope(self, envelope, code, words, what):
        """One envelope, and a sentence with its code."""
        self.connection.socket.sendall(self.connection.frame(self.asked, envelope))
        number, reply = self.connection.reply()
        equal(number, self.asked, what + ": id of the reply")
        self.asked += 1
        got, message, payload = response(reply)
        check(got == code, "%s: expected code %d, got %d: %s", what, code, got, message)
        if code == OK:
            equal(message, "", what + ": message")
        else:
            equal(payload, b"", what + ": payload of a failure")
            check(8 < len(message) < 800 and "\n" not in message and " " in message, "%s: %r is no sentence", what,
                  message)
            check(words in message, "%s: %r does not speak of %r", what, message, words)
        return fields(reply), payload

    def serves(self, method):
        return self.connection.call(method)[0] != UNIMPLEMENTED

    def ask(self, method, payload, code, words="", what=""):
        return self.envelope(request(method, payload), code, words, "%s with %s" % (method, what))[1]


def fields_in_turn(asker, method, row):
    good = asker.ask(method, packed(row), OK, what="good values")
    for name, number, kind, _ in row:
        for what, wrong, words in broken(number, kind):
            answer = asker.ask(method, packed(row, **{name: wrong}), INVALID, words, "%s: %s" % (name, what))
            equal(answer, b"", "payload")
        for value, code in WRONG.get(kind, []):
            words = name if code != NOT_FOUND else "local:nobody"
            asker.ask(method, packed(row, **{name: value}), code, words, "%s: %.40r" % (name, value))
        for value in RIGHT.get(kind, []):
            asker.ask(method, packed(row, **{name: value}), OK, what="%s: %r" % (name, value))
        if kind in ("authors", "papers", "any_ids"):
            batches(asker, method, row, name)
        if kind == "records":
            records(asker, method, row, name)
    unknown = field(15, 1) + field(1000, "text") + varint(2000 << 3 | 5) + b"abcd" + varint(536870911 << 3 | 1) + bytes(8)
    equal(asker.ask(method, packed(row) + unknown, OK, what="unknown fields"), good, method + ": answer")
    asker.ask(method, packed(row) + MILLION, INVALID, "fields", "a million unknown fields")
    asker.ask(method, packed(row) + b"\0", INVALID, "damaged", "field number 0")
    asker.ask(method, packed(row) + b"\xff" * 11, INVALID, "damaged", "a tag of eleven bytes")


def batches(asker, method, row, name):
    asker.ask(method, packed(row, **{name: b""}), INVALID, name, "no ids")
    asker.ask(method, packed(row, **{name: [PAPER] * (BATCH_MOST + 1)}), INVALID, name, "1,001 ids")
    asker.ask(method, packed(row, **{name: ["local:x%d" % n for n in range(BATCH_MOST)]}), OK, what="1,000 ids")
    # A wrong item fails alone.
    ids = ["nonsense", "", "local:" + "x" * 401, "local:nobody", "ror:05a28rw58", "local:a\nb"]
    answer = fields(asker.ask(method, packed(row, **{name: ids}), OK, what="wrong items"))
    results = [fields(one) for one in answer[1]]
    equal([one.get(1, [b""])[0].decode() for one in results], ids, method + ": ids of the results")
    if "Resolve" in method:
        equal([one.get(8, [0])[0] for one in results], [3, 3, 3, 0, 0, 3], method + ": codes of the results")
    else:
        errors = [fields(one[3][0]) for one in results]
        equal([one[1][0] for one in errors], [3, 3, 3, NOT_FOUND, 3, 3], method + ": codes of the results")
        check(all(one[2][0] for one in errors), "%s: an item fails without a sentence", method)


def records(asker, method, row, name):
    asker.ask(method, packed(row, **{name: b""}), INVALID, name, "no records")
    asker.ask(method, packed(row, **{name: [""] * (BATCH_MOST + 1)}), INVALID, name, "1,001 records")
    # Records that say nothing, or wrong things, fail alone.
    wrong = [field(1, field(1, "")), field(2, field(1, "nonsense")), field(3, field(1, "local:x")), field(4, ""),
             field(5, ""), field(99, "x"), ""]
    answer = fields(asker.ask(method, packed(row, **{name: b"".join(field(1, one) for one in wrong)}), OK,
                              what="wrong records"))
    results = [fields(one) for one in answer[1]]
    equal(len(results), len(wrong), method + ": results")
    for one in results:
        error = fields(one[2][0])
        equal((one[1], error[1]), ([1], [INVALID]), method + ": outcome and code")
        check(len(error[2][0]) > 8, "%s: an item fails without a sentence", method)


def tokens(asker, paged):
    """A page token belongs to the list that gave it."""
    given = {}
    for method in paged:
        row = METHODS[method]
        answer = fields(asker.ask(method, packed(row), OK, what="a first page"))
        check(2 in answer, "%s: the first page of two items has no next page", method)
        given[method] = answer[2][0].decode()
        again = asker.ask(method, packed(row, page_token=given[method]), OK, what="its own token")
        check(fields(again)[1] != answer[1], "%s: the second page is the first one", method)
        flipped = given[method][:-2] + ("A" if given[method][-2] != "A" else "B") + given[method][-1]
        asker.ask(method, packed(row, page_token=flipped), INVALID, "page_token", "a flipped token")
    for method in paged:
        row = METHODS[method]
        for other, token in given.items():
            if other == method:
                continue
            found, _ = asker.envelope(request(method, packed(row, page_token=token)), INVALID, "page_token",
                                      "%s with the token of %s" % (method, other))
            detail = fields(found[3][0])
            equal((detail[1], detail[2]), ([b"PAGE_TOKEN_FOREIGN"], [b"page_token"]), method + ": details")
    method = "hirsch.v1.AuthorService/ListAuthorPapers"
    asker.ask(method, packed(METHODS[method], id=OTHER_AUTHOR, page_token=given[method]), INVALID, "page_token",
              "the token of another author")


def metadata(*entries):
    return b"".join(field(3, field(1, key) + field(2, value)) for key, value in entries)


ENVELOPES = [  # what, envelope, code, words
    ("an empty envelope", b"", INVALID, "method"),
    ("no method", field(2, 5), INVALID, "method"),
    ("method without a slash", request("GetAuthor"), INVALID, "form"),
    ("method with two slashes", request("a/b/c"), INVALID, "form"),
    ("method of one slash", request("/"), INVALID, "form"),
    ("a long method", request("hirsch.v1.AuthorService/" + "x" * 300), INVALID, "324"),
    ("method with NUL", request(b"a\0b/c"), INVALID, "NUL"),
    ("method that is not UTF-8", request(b"\xff/x"), INVALID, "UTF-8"),
    ("an unknown service", request("hirsch.v1.NoService/Get"), UNIMPLEMENTED, "hirsch.v1.NoService"),
    ("an unknown method", request("hirsch.v1.AuthorService/Nothing"), UNIMPLEMENTED, "Nothing"),
    ("a number as method", field(1, 7), INVALID, "wire type"),
    ("text as timeout", field(1, HEALTH) + field(2, "soon"), INVALID, "wire type"),
    ("a cut envelope", request(HEALTH, b"x" * 40)[:-3], INVALID, "damaged"),
    ("noise", bytes(range(255, 0, -1)), INVALID, ""),
    ("a million unknown fields", request(HEALTH) + MILLION, INVALID, "fields"),
    ("33 entries of metadata", request(HEALTH) + metadata(*[("k%d" % n, "v") for n in range(33)]), INVALID, "32"),
    ("an empty key", request(HEALTH) + metadata(("", "v")), INVALID, "key"),
    ("an upper-case key", request(HEALTH) + metadata(("X-Request-Id", "v")), INVALID, "key"),
    ("a long key", request(HEALTH) + metadata(("k" * 65, "v")), INVALID, "key"),
    ("a long value", request(HEALTH) + metadata(("k", "v" * 8193)), INVALID, "8193"),
    ("a value with NUL", request(HEALTH) + metadata(("k", b"\0")), INVALID, "NUL"),
    ("hirsch-max-reply too small", request(HEALTH) + metadata(("hirsch-max-reply", "4095")), INVALID, "hirsch-max-reply"),
    ("hirsch-max-reply too large", request(HEALTH) + metadata(("hirsch-max-reply", "16777217")), INVALID, "max-reply"),
    ("hirsch-max-reply -1", request(HEALTH) + metadata(("hirsch-max-reply", "-1")), INVALID, "hirsch-max-reply"),
    ("hirsch-max-reply twice", request(HEALTH) + metadata(*[("hirsch-max-reply", "5000")] * 2), INVALID, "max-reply"),
    ("hirsch-min-sequence as text", request(HEALTH) + metadata(("hirsch-min-sequence", "x")), INVALID, "min-sequence"),
    ("hirsch-min-sequence 2^64", request(HEALTH) + metadata(("hirsch-min-sequence", str(2 ** 64))), INVALID, "sequence"),
    ("hirsch-epoch too short", request(HEALTH) + metadata(("hirsch-epoch", "12")), INVALID, "hirsch-epoch"),
    ("unknown metadata", request(HEALTH) + metadata(("x-other", "v")), OK, ""),
    ("an unknown field", request(HEALTH) + field(99, "x"), OK, ""),
    ("timeout 0", request(HEALTH, timeout_ms=0), OK, ""),
    ("the longest timeout", request(HEALTH, timeout_ms=2 ** 32 - 1), OK, ""),
]


def envelopes(asker):
    for what, envelope, code, words in ENVELOPES:
        asker.envelope(envelope, code, words, what)
    get = request("hirsch.v1.AuthorService/GetAuthor", field(1, AUTHOR))
    asker.envelope(get + metadata(("hirsch-min-sequence", str(2 ** 63))), UNAVAILABLE, "sequence", "a later sequence")
    asker.envelope(get + metadata(("hirsch-epoch", "0" * 32)), FAILED_PRECONDITION, "epoch", "another epoch")
    many = b"".join(field(1, AUTHOR) for _ in range(BATCH_MOST))
    asker.envelope(request("hirsch.v1.AuthorService/BatchGetAuthors", many) + metadata(("hirsch-max-reply", "4096")),
                   EXHAUSTED, "4096", "a reply over hirsch-max-reply")
    found, _ = asker.envelope(get + metadata(("x-request-id", "abc-1")), OK, "", "x-request-id")
    equal(fields(found[4][0]), {1: [b"x-request-id"], 2: [b"abc-1"]}, "metadata of the response")


def past_deadline(url):
    """A deadline that passes while the request waits for its turn: dropped, and said."""
    connection = Connection(url, 60)
    batch = request("hirsch.v1.PaperService/BatchGetPapers", b"".join(field(1, "local:p9") for _ in range(300)), 1)
    frames = b"".join(connection.frame(number, batch) for number in range(100))
    threading.Thread(target=connection.socket.sendall, args=(frames,), daemon=True).start()
    codes = []
    for _ in range(100):
        code, message, _ = response(connection.reply()[1])
        if not codes:
            # The replies are more than all buffers hold: the others wait until somebody reads.
            threading.Event().wait(0.005)
        check(code in (OK, DEADLINE), "a request with 1 ms: code %d: %s", code, message)
        check(code == OK or "deadline was 1 ms" in message, "%r does not name the deadline", message)
        codes.append(code)
    check(DEADLINE in codes, "100 batches with a deadline of 1 ms each were all answered in time")


def body(test):
    check_rows()
    data = test.path("data")
    test.load(data, [write_lines(test.path("made.jsonl"), made_records())], form="hirsch")
    with test.serve(data) as daemon:
        asker = Asker(daemon.url)
        envelopes(asker)
        served = [method for method in METHODS if asker.serves(method)]
        for method in served:
            fields_in_turn(asker, method, METHODS[method])
        tokens(asker, [method for method in PAGED if method in served])
        past_deadline(daemon.url)
        equal(served, list(METHODS), "methods that the daemon serves")
        print("%d requests on one connection, each with the right code" % asker.asked)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
