#!/usr/bin/env python3
"""What an operator sees: pages of the operations port and promtool's opinion of them, options with their origins and
checked, SIGHUP, both forms of the log, slow requests, readiness while a daemon drains, and a rolling restart of two
daemons under load without a failed call."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Daemon, Test, check, equal  # noqa: E402
from operations import page  # noqa: E402
from peers import GET_AUTHOR, HEALTH, Connection  # noqa: E402
from hirsch_client import field, fields, request, response  # noqa: E402
from puts import PUT, put_request  # noqa: E402

UNAVAILABLE = 14
BATCH_GET_AUTHORS = "hirsch.v1.AuthorService/BatchGetAuthors"
WANTED = ("hirsch_build_info", "hirsch_request_duration_seconds", "hirsch_received_bytes_total", "hirsch_sent_bytes_total",
          "hirsch_connections", "hirsch_in_flight", "hirsch_work_queue", "hirsch_requests_shed_total",
          "hirsch_commits_total", "hirsch_commit_seconds_total", "hirsch_map_used_bytes", "hirsch_map_size_bytes",
          "hirsch_readers", "hirsch_oldest_reader_transactions", "hirsch_page_faults_major_total",
          "hirsch_source_records", "hirsch_dataset_age_seconds")


def until(test, condition, what):
    """Asks again until the condition holds; each look costs the daemon an answer."""
    end = time.monotonic() + test.deadline_s
    while not condition():
        check(time.monotonic() < end, "%s", what)


def pages(test, data):
    promtool = shutil.which("promtool")
    with test.serve(data, more=("--http", "127.0.0.1:0")) as daemon:
        connection = Connection(daemon.url)
        for _ in range(7):
            equal(connection.call(GET_AUTHOR, field(1, "local:max-lam"))[0], 0, "code of GetAuthor")
        equal(connection.call(GET_AUTHOR, field(1, "local:nobody"))[0], 5, "code of GetAuthor")
        equal(page(daemon, "/livez"), (200, "ok\n"), "/livez")
        equal(page(daemon, "/readyz"), (200, "ok\n"), "/readyz")
        code, text = page(daemon, "/readyz?verbose")
        equal((code, re.findall(r"\[\+\](\w+) ok", text)), (200, ["environment", "serving", "map", "writer"]), "/readyz?verbose")
        equal(page(daemon, "/nothing")[0], 404, "another page")
        code, text = page(daemon, "/metrics")
        equal(code, 200, "/metrics")
        for name in WANTED:
            check("# TYPE %s " % name in text and "# HELP %s " % name in text, "%s is missing", name)
        for code, count in (("OK", 7), ("NOT_FOUND", 1)):
            check('hirsch_request_duration_seconds_count{method="%s",code="%s"} %d\n' % (GET_AUTHOR, code, count) in text,
                  "GetAuthor with %s is not counted as %d:\n%s", code, count, text)
        check("hirsch_papers 3\n" in text and "hirsch_ready 1\n" in text, "%s", text)
        check(promtool, "promtool is missing: deploy/install-deps installs it (package prometheus)")
        done = test.run([promtool, "check", "metrics"], stdin=text.encode())
        equal((done.out + done.err).strip(), "", "what promtool check metrics says")
    done = test.job("serve", data, "--listen", test.ipc(), "--http", "nonsense", expect=64)
    check("--http" in done.err, "%s", done.err)


def configuration(test, data):
    path = test.path("hirschd.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("loops = 1\nlog-level = warn\nmax-timeout = 30s\n")
    done = test.run([test.hirschd, "config", "print", "--config", path, "--data", data],
                    env={**os.environ, "HIRSCH_LOG_LEVEL": "debug"})
    for name, value, origin in (("data", data, "--data"), ("loops", "1", path + ":1"), ("log-level", "debug", "HIRSCH_LOG_LEVEL"),
                                ("max-timeout", "30s", path + ":3"), ("drain-delay", "0", "default")):
        check(re.search(r"^%s = %s +# %s$" % (name, re.escape(value), re.escape(origin)), done.out, re.MULTILINE),
              "%s = %s from %s is not in:\n%s", name, value, origin, done.out)
    done = test.job("config", data, "check", "--config", path, "--listen", test.ipc("c"))
    check(done.out.count("good ") >= 3, "%s", done.out)
    for more, words in ((("--data", test.path("none")), "holds no store"), (("--data", data, "--listen", "tcp://0.0.0.0:0"), "keys"),
                        (("--data", data, "--default-timeout", "2m"), "max-timeout")):
        done = test.run([test.hirschd, "config", "check", *more], expect=78)
        check(words in done.out, "%s: %s", more, done.out)
    done = test.job("serve", data, "--listen", test.ipc("c"), "--max-timeout", "1s", expect=78)
    check("default-timeout (2000 ms) is longer than max-timeout (1000 ms)" in done.err, "%s", done.err)


def reload(test, data):
    path = test.path("reload.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("log-level = info\n")
    with test.serve(data, more=("--config", path)) as daemon:
        with open(path, "w", encoding="utf-8") as file:
            file.write("log-format = json\nslow-request = 1ms\nloops = 3\n")
        daemon.process.send_signal(signal.SIGHUP)
        until(test, lambda: '"msg":"reloaded"' in daemon.log(), "no word about the reload")
        check("option slow-request is taken over" in daemon.log() and
              "option loops has changed and needs a restart" in daemon.log(), "%s", daemon.log())
        for line, words in (("zebra = 1", "zebra"), ("max-timeout = 1s", "longer than max-timeout")):
            with open(path, "w", encoding="utf-8") as file:
                file.write("log-format = json\n%s\n" % line)
            daemon.process.send_signal(signal.SIGHUP)
            until(test, lambda: re.search("nothing is reloaded.*" + words, daemon.log()), "no word about a wrong file")
        equal(Connection(daemon.url).call(HEALTH)[0], 0, "code of Check after a wrong reload")
        for line in daemon.log().splitlines():
            if line.startswith("{"):
                check({"time", "level", "msg"} <= set(json.loads(line)), "%s", line)


def slow_requests(test, data):
    """A thousand papers are not stored within a millisecond."""
    trace = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    metadata = b"".join(field(3, field(1, key) + field(2, value)) for key, value in (("x-request-id", "r-17"), ("traceparent", trace)))
    papers = [{"type": "paper", "id": "local:slow%d" % number, "title": "Slow %d" % number} for number in range(1000)]
    with test.serve(data, more=("--slow-request", "1ms", "--log-format", "json")) as daemon:
        connection = Connection(daemon.url, test.deadline_s)
        connection.socket.sendall(connection.frame(1, request(PUT, put_request(papers)) + metadata))
        answer = fields(connection.reply()[1])
        equal(answer.get(1, [0])[0], 0, "code of a put")
        check(b"r-17" in b"".join(answer.get(4, [])), "x-request-id does not come back: %r", answer.get(4))
        until(test, lambda: '"slow request"' in daemon.log(), "a thousand papers and no word of a slow request")
        (line,) = [json.loads(line) for line in daemon.log().splitlines() if '"slow request"' in line]
        equal((line["method"], line["code"], line["request_id"], line["traceparent"]), (PUT, "OK", "r-17", trace),
              "the line of a slow request")
        check(line["waited_us"] + line["later_us"] >= 1000, "the parts: %s", line)


def draining(test, data):
    daemon = Daemon(test, data, (test.ipc(),), ("--http", "127.0.0.1:0", "--drain-delay", "10m"))
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    connection = Connection(daemon.url)
    daemon.process.send_signal(signal.SIGTERM)
    until(test, lambda: page(daemon, "/readyz")[0] == 503, "/readyz says ready while the daemon stops")
    equal(page(daemon, "/livez")[0], 200, "/livez while the daemon stops")
    check("[-]serving" in page(daemon, "/readyz?verbose")[1], "%s", page(daemon, "/readyz?verbose"))
    equal(page(daemon, "/readyz?reads")[0], 503, "/readyz?reads while the daemon stops")
    equal(connection.call(HEALTH), (0, "", field(1, 2)), "Check while the daemon stops")
    equal(connection.call(GET_AUTHOR, field(1, "local:max-lam"))[0], 0, "GetAuthor during the delay")
    equal(Connection(daemon.url).call(GET_AUTHOR, field(1, "local:max-lam"))[0], 0, "a new connection during the delay")
    equal(daemon.stop(), 130, "exit code after a second signal")
    test.daemons.remove(daemon)


def refusing(test, data):
    """Behind the delay what is still asked is refused, so that who asks faster than it is answered does not hold up the end."""
    with test.serve(data, more=("--drain-delay", "1ms", "--max-buffered", "4096")) as daemon:
        connection = Connection(daemon.url, test.deadline_s)
        one = request(BATCH_GET_AUTHORS, b"".join(field(1, "local:max-lam") for _ in range(50)))
        frames = b"".join(connection.frame(number, one) for number in range(100))
        ending = threading.Event()

        def ask_on():
            with contextlib.suppress(OSError):
                while not ending.is_set():
                    connection.socket.sendall(frames)

        # The replies are more than all buffers hold, and nobody takes them: most of these wait when the stop comes.
        connection.socket.sendall(frames)
        codes = {response(connection.reply()[1])[0]: 1}
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_for_log("answering what was received")
        asking = threading.Thread(target=ask_on, daemon=True)
        asking.start()
        with contextlib.suppress(OSError):
            while True:
                code, text, _ = response(connection.reply()[1])
                codes[code] = codes.get(code, 0) + 1
                check(code in (0, UNAVAILABLE), "code %d while a daemon stops: %s", code, text)
        ending.set()
        asking.join(test.deadline_s)
        equal(daemon.process.wait(test.deadline_s), 0, "exit code of a daemon that is asked to the end")
        check(set(codes) == {0, UNAVAILABLE}, "codes while a daemon stops: %s", codes)


def rolling(test, data):
    """Two daemons on copies of one backup, clients with both endpoints, ten restarts: no call fails."""
    copies = [test.path("copy-%d" % n) for n in range(2)]
    test.job("backup", data, test.path("backup"))
    for copy in copies:
        test.job("restore", copy, test.path("backup"))
    urls = [test.tcp(), test.ipc("two")]
    more = ("--drain-delay", "200ms")

    def start(place):
        daemon = Daemon(test, copies[place], (urls[place],), more)
        test.daemons.append(daemon)
        daemon.wait_until_serving()
        return daemon

    daemons = [start(0), start(1)]
    faults, runs, ending = [], [0, 0], threading.Event()
    progress = threading.Condition()
    client = [test.hirsch, "-s", ",".join(urls)]

    def load(place, arguments, stdin, lines):
        while not ending.is_set() and not faults:
            done = subprocess.run([*client, *arguments, "--json"], input=stdin, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False, timeout=test.deadline_s)
            with progress:
                if done.returncode != 0 or done.stdout.count(b"\n") != lines:
                    faults.append("exit code %d: %s" % (done.returncode, done.stderr.decode()))
                runs[place] += 1
                progress.notify_all()

    threads = [threading.Thread(target=load, args=row, daemon=True)
               for row in ((0, ("papers", "local:max-lam"), b"", 3), (1, ("author", "-"), b"local:max-lam\n" * 2000, 2000))]
    for thread in threads:
        thread.start()
    try:
        for restart in range(4 if test.short else 10):
            place = restart % 2
            before = list(runs)
            with progress:
                moved = progress.wait_for(lambda: faults or all(now > old for now, old in zip(runs, before)), test.deadline_s)
            check(moved and not faults, "restart %d: %s", restart, faults or "the load stands still")
            equal(daemons[place].stop(), 0, "exit code of a daemon that is restarted")
            test.daemons.remove(daemons[place])
            daemons[place] = start(place)
    finally:
        ending.set()
        for thread in threads:
            thread.join(test.deadline_s)
    check(not faults, "%s", faults)
    for daemon in daemons:
        equal(daemon.stop(), 0, "exit code at the end")
        test.daemons.remove(daemon)
    print("%d lists and %d times 2,000 authors while ten daemons ended, none failed" % tuple(runs))


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    for part in (pages, configuration, reload, slow_requests, draining, refusing, rolling):
        part(test, data)


if __name__ == "__main__":
    Test(__doc__).main(body)
