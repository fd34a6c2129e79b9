#!/usr/bin/env python3
"""The check graph of metrics through the daemon: every value of cd and mcd, and numbers of its papers as a set on days."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402
import metrics_oracle as oracle  # noqa: E402
import test_metrics_data as known  # noqa: E402

CD = {0: 1, 1: 1, 2: 1, 3: 1, 4: 1 / 6, 5: 0, 6: 0, 9: 0, 10: 0, 7: "NO_CANDIDATES", 8: "NO_CANDIDATES"}


def day_text(vertex):
    return oracle.date_of(known.UNIX_EPOCH + known.CHECK_TIMES[vertex] // 86400).isoformat()


def line_of(record):
    return json.dumps(record).encode("ascii")


def records():
    for vertex in range(len(known.CHECK_TIMES)):
        yield line_of({"type": "paper", "id": "local:v%d" % vertex, "title": "v%d" % vertex, "date": day_text(vertex),
                          "authors": [{"id": "local:a%d" % (vertex % 2), "name": "A %d" % (vertex % 2)}],
                          "references": ["local:v%d" % cited for citing, cited in known.CHECK_EDGES
                                         if citing == vertex]})
    yield line_of({"type": "citation", "citing": "local:v10", "cited": "local:stub"})


def near(found, wanted, what):
    check(abs(found - wanted) < 1e-12, "%s: %r, expected %r", what, found, wanted)


def value(metrics, name):
    """The value, or the reason that stands beside it."""
    return metrics[name] if metrics.get(name) is not None else metrics[name + "Undefined"]


def check_papers(ask):
    for vertex in range(11):
        strict = ask("GetPaperMetrics", {"id": "local:v%d" % vertex, "options": {"windowDays": 1825}})["metrics"]
        free = ask("GetPaperMetrics", {"id": "local:v%d" % vertex,
                                       "options": {"windowDays": 1825,
                                                   "referenceFree": "REFERENCE_FREE_RULE_ONE"}})["metrics"]
        found = value(free, "cd")
        if isinstance(CD[vertex], str):
            check(CD[vertex] in found, "cd of v%d: %r", vertex, found)
        else:
            near(found, CD[vertex], "cd of v%d" % vertex)
        if vertex < 4:
            check("NO_REFERENCES" in value(strict, "cd"), "strict cd of v%d: %r", vertex, strict)
    for vertex, options, wanted in ((2, {"windowDays": 1825}, 2), (4, {"windowDays": 1825}, 5 / 6),
                                    (2, {"windowYears": 5}, 3), (3, {"windowYears": 5}, 2)):
        options["referenceFree"] = "REFERENCE_FREE_RULE_ONE"
        found = ask("GetPaperMetrics", {"id": "local:v%d" % vertex, "options": options})["metrics"]
        near(found["mcd"], wanted, "mcd of v%d with %s" % (vertex, options))


def check_nonsense(test, ask, url):
    """The documented answer to requests that make no sense."""
    for request, word in (({"set": []}, "0 terms"),
                          ({"set": [{"author": "local:a0"}, {"operator": "SET_OPERATOR_UNION"}]}, "term 2"),
                          ({"set": [{"years": {"first": 1990, "last": 1999}}],
                            "scope": {"selfCitations": "SELF_CITATIONS_EXCLUDE_OWN"}}, "author")):
        done = test.client(url, "call", "MetricsService/ComputeMetrics", json.dumps(request), expect=(64, 65))
        text = done.stderr.decode("utf-8")
        check(word in text, "%s: %s", request, text)
    early = ask("ComputeMetrics", {"set": [{"author": "local:a0"}], "scope": {"asOf": "1500-01-01"}})["metrics"]
    equal((early["paperCount"], early["citationCount"], early["hIndex"]), (0, 0, 0), "a day before every paper")
    check("NO_PAPERS" in early["mQuotientUndefined"], "m of no papers: %r", early)
    stub = ask("GetPaperMetrics", {"id": "local:stub"})["metrics"]
    check("NO_DATE" in value(stub, "cd"), "cd of a stub: %r", stub)


def check_counters(ask, url, test):
    """The counters that stand in the store are what the engine computes."""
    for author in ("local:a0", "local:a1"):
        stored = test.ask(url, "author", author)["metrics"]
        computed = ask("ComputeMetrics", {"set": [{"author": author}]})["metrics"]
        for name in ("paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex", "i10Index", "i100Index",
                     "selfCitationCount", "mQuotient"):
            equal(computed[name], stored[name], "%s of %s, computed and counted" % (name, author))


def body(test):
    data = test.path("data")
    test.load(data, [write_lines(test.path("check.jsonl"), records())], form="hirsch")
    with test.serve(data) as daemon:
        def ask(method, request):
            done = test.client(daemon.url, "call", "MetricsService/" + method, json.dumps(request))
            return json.loads(done.stdout)
        check_papers(ask)
        check_nonsense(test, ask, daemon.url)
        check_counters(ask, daemon.url, test)
        answer = ask("ComputeMetrics", {"set": [{"author": "local:a0"}, {"author": "local:a1"},
                                                {"operator": "SET_OPERATOR_UNION"}]})["metrics"]
        equal({name: answer[name] for name in ("paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex")},
              {"paperCount": 11, "citationCount": 13, "citingPaperCount": 7, "hIndex": 2, "gIndex": 3},
              "numbers of the whole check graph")


if __name__ == "__main__":
    Test(__doc__).main(body)
