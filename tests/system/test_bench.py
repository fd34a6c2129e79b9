#!/usr/bin/env python3
"""`hirsch bench` against the real daemon, against a server that stands still, and against one that is no server: what it
counts, what it writes, and the exit codes that scripts rely on.
"""
import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, SEED_FILE, Test, check, equal  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(ROOT, "src", "bench", "result.schema.json")
GREETING = b"\0SP\0\0\x31\0\0"
# Generous: the machine of a test run has other things to do, and validity is tested apart.
LENIENT = ("--max-lag", "10s", "--duration", "1500ms", "--warmup", "500ms")


class StandingServer:
    """Speaks just enough SP to answer every request with a Response of code 0 at once, but for one stretch of time in
    which it reads and answers nothing."""

    def __init__(self, stands_after_s, stands_s, reset=False):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.stands_after_s, self.stands_s, self.reset = stands_after_s, stands_s, reset
        self.first = None
        self.stood = False
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def stand(self):
        with self.lock:
            now = time.monotonic()
            self.first = self.first or now
            if not self.stood and now - self.first > self.stands_after_s:
                self.stood = True
                time.sleep(self.stands_s)  # the fault itself, not a wait for something

    def serve(self, peer):
        with contextlib.suppress(OSError), peer:
            peer.sendall(GREETING)
            data = b""
            while len(data) < 8:
                data += peer.recv(8 - len(data))
            data = b""
            while True:
                more = peer.recv(1 << 16)
                if not more:
                    return
                self.stand()
                if self.reset and self.stood:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                data += more
                out = b""
                while len(data) >= 8 and len(data) >= 8 + struct.unpack(">Q", data[:8])[0]:
                    size = struct.unpack(">Q", data[:8])[0]
                    out += struct.pack(">Q", 4) + data[8:12]
                    data = data[8 + size:]
                peer.sendall(out)

    def close(self):
        self.listener.close()


def bench(test, url, *arguments, expect=0):
    return test.client(url, "bench", *arguments, expect=expect)


def result(test, url, *arguments, expect=0):
    """A result as JSON, held to the published schema and to its own arithmetic."""
    answer = json.loads(bench(test, url, *arguments, "--json", expect=expect).out)
    if jsonschema is not None:
        with open(SCHEMA, encoding="utf-8") as file:
            jsonschema.validate(answer, json.load(file))
    equal(answer["schema"], "hirsch-bench/1", "schema")
    for step in answer["steps"]:
        for run in step["runs"]:
            failed = sum(run[name] for name in ("errors", "wrong", "lost", "timedOut", "dropped"))
            equal(run["scheduled"], run["answered"] + failed, "requests accounted for")
            equal(run["latency"]["fromIntendedSend"]["count"], run["answered"] + run["timedOut"] + run["dropped"],
                  "latencies")
            equal(sum(one["answered"] for one in run["operations"]), run["answered"], "answers of all operations")
    return answer


def open_loop(test, daemon):
    for url in daemon.urls:
        answer = result(test, url, "--rate", "800", *LENIENT, "--slo", "p99<30s,errors<1%", "--seed", "5")
        figures = answer["result"]
        check(1000 <= figures["scheduled"] <= 1400, "800/s for 1.5 s: %s requests", figures["scheduled"])
        equal(figures["answered"], figures["scheduled"], "answers")
        check(figures["verified"] > 0 and answer["sloKept"] is True, "verified %s", figures["verified"])
        equal(answer["options"]["transport"], url[:3], "transport")
        check(answer["dataset"]["authors"] > 0 and answer["environment"]["kernel"].startswith("Linux"), "conditions")
        both = figures["latency"]
        check(both["fromIntendedSend"]["p50Us"] >= both["fromActualSend"]["p50Us"] > 0, "latencies %s", both)
        equal(len(answer["steps"][0]["runs"][0]["series"]), 2, "seconds")
    text = bench(test, daemon.url, "--rate", "300", "--arrivals", "uniform", *LENIENT)
    check("from intended send" in text.out and "from actual send" in text.out, "text: %s", text.out)
    check(re.search(r"^ids: [\d,]+ authors; drawn from the served records, spread uniform$", text.out, re.MULTILINE),
          "ids: %s", text.out)
    check(len(re.findall(r"^ +\d/2 s ", text.err, re.MULTILINE)) == 2, "a line a second: %s", text.err)
    missed = bench(test, daemon.url, "--rate", "300", *LENIENT, "--slo", "p50<1us", expect=1)
    check("slo p50<1us: MISSED" in missed.out, "text: %s", missed.out)


