"""Asking a daemon through the pure-Python client: lists walked over all their pages, and what the tests read of answers."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from hirsch_client import Connection, field, fields  # noqa: E402
from harness import Failed, equal  # noqa: E402


def text_of(message, number):
    return message.get(number, [b""])[0].decode()


def number_of(message, number):
    return message.get(number, [0])[0]


class Wire:
    def __init__(self, url, seed=1):
        self.connection = Connection(url, 60)
        self.random = random.Random(seed)

    def call(self, method, payload=b"", code=0):
        """The fields of the answer; (code, text) when a failure is expected."""
        answered, text, answer = self.connection.call("hirsch.v1." + method, payload, 60000)
        if answered != code:
            raise Failed("%s: code %d, expected %d: %s" % (method, answered, code, text))
        return fields(answer) if code == 0 else (answered, text)

    def pages(self, method, payload, size_field, sizes, most=None):
        """(items, last answer) of a list on all pages, each of a size drawn anew; most: at least so many items."""
        items, token = [], b""
        while True:
            size = self.random.choice(sizes)
            answer = self.call(method, payload + field(size_field, size) + field(size_field + 1, token))
            page = answer.get(1, [])
            if len(page) > size:
                raise Failed("%s: %d items on a page of %d" % (method, len(page), size))
            items += page
            token = answer.get(2, [b""])[0]
            if not token or (most is not None and len(items) >= most):
                return [fields(item) for item in items], answer
            if not page:
                raise Failed("%s: an empty page with a token" % method)

    def batch(self, method, ids, view):
        """The entities of ids, in order."""
        found = []
        for start in range(0, len(ids), 400):
            payload = b"".join(field(1, text) for text in ids[start:start + 400])
            results = self.call(method, payload + field(2, view)).get(1, [])
            equal(len(results), len(ids[start:start + 400]), "results of " + method)
            for result in map(fields, results):
                if 2 not in result:
                    raise Failed("%s: %s has no answer" % (method, text_of(result, 1)))
                found.append(fields(result[2][0]))
        return found
