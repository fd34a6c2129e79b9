#!/usr/bin/env python3
"""What a set of papers may be: 100,000 papers and not one more, 10,000 ids in a list; a deadline ends a computation beside the
event loops. And what h, g and i10 are made of, day by day, and numbers on given days, through the daemon."""
import csv
import datetime
import io
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402
from operations import metric  # noqa: E402
from hirsch_client import Connection, field  # noqa: E402

SET_MOST, IDS_MOST, REQUEST_MOST = 100000, 10000, 8 << 20
COUNTS = [10, 9, 5, 1, 0, 0, 0]
CITING = max(COUNTS)
RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED = 8, 4


def day_of(number):
    return (datetime.date(2001, 1, 1) + datetime.timedelta(days=number)).isoformat()


def paper(name, date, **more):
    return json.dumps({"type": "paper", "id": "local:" + name, "title": name, "date": date, "source": "test", **more}).encode()


def records():
    """100,001 papers of one field and author, one of them older; and a few of an author whose papers are cited COUNTS times,
    once a day each."""
    for number in range(SET_MOST + 1):
        yield paper("p%d" % number, "1999" if number == 0 else "2000-05", field="cs.LG",
                    authors=[{"id": "local:wide", "name": "Wide"}],
                    references=["local:p%d" % other for other in range(max(0, number - 4), number)])
    for number, _ in enumerate(COUNTS):
        yield paper("few%d" % number, "1998", authors=[{"id": "local:few", "name": "Few"}])
    for number in range(CITING):
        yield paper("citing%d" % number, day_of(number),
                    references=["local:few%d" % cited for cited, count in enumerate(COUNTS) if number < count])


def h_of(counts):
    return max([rank for rank, count in enumerate(sorted(counts, reverse=True), 1) if count >= rank], default=0)


def g_of(counts):
    counts = sorted(counts, reverse=True)
    return max([rank for rank in range(1, len(counts) + 1) if sum(counts[:rank]) >= rank * rank], default=0)


def i10_of(counts):
    return sum(count >= 10 for count in counts)


def steps_of(number_of):
    """The day on which each value was first reached."""
    reached, steps = 0, []
    for day in range(CITING):
        value = number_of([min(count, day + 1) for count in COUNTS])
        steps += [{"value": step, "day": day_of(day)} for step in range(reached + 1, value + 1)]
        reached = max(reached, value)
    return steps


def check_explained(test, url):
    # By hand: h = 3, the 4th paper lacks 3; g = 5 with 25 citations, 36 are needed; the one with 9 lacks one for i10.
    for name, number_of, value, witnesses, nearest, missing in (
            ("h", h_of, 3, [10, 9, 5], [(10, 0), (9, 0), (5, 0), (1, 3)], 3),
            ("g", g_of, 5, [10, 9, 5, 1, 0], [(10, None), (9, None), (5, None), (1, None), (0, None), (0, None)], 11),
            ("i10", i10_of, 1, [10], [(9, 1), (5, 5), (1, 9), (0, 10), (0, 10), (0, 10)], 1)):
        found = json.loads(test.client(url, "metrics", "local:few", "--explain", name, "--json").out)["set"]
        equal(found["value"], value, name)
        equal([one["citationCount"] for one in found["witnesses"]], witnesses, "papers that make " + name)
        equal([(one["citationCount"], None if name == "g" else one["missing"]) for one in found["nearest"]], nearest,
              "papers nearest to the next " + name)
        equal((found["missingCitations"], found["needsPaper"]), (missing, False), "what the next %s lacks" % name)
        equal(found["steps"], steps_of(number_of), "days on which %s grew" % name)
        text = test.client(url, "metrics", "local:few", "--explain", name).out
        check("few0" in text, "%s explained: %s", name, text)
    short = json.loads(test.client(url, "metrics", "local:few", "--explain", "i10", "--limit", "2", "--json").out)["set"]
    equal((len(short["nearest"]), short["moreNearest"]), (2, 4), "papers beyond --limit")


