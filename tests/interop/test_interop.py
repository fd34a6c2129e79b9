#!/usr/bin/env python3
"""Foreign clients against a real daemon: nanocat on libnanomsg, a program on libnng, and pure Python; each asks for the
health and for an author, over tcp:// and ipc://."""
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
from harness import SEED_FILE, Test, check, equal  # noqa: E402
from hirsch_client import HEALTH, Connection, field, fields, get_author, request, response  # noqa: E402

AUTHOR, NOT_FOUND, UNIMPLEMENTED, INVALID = "local:max-lam", 5, 12, 3


def options(parser):
    parser.add_argument("--nng-client", required=True)


def by_nanocat(test, url, envelope):
    path = test.path("request.bin")
    with open(path, "wb") as file:
        file.write(envelope)
    done = test.run([shutil.which("nanocat"), "--req", "--connect", url, "--file", path, "--raw",
                     "--recv-timeout", "10", "--send-timeout", "10"])
    return response(done.stdout)


def by_nng(test, url, envelope):
    return response(test.run([test.options.nng_client, url, "100"], stdin=envelope).stdout)


def by_python(_, url, envelope):
    return Connection(url).call(envelope)


def ask(test, name, client, url):
    what = "%s over %s" % (name, url.split(":")[0])
    code, message, payload = client(test, url, HEALTH)
    equal((code, message), (0, ""), what + ": code and message of Check")
    equal(fields(payload), {1: [1]}, what + ": SERVING")
    code, _, payload = client(test, url, get_author(AUTHOR))
    equal(code, 0, what + ": code of GetAuthor")
    author = fields(fields(payload)[1][0])
    equal(author[1], [AUTHOR.encode()], what + ": id")
    equal(author[3], [b"Max Lam"], what + ": display name")
    metrics = fields(author[7][0])
    equal(metrics[1], [3], what + ": paper_count")
    reported = fields(author[8][0])
    equal((reported[5], reported[3], reported[4]), ([27], [3], [477]), what + ": reported numbers")
    code, message, payload = client(test, url, get_author("local:nobody"))
    equal((code, payload), (NOT_FOUND, b""), what + ": code and payload for an unknown author")
    check("local:nobody" in message, "%s: %r does not name the id", what, message)
    code, message, _ = client(test, url, request("hirsch.v1.AuthorService/Nothing", b""))
    equal(code, UNIMPLEMENTED, what + ": code for an unknown method")
    code, message, _ = client(test, url, get_author("nonsense"))
    equal(code, INVALID, what + ": code for a wrong id")


def many_on_one_connection(url):
    """Requests of a pipeline are all answered, each under its own id; unknown fields are taken."""
    connection = Connection(url)
    equal(connection.call(HEALTH + field(99, "unknown"))[0], 0, "a request with an unknown field")
    wanted = connection.call(get_author(AUTHOR))
    envelope = get_author(AUTHOR)
    rounds = range(1000, 1500)
    frames = b"".join(connection.head + (4 + len(envelope)).to_bytes(8, "big") +
                      (0x80000000 | number).to_bytes(4, "big") + envelope for number in rounds)
    connection.socket.sendall(frames)
    seen = set()
    for _ in rounds:
        connection.receive(len(connection.head))
        body = connection.receive(int.from_bytes(connection.receive(8), "big"))
        seen.add(int.from_bytes(body[:4], "big") & 0x7fffffff)
        equal(response(body[4:]), wanted, "a pipelined reply")
    equal(seen, set(rounds), "request ids of the replies")


def hops(url):
    """Words that devices put in front of the request id come back unchanged."""
    connection = Connection(url)
    words = bytes.fromhex("0000000700000009") + b"\x80\x00\x00\x2a"
    connection.socket.sendall(connection.head + (len(words) + len(HEALTH)).to_bytes(8, "big") + words + HEALTH)
    connection.receive(len(connection.head))
    body = connection.receive(int.from_bytes(connection.receive(8), "big"))
    equal(body[:len(words)], words, "the words in front of the reply")
    equal(response(body[len(words):])[0], 0, "code of a request through devices")


def body(test):
    check(shutil.which("nanocat"), "nanocat is missing: install nanomsg-utils")
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        for url in daemon.urls:
            for name, client in (("nanocat", by_nanocat), ("libnng", by_nng), ("Python", by_python)):
                ask(test, name, client, url)
            many_on_one_connection(url)
            hops(url)
        print("nanocat, libnng and Python agree on %s" % " and ".join(url.split(":")[0] for url in daemon.urls))


if __name__ == "__main__":
    test = Test(__doc__, options)
    test.main(body)
