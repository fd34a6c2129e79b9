#!/usr/bin/env python3
"""Foreign clients against a real daemon, over tcp:// and ipc://: nanocat on libnanomsg, a program on libnng, pure Python
and pure JavaScript call every method of the protos and get the same bytes; the written test vectors hold."""
import ast
import json
import os
import re
import shutil
import sys
import tokenize

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
from harness import ROOT, SEED_FILE, Test, check, equal, write_lines  # noqa: E402
from hirsch_client import Connection, field, fields, request, response  # noqa: E402
from methods import METHODS, check_rows, made_records, packed  # noqa: E402

AUTHOR, NOT_FOUND, UNIMPLEMENTED, INVALID = "local:max-lam", 5, 12, 3
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
           tokenize.ENDMARKER}
HEALTH, GET_AUTHOR = "grpc.health.v1.Health/Check", "hirsch.v1.AuthorService/GetAuthor"
# (method, payload, code): one of each sort of failure beside every method with good values.
CALLS = [(method, packed(row), 0) for method, row in METHODS.items()] + [
    (GET_AUTHOR, field(1, AUTHOR), 0),
    (GET_AUTHOR, field(1, "local:nobody"), NOT_FOUND),
    (GET_AUTHOR, field(1, "nonsense"), INVALID),
    ("hirsch.v1.AuthorService/Nothing", b"", UNIMPLEMENTED),
]


def options(parser):
    parser.add_argument("--nng-client", required=True)


def by_nanocat(test, url, calls):
    path = test.path("request.bin")
    for method, payload, _ in calls:
        with open(path, "wb") as file:
            file.write(request(method, payload))
        done = test.run([shutil.which("nanocat"), "--req", "--connect", url, "--file", path, "--raw",
                         "--recv-timeout", "60", "--send-timeout", "60"])
        yield response(done.stdout)


def by_nng(test, url, calls):
    for method, payload, _ in calls:
        yield response(test.run([test.options.nng_client, url, "20"], stdin=request(method, payload)).stdout)


def by_python(_, url, calls):
    connection = Connection(url)
    for method, payload, _ in calls:
        yield connection.call(method, payload)


def by_javascript(test, url, calls):
    lines = "".join("%s %s\n" % (method, payload.hex()) for method, payload, _ in calls)
    done = test.run([node(), os.path.join(HERE, "call_all.mjs"), url], stdin=lines.encode())
    for line in done.out.splitlines():
        code, payload, message = line.split(" ", 2)
        yield int(code), message, bytes.fromhex(payload)


CLIENTS = [("Python", by_python), ("nanocat", by_nanocat), ("libnng", by_nng), ("JavaScript", by_javascript)]


def node():
    found = shutil.which("node") or shutil.which("nodejs")
    check(found, "node is missing: install nodejs")
    return found


def every_method(test, urls):
    """Whoever asks, over whatever door: the same code, sentence and bytes."""
    wanted = None
    for url in urls:
        for name, client in CLIENTS:
            answers = list(client(test, url, CALLS))
            what = "%s over %s" % (name, url.split(":")[0])
            equal(len(answers), len(CALLS), what + ": answers")
            for (method, _, code), answer in zip(CALLS, answers):
                equal((answer[0], bool(answer[1])), (code, code != 0), "%s: %s: code, and a sentence: %s" % (
                    what, method, answer[1]))
            wanted = wanted or answers
            for (method, _, _), answer, first in zip(CALLS, answers, wanted):
                equal(answer, first, "%s: %s: the answer that Python got over %s" % (what, method, urls[0]))
    return wanted


def the_first_page(answers):
    answer = answers[[payload for _, payload, _ in CALLS].index(field(1, AUTHOR))]
    author = fields(fields(answer[2])[1][0])
    equal((author[1], author[3]), ([AUTHOR.encode()], [b"Max Lam"]), "id and display name")
    equal(fields(author[7][0])[1], [3], "paper_count")
    reported = fields(author[8][0])
    equal((reported[5], reported[3], reported[4]), ([27], [3], [477]), "reported numbers")