def closed_loop(test, daemon):
    for client in ("sp", "libhirsch"):
        answer = result(test, daemon.url, "--closed", "-c", "4", "--depth", "3", "--processes", "2", "--client", client,
                        *LENIENT, expect=(0, 3))
        figures = answer["result"]
        equal((answer["options"]["loop"], answer["options"]["arrivals"]), ("closed", None), "loop")
        check(figures["inFlightMost"] <= 12 < figures["answered"], "in flight %s, answered %s",
              figures["inFlightMost"], figures["answered"])
        equal(figures["failedShare"], 0, "failures")


def mixed(test, daemon):
    workload = test.path("mixed.txt")
    with open(workload, "w", encoding="ascii") as file:
        file.write("# all shapes\n5 GetAuthor miss=50% label=half\n2 BatchGetAuthors batch=20 miss=10%\n1 GetPaper "
                   "view=full\n2 ListAuthorPapers page-size=1 pages=3\n1 SearchAuthors\n1 SearchPapers\n"
                   "1 ListReferences\n1 ResolveIds batch=5\n1 Health/Check\n1 GetDataset\n1 ComputeMetrics\n1 GetTimeline\n"
                   "1 GetPaperMetrics miss=10%\n1 BatchGetPaperMetrics batch=7 miss=10%\n")
    answer = result(test, daemon.url, "--workload", workload, "--rate", "500", "--verify", "100%", "--keys", "zipf:0.9",
                    "--seed", "5", *LENIENT)
    figures = answer["result"]
    equal((figures["wrong"], figures["errors"], figures["firstFault"]), (0, 0, None), "faults")
    check(figures["misses"] > 50, "misses: %s", figures["misses"])
    equal(figures["verified"], figures["answered"] - figures["misses"], "verified")
    equal(len(figures["operations"]), 14, "operations")
    half, walk = figures["operations"][0], figures["operations"][3]
    check(0.35 < figures["misses"] / half["answered"] < 0.65, "half of GetAuthor misses")
    check(walk["answered"] > 0, "page walks")
    with open(workload, "w", encoding="ascii") as file:
        file.write("1 GetAuthor\n1 GetAuthor batch=0\n")
    wrong = bench(test, daemon.url, "--workload", workload, expect=64)
    check("mixed.txt: line 2: batch=0 is not" in wrong.err, "workload: %s", wrong.err)
    # Keys of a file: the first does not exist, and nobody said that it may be missing.
    ids = test.path("ids")
    with open(ids, "w", encoding="ascii") as file:
        file.write("local:nobody\n")
    answer = result(test, daemon.url, "--ids", ids, "--rate", "200", "--slo", "errors<1%", *LENIENT, expect=1)
    equal(answer["result"]["errorCodes"], {"NOT_FOUND": answer["result"]["scheduled"]}, "codes")
    # No answer at all is no good result, objectives or not; and no latency keeps an objective.
    nothing = bench(test, daemon.url, "--ids", ids, "--rate", "200", *LENIENT, expect=1)
    check("nothing was answered: NOT_FOUND" in nothing.err, "stderr: %s", nothing.err)
    check(re.search(r"from intended send( +-){9}", nothing.out), "no latency: %s", nothing.out)
    missed = bench(test, daemon.url, "--ids", ids, "--rate", "200", "--slo", "p99<30s", *LENIENT, expect=1)
    check("slo p99<30s: MISSED (no latency was measured)" in missed.out, "objective: %s", missed.out)