def check_days(test, url):
    days = [day_of(0), day_of(4), day_of(CITING + 100)]
    wanted = [[min(count, seen) for count in COUNTS] for seen in (1, 5, CITING)]
    rows = json.loads(test.client(url, "metrics", "local:few", "--days", ",".join(days), "--json").out)["timeline"]
    equal([(row["day"], row["citationCount"], row["hIndex"], row["gIndex"], row["i10Index"]) for row in rows],
          [(day, sum(counts), h_of(counts), g_of(counts), i10_of(counts)) for day, counts in zip(days, wanted)], "given days")
    table = test.client(url, "metrics", "local:few", "--days", ",".join(days)).out
    check([line.split()[0] for line in table.splitlines()[1:4]] == days, "days as a table: %s", table)
    lines = list(csv.DictReader(io.StringIO(test.client(url, "metrics", "local:few", "--days", ",".join(days), "--csv").out)))
    equal([(line["day"], int(line["h_index"])) for line in lines], [(day, h_of(counts)) for day, counts in zip(days, wanted)],
          "days as CSV")
    for more, code, word in ((["--as-of", days[0]], 64, "--as-of"), (["--timeline"], 64, "--timeline"),
                             (["--explain", "h"], 64, "--explain"), (["--days", days[1] + "," + days[0]], 65, "ascend"),
                             (["--days", "2001"], 65, "days")):
        said = test.client(url, "metrics", "local:few", "--days", days[0], *more, expect=code).err
        check(word in said, "--days with %s: %s", more, said)


def ask(url, method, payload, timeout_ms=120000):
    return Connection(url, 120).call("hirsch.v1.MetricsService/" + method, payload, timeout_ms)


def check_sizes(url):
    wide, lg = field(1, field(1, "local:wide")), field(1, field(4, "cs.LG"))
    for what, terms in (("an author", wide), ("a field", lg), ("a part of a set", wide + field(1, field(2, "local:p1")) +
                                                              field(1, field(7, 2)))):
        for method in ("ComputeMetrics", "GetTimeline"):
            code, text, _ = ask(url, method, terms)
            equal(code, RESOURCE_EXHAUSTED, "%s of 100,001 papers: %s" % (what, text))
            check("100000" in text, "%s: the limit is not told: %s", what, text)
    code, text, _ = ask(url, "ComputeMetrics", lg + field(1, field(5, field(1, 2000))) + field(1, field(7, 2)))
    equal(code, 0, "a set of 100,000 papers: " + text)
    ids = [b"local:p%d" % number for number in range(IDS_MOST + 1)]
    for count, wanted in ((IDS_MOST, 0), (IDS_MOST + 1, RESOURCE_EXHAUSTED)):
        code, text, _ = ask(url, "ComputeMetrics", field(1, field(3, b"".join(field(1, one) for one in ids[:count]))))
        equal(code, wanted, "%d ids: %s" % (count, text))
    # Ten million papers by name are more than a request may be: the connection ends without a word.
    connection = Connection(url, 120)
    connection.socket.sendall(connection.head + (10000000 * len(ids[-1])).to_bytes(8, "big"))
    equal(connection.socket.recv(1), b"", "a request of ten million ids")


def expired(daemon):
    """Requests whose deadline passed before anybody began with them."""
    return metric(daemon, "hirsch_work_expired_total") + metric(daemon, "hirsch_requests_expired_total")


def timed(url, question, timeout_ms):
    started = time.monotonic()
    code, text, _ = ask(url, "ComputeMetrics", question, timeout_ms)
    return code, text, time.monotonic() - started


def check_deadline(daemon):
    """The work is begun, and does not go on to its own end."""
    url = daemon.url
    question = field(1, field(4, "cs.LG")) + field(1, field(5, field(1, 2000))) + field(1, field(7, 2)) + b"".join(
        field(3, group) for group in range(1, 7))
    code, text, whole_s = timed(url, question, 120000)
    equal(code, 0, "all numbers of 100,000 papers: " + text)
    begun = early = False
    for _ in range(20):
        before = expired(daemon)
        code, text, took_s = timed(url, question, max(1, int(whole_s * 1000 / 8)))
        if code == 0:
            # The whole question was asked while the machine had other things to do.
            whole_s = took_s
            continue
        equal(code, DEADLINE_EXCEEDED, "an eighth of the time for 100,000 papers: " + text)
        begun = begun or expired(daemon) == before
        early = early or (begun and took_s < whole_s / 2)
        if early:
            break
    check(begun, "the deadline always passed before the work was begun")
    check(early, "a computation goes on after its deadline: it took %.3f s of %.3f s", took_s, whole_s)
    equal(ask(url, "ComputeMetrics", field(1, field(1, "local:few")))[0], 0, "the next question")


def body(test):
    data = test.path("data")
    write_lines(test.path("records.jsonl"), list(records()))
    test.load(data, [test.path("records.jsonl")], "hirsch")
    with test.serve(data, test.ipc(), more=("--http", "127.0.0.1:0")) as daemon:
        check_explained(test, daemon.url)
        check_days(test, daemon.url)
        check_sizes(daemon.url)
        check_deadline(daemon)
    print("h, g and i10 explained, given days, sets of 100,000 and more papers, a deadline")


if __name__ == "__main__":
    Test(__doc__).main(body)