def lines_of_code(path):
    """Lines that hold neither a comment nor a text that explains."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    told = {line for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for line in range(node.lineno, node.end_lineno + 1)}
    with open(path, "rb") as file:
        return len({token.start[0] for token in tokenize.tokenize(file.readline)
                    if token.type not in NO_CODE and token.start[0] not in told})


def the_small_programs(test, url):
    """What the two clients print when called as README says; the Python one is as short as README promises."""
    count = lines_of_code(os.path.join(HERE, "hirsch_client.py"))
    check(count <= 60, "hirsch_client.py has %d lines of code", count)
    for command in ([sys.executable, "-B", os.path.join(HERE, "hirsch_client.py")],
                    [node(), os.path.join(HERE, "hirsch_client.mjs")]):
        equal(test.run([*command, url, AUTHOR]).out, "%s Max Lam\n" % AUTHOR, command[-1])
        check("5" in test.run([*command, url, "local:nobody"], expect=1).err, "%s names no code", command[-1])


def pipeline(url):
    """Requests of a pipeline are all answered, each under its own id."""
    connection = Connection(url)
    wanted = connection.call(GET_AUTHOR, field(1, AUTHOR))
    rounds = range(1000, 1500)
    connection.socket.sendall(b"".join(connection.frame(number, request(GET_AUTHOR, field(1, AUTHOR)))
                                       for number in rounds))
    seen = set()
    for _ in rounds:
        number, envelope = connection.reply()
        equal(response(envelope), wanted, "a pipelined reply")
        seen.add(number)
    equal(seen, set(rounds), "request ids of the replies")


def hops(url):
    """Words that devices put in front of the request id come back unchanged."""
    connection = Connection(url)
    envelope = request(HEALTH)
    words = bytes.fromhex("0000000700000009") + b"\x80\x00\x00\x2a"
    connection.socket.sendall(connection.head + (len(words) + len(envelope)).to_bytes(8, "big") + words + envelope)
    connection.receive(len(connection.head))
    body = connection.receive(int.from_bytes(connection.receive(8), "big"))
    equal(body[:len(words)], words, "the words in front of the reply")
    equal(response(body[len(words):])[0], 0, "code of a request through devices")


def vectors(urls):
    """What vectors.json says goes over a connection as it stands there, byte for byte."""
    with open(os.path.join(HERE, "vectors.json"), encoding="utf-8") as file:
        rows = json.load(file)["vectors"]
    dumps = readme_dumps()
    equal(sorted(dumps), sorted((name, side) for name in ("health", "get-author") for side in ("request", "reply")),
          "dumps in README")
    for row in rows:
        for side in ("request", "reply"):
            written = "".join(row[side])
            equal(dumps.get((row["name"], side), written), written, "README's dump of the %s of %s" % (side, row["name"]))
        for url in urls:
            connection = Connection(url)
            sent, wanted = bytes.fromhex("".join(row["request"])), bytes.fromhex("".join(row["reply"]))
            equal(connection.frame(row["id"], request(row["method"], bytes.fromhex(row["payload"]), row["timeout_ms"])),
                  connection.head + sent, "%s: the request as the Python client writes it" % row["name"])
            connection.socket.sendall(connection.head + sent)
            got = connection.receive(len(connection.head) + len(wanted))
            equal(got.hex(), (connection.head + wanted).hex(), "%s over %s" % (row["name"], url.split(":")[0]))
            connection.socket.close()
    return len(rows)


def readme_dumps():
    """The dumps that README marks, as {(vector, side): hexadecimal digits}."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        found = re.findall(r"^<!-- vector (\S+) (\S+) -->\n```\n(.*?)^```", file.read(), re.S | re.M)
    return {(name, side): "".join(re.match(r"(?:[0-9a-f]{2} ?)*", line).group().replace(" ", "")
                                  for line in dump.splitlines()) for name, side, dump in found}


def body(test):
    check(shutil.which("nanocat"), "nanocat is missing: install nanomsg-utils")
    check_rows()
    data = test.path("data")
    test.load(data, [SEED_FILE, write_lines(test.path("made.jsonl"), made_records())], form="hirsch")
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        the_first_page(every_method(test, daemon.urls))
        the_small_programs(test, daemon.urls[1])
        for url in daemon.urls:
            pipeline(url)
            hops(url)
    seed = test.path("seed")
    test.load(seed, [SEED_FILE], form="hirsch")
    with test.serve(seed, test.ipc(), test.tcp()) as daemon:
        count = vectors(daemon.urls)
    print("%s agree on %d calls of %d methods over ipc and tcp; %d vectors hold" % (
        ", ".join(name for name, _ in CLIENTS), len(CALLS), len(METHODS), count))


if __name__ == "__main__":
    test = Test(__doc__, options)
    test.main(body)