def files(test, daemon):
    page, histogram = test.path("report.html"), test.path("run.hgrm")
    done = bench(test, daemon.url, "--rate", "300", "--csv", "--html", page, "--hgrm", histogram, *LENIENT)
    rows = done.out.split("\r\n")
    equal(rows[0].split(",")[:5], ["second", "warmup", "sent", "answered", "failed"], "columns")
    equal(len(rows), 4, "rows: %s" % done.out)
    with open(page, encoding="utf-8") as file:
        text = file.read()
    check(text.count("<svg") == 3 and "</html>" in text, "the page has %d plots", text.count("<svg"))
    check(not re.search(r"(src|href)=|url\(|@import|<script", text), "the page is not self-contained")
    for path in (histogram, histogram + ".actual"):
        with open(path, encoding="ascii") as file:
            lines = file.read().splitlines()
        equal(lines[0].split(), ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"], "head of .hgrm")
        shares = [float(line.split()[1]) for line in lines[2:] if not line.startswith("#")]
        equal((shares, shares[-1]), (sorted(shares), 1.0), "percentiles rise to 1")
    for option in ("--html", "--hgrm"):
        refused = bench(test, daemon.url, "--rate", "300", *LENIENT, option, test.path("no", "such"), expect=73)
        check("open loop" not in refused.err, "an output that cannot be made is known before the run: %s", refused.err)


def full_disk(test, daemon):
    """A result that cannot be printed is an error of writing; the page is made all the same."""
    page = test.path("kept.html")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([test.hirsch, "-s", daemon.url, "bench", "--rate", "200", "--html", page, "--duration",
                               "200ms", "--warmup", "0s"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    equal(done.returncode, 74, "exit code: %s" % done.stderr)
    check(os.path.getsize(page) > 1000, "the page is there")


def series(test, daemon):
    answer = result(test, daemon.url, "--sweep", "200:600:200", "--repeat", "1", "--duration", "400ms", "--warmup", "100ms",
                    "--max-lag", "10s")
    equal([step["targetRate"] for step in answer["steps"]], [200, 400, 600], "rates")
    answer = result(test, daemon.url, "--find-knee", "p50<1us", "--rate", "4", "--repeat", "1", "--duration", "400ms",
                    "--warmup", "0s", "--max-lag", "10s", expect=(1, 3))
    equal((answer["knee"]["found"], answer["kind"]), (False, "knee"), "no knee")
    kept = [step["kept"] for step in answer["steps"]]
    equal(kept, [False] * len(kept), "steps of an impossible search")
    # A search that ends because the generator is too slow has not found the server's knee.
    answer = result(test, daemon.url, "--find-knee", "p99<60s", "--rate", "200k", "--repeat", "1", "--duration", "100ms",
                    "--warmup", "0s", "--max-lag", "1us", "--timeout", "200", expect=3)
    equal((answer["valid"], answer["knee"]["boundedByGenerator"]), (False, True), "bounds of the search")


def comparison(test, daemon):
    paths = []
    for number in range(2):
        paths.append(test.path("%d.json" % number))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(bench(test, daemon.url, "--rate", "400", *LENIENT, "--duration", "3500ms", "--json").out)
    done = test.run([test.hirsch, "bench", "compare", *paths, "--tolerance", "100%"], expect=(0, 1))
    check("p99 from intended send" in done.out, "comparison: %s", done.out)
    with open(paths[0], encoding="utf-8") as file:
        measured = json.load(file)
    for path, answered in zip(paths, (300, 100)):
        for second in measured["steps"][0]["runs"][0]["series"]:
            second["answered"] = answered
        with open(path, "w", encoding="utf-8") as file:
            json.dump(measured, file)
    done = test.run([test.hirsch, "bench", "compare", *paths], expect=1)
    check("REGRESSION" in done.out and done.out.endswith("regression\n"), "comparison: %s", done.out)
    measured["steps"][0]["runs"][0]["series"][2:] = []
    with open(paths[1], "w", encoding="utf-8") as file:
        json.dump(measured, file)
    done = test.run([test.hirsch, "bench", "compare", *paths], expect=65)
    check("nothing can be compared" in done.err, "a comparison of too little: %s", done.err)
    done = test.run([test.hirsch, "bench", "compare", *paths, "--rate", "5"], expect=64)
    check("--rate does not go with 'bench compare'" in done.err, "options of compare: %s", done.err)
    test.run([test.hirsch, "bench", "compare", paths[0], SCHEMA], expect=65)
    test.run([test.hirsch, "bench", "compare", paths[0], test.path("none")], expect=66)


def ids_file(test):
    path = test.path("one-id")
    with open(path, "w", encoding="ascii") as file:
        file.write("local:x\n")
    return path


def writes(test, daemon):
    """Puts made papers between reads: all of them are there afterwards, with what they cite. Another run has other papers,
    whatever its seed."""
    workload = test.path("writes.txt")
    with open(workload, "w", encoding="ascii") as file:
        file.write("1 GetAuthor\n1 PutRecords batch=3 references=5 authors=2\n")
    before = test.ask(daemon.url, "call", "DatasetService/GetDataset", "{}")["dataset"]
    for client in ("sp", "libhirsch"):
        answer = result(test, daemon.url, "--workload", workload, "--rate", "80", "--client", client, "--verify", "100%",
                        "--timeout", "60000", *LENIENT)
        equal((answer["result"]["failedShare"], answer["result"]["firstFault"]), (0, None), "faults of writes")
        after = test.ask(daemon.url, "call", "DatasetService/GetDataset", "{}")["dataset"]
        put = [one["answered"] for one in answer["result"]["operations"]][1]
        check(after["paperCount"] - before["paperCount"] >= 3 * put > 0, "%s papers more after %s puts of three",
              after["paperCount"] - before["paperCount"], put)
        check(int(after["citationCount"]) - int(before["citationCount"]) >= 10 * put, "citations of %s puts", put)
        before = after


def standing(test):
    """A server that stands still for 1 s of 3: a third of all requests wait for it, half a second on average. The time
    from the actual sending hides what waited unsent for a free place; that from the intended one does not."""
    server = StandingServer(0.8, 1.0)
    answer = result(test, server.url, "--ids", ids_file(test), "--rate", "500", "--duration", "3s", "--warmup", "0s",
                    "-c", "2", "--depth", "8", "--verify", "0", "--max-lag", "10s")
    server.close()
    check(server.stood, "the server never stood still")
    both = answer["result"]["latency"]
    check(both["fromIntendedSend"]["p90Us"] > 400e3, "p90 from intended send: %s us", both["fromIntendedSend"]["p90Us"])
    check(both["fromIntendedSend"]["p99Us"] > 800e3, "p99 from intended send: %s us", both["fromIntendedSend"]["p99Us"])
    # Both grow when this server is slow because the machine has other things to do.
    check(both["fromActualSend"]["p90Us"] < 0.75 * both["fromIntendedSend"]["p90Us"], "p90 from actual send: %s us, from "
          "intended send: %s us", both["fromActualSend"]["p90Us"], both["fromIntendedSend"]["p90Us"])
    equal(answer["dataset"], None, "dataset")


def faults(test):
    server = StandingServer(0.3, 10)
    answer = result(test, server.url, "--ids", ids_file(test), "--rate", "200", "--duration", "1s", "--warmup", "0s", "-c",
                    "1", "--depth", "5", "--verify", "0", "--timeout", "300", "--slo", "errors<1%", "--max-lag", "10s",
                    expect=1)
    server.close()
    figures = answer["result"]
    check(figures["timedOut"] >= 5 and figures["dropped"] > 20, "timed out %s, dropped %s", figures["timedOut"],
          figures["dropped"])
    server = StandingServer(0.3, 0, reset=True)
    answer = result(test, server.url, "--ids", ids_file(test), "--rate", "500", "--duration", "3s", "--warmup", "0s", "-c",
                    "2", "--verify", "0", "--max-lag", "10s", expect=(0, 1, 3))
    server.close()
    check(answer["result"]["lost"] > 0 and answer["result"]["reconnects"] > 0, "lost %s", answer["result"]["lost"])
    check(re.search("reset by peer|Broken pipe|closed the connection", answer["result"]["firstFault"]), "why: %s",
          answer["result"]["firstFault"])
    # Answers that are not what the schema says, seen by verification.
    server = StandingServer(100, 0)
    answer = result(test, server.url, "--ids", ids_file(test), "--rate", "200", "--duration", "500ms", "--warmup", "0s",
                    "--verify", "100%", "--max-lag", "10s", "--slo", "errors<50%", expect=1)
    equal(answer["result"]["wrong"], answer["result"]["scheduled"], "wrong answers")
    # A sample finds few of them, whatever share that is of all.
    sampled = bench(test, server.url, "--ids", ids_file(test), "--rate", "200", "--duration", "500ms", "--warmup", "0s",
                    "--verify", "20%", "--max-lag", "10s", expect=1)
    server.close()
    check("verified answers were wrong" in sampled.err, "stderr: %s", sampled.err)


def invalid(test, daemon):
    """More than any generator can send: it says that it was the limit, and fails. What it does not send it counts all the
    same, each for itself, and a slow build takes long for what this one leaves it with."""
    rate, connections = ("5M", "10") if test.short else ("90M", "200")
    done = bench(test, daemon.url, "--rate", rate, "--duration", "300ms", "--warmup", "0s", "--depth", "4096", "-c", connections,
                 "--timeout", "500", "--max-lag", "1ms", expect=3)
    check("INVALID: " in done.out and "hirsch: INVALID: " in done.err, "%s%s", done.out, done.err)
    # What it left in the daemon's sockets is still overload.
    end = time.monotonic() + test.deadline_s
    while test.client(daemon.url, "sample", "authors", expect=None).returncode != 0:
        check(time.monotonic() < end, "the daemon does not recover")


def half_a_sweep(test):
    """A server that is gone before the second step: the first is shown all the same. Tried again when it went too late."""
    end, code = time.monotonic() + test.deadline_s, 0
    while code == 0:
        check(time.monotonic() < end, "the server never goes before the second step")
        code, out, err = sweep(test)
    equal(code, 69, "exit code of half a sweep")
    check("connections came up" in err, "why: %s", err)
    answer = json.loads(out)
    equal(([step["targetRate"] for step in answer["steps"]], answer["interrupted"]), ([100], True), "steps")


def sweep(test):
    """Exit code and outputs of two steps whose server goes in the first one."""
    server = StandingServer(100, 0)
    run = subprocess.Popen([test.hirsch, "-s", server.url, "bench", "--ids", ids_file(test), "--sweep", "100:200:100",
                            "--processes", "3", "--repeat", "1", "--duration", "2s", "--warmup", "0s", "--verify", "0",
                            "--max-lag", "10s", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [run.stderr.readline() for _ in range(2)]
        check(" s " in lines[1], "the first second: %s", lines)
        server.close()
        out, err = run.communicate(timeout=test.deadline_s)
    finally:
        if run.poll() is None:
            run.kill()
        run.wait()
    return run.returncode, out, err


def wrong_use(test, daemon):
    for arguments in (("--rate", "0"), ("--closed", "--rate", "5"), ("--sweep", "5:1:1"), ("--slo", "p99<5"),
                      ("--keys", "normal"), ("compare", "a"), ("--processes", "9", "-c", "2"), ("--depth", "5000"),
                      ("--closed", "--sweep", "1:2:1"), ("--duration", "7h"), ("record", "a", "b"), ("--tolerance", "5%"),
                      ("--sweep", "1:1000:1"), ("--keys", "zipf:0"), ("--find-knee", "p99<2"), ("-s", "http://127.0.0.1")):
        done = bench(test, daemon.url, *arguments, expect=64)
        check(done.err.startswith("hirsch: ") and done.err.count("\n") == 1, "%s: %s", arguments, done.err)
    done = bench(test, daemon.url, "--slo", "p99<5ms,eror<1%", expect=64)
    check("--slo: 'eror<1%': the measures are" in done.err, "which objective is wrong: %s", done.err)
    for option in ("--workload", "--ids"):
        done = bench(test, daemon.url, option, test.path("none"), expect=66)
        equal(done.err.count("\n"), 1, "one line: %s" % done.err)
    bench(test, test.tcp(), "--duration", "1s", expect=69)


def interrupted(test, daemon):
    """What was measured until then is shown, and the exit code says so."""
    for form in ("--json", "--color=never"):
        interrupt(test, daemon, form)


def interrupt(test, daemon, form):
    run = subprocess.Popen([test.hirsch, "-s", daemon.url, "bench", "--rate", "200", "--duration", "100s", form],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        first = run.stderr.readline()
        check("open loop" in first, "the first line: %s", first)
        second = run.stderr.readline()
        check("s " in second, "a line a second: %s", second)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=test.deadline_s)
    finally:
        if run.poll() is None:
            run.kill()
        run.wait()
    equal(run.returncode, 130, "exit code of an interrupted run")
    if form == "--json":
        equal(json.loads(out)["interrupted"], True, "an interrupted run")
    else:
        check("interrupted: " in out, "text of an interrupted run: %s", out)


def body(test):
    data = test.path("data")
    records = test.path("made.jsonl")
    test.run([test.generate, "--authors", "300", "--papers", "600", "--seed", "3", "--output", records])
    test.load(data, [records, SEED_FILE], form="hirsch")
    with test.serve(data, test.tcp(), test.ipc()) as daemon:
        for part in (open_loop, closed_loop, mixed, files, full_disk, series, comparison, writes, invalid, wrong_use,
                     interrupted):
            part(test, daemon)
    standing(test)
    faults(test)
    half_a_sweep(test)


if __name__ == "__main__":
    Test(__doc__).main(body)
