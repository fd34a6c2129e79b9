#!/usr/bin/env python3
"""Wrong input is named by file, line, column and reason, changes nothing, and ends with its own exit code."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Failed, Test, check, equal, write_lines  # noqa: E402

GOOD = b'{"type":"paper","id":"local:good","title":"Good"}'

# name, line, column or None, words that the reason has to hold
BAD_LINES = (
    ("cut off", b'{"type":"paper","id":"local:a","title":"x"', None, ()),
    ("no JSON", b"hello", 1, ()),
    ("an array", b"[1,2]", 1, ()),
    ("something behind", b'{"type":"paper","id":"local:a","title":"x"} {}', None, ()),
    ("unknown field", b'{"type":"paper","id":"local:a","titel":"x"}', None, ("titel",)),
    ("duplicate key", b'{"type":"paper","id":"local:a","id":"local:b"}', None, ("id",)),
    ("unknown type", b'{"type":"book","id":"local:a"}', None, ("type",)),
    ("no id", b'{"type":"paper","title":"x"}', None, ("id",)),
    ("unknown scheme", b'{"type":"paper","id":"isbn:1","title":"x"}', None, ("isbn",)),
    ("author id on a paper", b'{"type":"paper","id":"orcid:0000-0002-1825-0097","title":"x"}', None, ("orcid",)),
    ("check digit", b'{"type":"author","id":"orcid:0000-0002-1825-0098","name":"x"}', None, ("0000-0002-1825-0098",)),
    ("year", b'{"type":"paper","id":"local:a","date":"20255"}', None, ("20255",)),
    ("day", b'{"type":"paper","id":"local:a","date":"2023-02-29"}', None, ("2023-02-29",)),
    ("year too early", b'{"type":"paper","id":"local:a","date":"1399"}', None, ("1399",)),
    ("number for a string", b'{"type":"paper","id":"local:a","title":7}', None, ("title",)),
    ("string for a number", b'{"type":"author","id":"local:a","name":"x","reported":[{"source":"s","h_index":"7"}]}',
     None, ("h_index",)),
    ("negative", b'{"type":"author","id":"local:a","name":"x","reported":[{"source":"s","h_index":-1}]}', None, ()),
    ("share above one", b'{"type":"author","id":"local:a","name":"x","reported":[{"source":"s","novelty":1.5}]}',
     None, ("novelty",)),
    ("not UTF-8", b'{"type":"paper","id":"local:a","title":"\xff\xfe"}', None, ()),
    ("lone surrogate", b'{"type":"paper","id":"local:a","title":"\\ud800"}', None, ()),
    ("deep nesting", b'{"type":"paper","id":"local:a","title":' + b"[" * 100000 + b"]" * 100000 + b"}", None, ()),
    ("long id", b'{"type":"paper","id":"local:' + b"a" * 401 + b'","title":"x"}', None, ("400",)),
    ("empty line of blanks inside", b"\x00", 1, ()),
)


def rejected(test, data, path, number, column, words, name):
    """The import fails with 65 and says file:line:column and the words; gives the message."""
    done = test.load(data, [path], form="hirsch", expect=65)
    found = re.search(re.escape(path) + r":(\d+):(\d+): (.+)", done.err)
    check(found, "%s: the message does not begin with file:line:column:\n%s", name, done.err)
    equal(int(found.group(1)), number, name + ": line")
    check(int(found.group(2)) >= 1, "%s: column %s", name, found.group(2))
    if column is not None:
        equal(int(found.group(2)), column, name + ": column")
    for word in words:
        check(word in found.group(3), "%s: the reason does not name %r: %s", name, word, found.group(0)[:500])


def check_lines(test, data):
    before = test.export(data)
    for name, line, column, words in BAD_LINES:
        path = write_lines(test.path("bad.jsonl"), [GOOD, line, GOOD.replace(b"good", b"behind")])
        rejected(test, data, path, 2, column, words, name)
        equal(test.export(data) == before, True, name + ": the store is unchanged")
        fresh = test.path("fresh")
        rejected(test, fresh, path, 2, column, words, name)
        stat = test.job("stat", fresh, "--json", expect=None)
        check(stat.returncode != 0 or test.export(fresh) == b"", "%s: something was stored", name)
        test.run(["rm", "-rf", fresh])
    path = write_lines(test.path("bad.jsonl"), [GOOD, b"hello", b"{}", GOOD])
    done = test.load(data, [path], form="hirsch", more=("--max-errors", "2"), expect=2)
    check(":2:" in done.err and ":3:" in done.err, "both rejected lines are named:\n%s", done.err)
    check(b"local:good" in test.export(data), "the good line was not stored beside tolerated errors")
    path = write_lines(test.path("bad.jsonl"), [b"hello", b"{}", GOOD.replace(b"good", b"never")])
    test.load(data, [path], form="hirsch", more=("--max-errors", "1"), expect=65)
    check(b"local:never" not in test.export(data), "more errors than tolerated, and yet something was stored")
    test.verify(data)


def check_files(test, data):
    before = test.export(data)
    empty = write_lines(test.path("empty.jsonl"), [])
    test.load(data, [empty], form="hirsch")
    binary = test.path("binary.jsonl")
    with open(binary, "wb") as file:
        file.write(bytes(test.random.randrange(256) for _ in range(10000)))
    test.load(data, [binary], form="hirsch", expect=65)
    damaged = write_lines(test.path("damaged.jsonl.gz"), [GOOD] * 1000)
    with open(damaged, "r+b") as file:
        file.truncate(os.path.getsize(damaged) - 9)
    done = test.load(data, [damaged], form="hirsch", expect=65)
    check("damaged.jsonl.gz" in done.err, "the damaged file is not named: %s", done.err)
    done = test.load(data, [test.path("missing.jsonl")], form="hirsch", expect=66)
    check("missing.jsonl" in done.err, "the missing file is not named: %s", done.err)
    # A missing file beside a good one: nothing is applied.
    good = write_lines(test.path("good.jsonl"), [b'{"type":"paper","id":"local:beside","title":"x"}'])
    test.load(data, [good, test.path("missing.jsonl")], form="hirsch", expect=66)
    # What cannot be read is no bad line, whatever the number of those allowed.
    done = test.load(data, [good, "/proc/self/mem"], form="hirsch", more=("--max-errors", "10"), expect=74)
    check("/proc/self/mem: cannot be read: Input/output error" in done.err, "the file is not named: %s", done.err)
    test.load(data, [good], form="nonsense", expect=64)
    equal(test.export(data) == before, True, "the store is unchanged after wrong files")
    cut = write_lines(test.path("cut.jsonl"), [b'{"id":"https://openalex.org/W1","abstract_inverted_index":{"a":[0],"b":[99999999]}}'])
    equal(json.loads(test.load(test.path("cut"), [cut], more=("--json",)).out)["textsCut"], 1, "abstracts cut")
    test.verify(data)


def check_usage(test, data):
    for program in (test.hirschd, test.hirsch):
        test.run([program, "nonsense"], expect=64)
        test.run([program, "--nonsense"], expect=64)
        test.run([program], expect=64)
        test.run([program, "--help"])
        test.run([program, "--version"], expect=(0, 64))
    test.run([test.hirschd, "import", "--data", data], expect=64)
    test.run([test.hirschd, "import", "--data", data, "--nonsense", "x"], expect=64)
    test.run([test.hirschd, "serve", "--data", data, "--listen", "carrier-pigeon://home"], expect=64)
    test.run([test.hirschd, "serve", "--data", data, "--listen", "tcp://127.0.0.1:99999"], expect=64)
    test.run([test.hirsch, "author"], expect=64)
    missing = test.run([test.hirschd, "stat", "--data", test.path("no-such-folder")], expect=None)
    check(missing.returncode not in (0, 64) and "no-such-folder" in missing.err, "stat without a store: %d %s",
          missing.returncode, missing.err)
    check("import" in missing.err, "stat without a store does not name the command that makes one: %s", missing.err)
    for job in ("compact", "export", "refresh", "serve", "upgrade", "verify"):
        done = test.job(job, test.path("no-such-folder"), expect=78 if job == "serve" else 4)
        check("import" in done.err and not os.path.exists(test.path("no-such-folder")), "%s without a store: %s", job, done.err)


def check_client(test, data):
    absent = test.client(test.tcp(), "author", "local:max-lam", expect=69)
    check("Sanitizer" not in absent.err and absent.err.strip(), "no word about an absent daemon")
    test.client(test.ipc("nobody"), "health", expect=69)
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        done = test.client(daemon.url, "author", "local:nobody", expect=4)
        check("local:nobody" in done.err, "the unknown id is not named: %s", done.err)
        test.client(daemon.url, "paper", "doi:10.5555/nothing", expect=4)
        test.client(daemon.url, "papers", "local:nobody", expect=4)
        done = test.client(daemon.url, "author", "no-scheme", expect=65)
        check("no-scheme" in done.err, "the wrong id is not named: %s", done.err)
        test.client(daemon.url, "author", "orcid:0000-0002-1825-0098", expect=65)
        test.client(daemon.url, "author", "doi:10.1/x", expect=65)
        done = test.client(daemon.url, "author", "local:nobody", "local:max-lam", "--json", expect=2)
        check(len(done.out.splitlines()) in (1, 2), "two ids, one unknown: %s", done.out)
        # A second daemon on the same endpoints, and a job on the same directory, are refused by name.
        other = test.path("other")
        test.load(other, [SEED_FILE], form="hirsch")
        for url in daemon.urls:
            done = test.run([test.hirschd, "serve", "--data", other, "--listen", url], expect=None)
            check(done.returncode not in (0, 64), "a second daemon on %s: exit code %d", url, done.returncode)
            name = url.rsplit(":", 1)[-1] if url.startswith("tcp") else os.path.basename(url)
            check(name in done.err, "the endpoint in use is not named: %s", done.err)
            equal(test.client(url, "health").returncode, 0, "health of the first daemon")
        test.client(daemon.url, "author", "local:max-lam")
        # Reading jobs go beside the daemon.
        test.verify(data)
        test.export(data)
        test.stat(data)


def check_long_path(test, data):
    url = "ipc://" + test.path("x" * 120)
    done = test.run([test.hirschd, "serve", "--data", data, "--listen", url], expect=None)
    check(done.returncode not in (0, 130) and "107" in done.err, "a path over 107 bytes: %d %s", done.returncode,
          done.err)


def check_stale_socket(test, data):
    """A socket file that nobody listens on is replaced; a file that is no socket is not."""
    url = test.ipc("stale")
    path = url[len("ipc://"):]
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    with test.serve(data, url):
        test.client(url, "health")
    precious = test.path("precious.ipc")
    with open(precious, "w", encoding="ascii") as file:
        file.write("precious")
    done = test.run([test.hirschd, "serve", "--data", data, "--listen", "ipc://" + precious], expect=None)
    check(done.returncode != 0, "a daemon listens in place of a plain file")
    with open(precious, encoding="ascii") as file:
        equal(file.read(), "precious", "the plain file")


def check_closed_output(test, data):
    """A reader that goes away ends the program quietly, not with a crash."""
    with subprocess.Popen([test.hirschd, "export", "--data", data], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as program:
        program.stdout.close()
        program.stderr.read()
        code = program.wait(test.deadline_s)
    check(code in (0, 1, 74, -13), "export into a closed pipe: %d", code)


def check_silent_pipe(test, data):
    """One signal ends an import that waits for somebody to open the other end."""
    del data
    fresh, pipe = test.path("silent"), test.path("silent-pipe")
    os.mkfifo(pipe)
    with subprocess.Popen([test.hirschd, "import", "--data", fresh, pipe], stderr=subprocess.PIPE) as program:
        end = time.monotonic() + test.deadline_s
        while not os.path.exists(os.path.join(fresh, "lock")):
            check(time.monotonic() < end and program.poll() is None, "the import takes no lock")
        program.send_signal(signal.SIGINT)
        try:
            code = program.wait(test.deadline_s)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        equal(code, 130, "exit code of an import that was stopped")
    with subprocess.Popen([test.hirschd, "import", "--data", fresh, "--json", pipe], stdout=subprocess.PIPE) as program:
        with open(pipe, "wb") as writer:
            writer.write(b'{"type":"paper","id":"local:a"}\n')
            writer.flush()
            writer.write(b'{"type":"paper","id":"local:b"}\n')
        equal(json.loads(program.stdout.read())["records"], 2, "records of a named pipe")


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    failed = []
    for part in (check_lines, check_files, check_usage, check_client, check_long_path, check_stale_socket,
                 check_closed_output, check_silent_pipe):
        try:
            part(test, data)
        except Failed as reason:
            failed.append("%s: %s" % (part.__name__, reason))
    check(not failed, "%s", "\n".join(failed))


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
