#!/usr/bin/env python3
"""The numbers of the check graph through the daemon, timeline against as_of, cohorts after a refresh, and requests that make no
sense."""
import csv
import datetime
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402

TIMES = [694224000, 694224000, 725846400, 725846400, 788918400, 852076800, 883612800, 915148800, 915148800, 883612800, 852076800]
EDGES = [tuple(map(int, edge.split(">"))) for edge in "4>2 4>0 4>1 4>3 5>2 6>2 6>4 7>4 8>4 9>4 9>1 9>3 10>4".split()]
KEYS = ["paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex", "i10Index", "i100Index", "mQuotient", "tori", "riq"]
CD = {0: 1, 1: 1, 2: 1, 3: 1, 4: 1 / 6, 5: 0, 6: 0, 7: None, 8: None, 9: 0, 10: 0}
COHORT = 31


def paper(name, **more):
    return json.dumps({"type": "paper", "id": "local:" + name, "title": "Paper " + name, "field": "cs.LG", "kind": "article",
                       "source": "test", **more}).encode()


def records():
    for number, seconds in enumerate(TIMES):
        day = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date().isoformat()
        yield paper("v%d" % number, date=day, authors=[{"id": "local:a", "name": "Ann"}],
                    references=["local:v%d" % cited for citing, cited in EDGES if citing == number])
    for number in range(COHORT):
        yield paper("c%d" % number, date="1970-03-01", authors=[{"id": "local:b+c", "name": "Bob"}])
        yield paper("d%d" % number, date="1971-03-01", kind="review", authors=[{"id": "local:d", "name": "Dan"}],
                    references=["local:c%d" % other for other in range(number + 1)] + ["local:stub"])
    yield paper("cut", date="1990", authors=[{"id": "local:e", "name": "Eve"}], authors_truncated=True)


def indicators(test, url, number, **options):
    request = {"id": "local:v%d" % number, "options": {"referenceFree": "REFERENCE_FREE_RULE_ONE", **options}}
    return json.loads(test.client(url, "call", "MetricsService/GetPaperMetrics", json.dumps(request)).out)["metrics"]


def check_graph(test, url):
    for number, cd in CD.items():
        found = indicators(test, url, number, windowDays=1825)
        if cd is None:
            equal((found.get("cd"), found["cdUndefined"]), (None, "NO_CANDIDATES"), "cd of v%d" % number)
        else:
            check(abs(found["cd"] - cd) < 1e-12, "cd of v%d is %s", number, found["cd"])
    equal([indicators(test, url, 2, windowDays=1825)["mcd"], indicators(test, url, 2)["mcd"],
           indicators(test, url, 3)["mcd"]], [2, 3, 2], "mcd by days and by years")
    check(abs(indicators(test, url, 4, windowDays=1825)["mcd"] - 5 / 6) < 1e-12, "mcd of v4")
    plain = json.loads(test.client(url, "paper", "local:v2", "--metrics", "--json").out)
    equal((plain["cdUndefined"], "cd" in plain), ("NO_REFERENCES", False), "cd without references")


def metrics(test, url, *arguments):
    return json.loads(test.client(url, "metrics", *arguments, "--json").out)


def check_paper_scope(test, url):
    """The scope of the command is that of the request: one paper and several, by all days and rules."""
    names = ["local:v2", "local:v4", "local:c0"]
    for scope, more in (({}, []), ({"asOf": "1997-12-31"}, ["--as-of", "1997-12-31"]),
                        ({"selfCitations": "SELF_CITATIONS_EXCLUDE_COAUTHOR"}, ["--self-citations", "coauthor"]),
                        ({"asOf": "1998-06-01", "selfCitations": "SELF_CITATIONS_INCLUDE"},
                         ["--as-of=1998-06-01", "--self-citations=include"])):
        asked = json.loads(test.client(url, "call", "MetricsService/BatchGetPaperMetrics",
                                       json.dumps({"ids": names, "scope": scope})).out)["results"]
        lines = test.client(url, "paper", *names, "--metrics", "--json", *more).out.splitlines()
        equal([json.loads(line) for line in lines], [one["metrics"] for one in asked], "papers %s" % more)
        equal(test.client(url, "paper", names[1], "--metrics", "--json", *more).out, lines[1] + "\n", "a paper %s" % more)
    page = test.client(url, "paper", "local:v4", "--metrics", "--as-of", "1997-12-31").out
    check("1997-12-31" in page, "the page says its day: %s", page)
    for word, more, code in (("as_of", ["--as-of", "1997"], 65), ("coauthor", ["--self-citations", "own"], 64)):
        said = test.client(url, "paper", "local:v4", "--metrics", *more, expect=code).err
        check(word in said, "%s: %s", more, said)
    said = test.client(url, "paper", "local:v4", "--as-of", "1997-12-31", expect=64).err
    check("--as-of goes with --metrics only" in said, "a scope without --metrics: %s", said)


def check_timeline(test, url):
    for rule in ("include", "own", "coauthor", "set"):
        for counting in ("full", "fractional"):
            scope = ["--self-citations", rule, "--counting", counting]
            rows = metrics(test, url, "local:a", "--timeline", *scope)["timeline"]
            equal([row["year"] for row in rows], list(range(1992, 2000)), "years")
            for row in rows:
                plain = metrics(test, url, "local:a", "--as-of", row["day"], *scope)
                equal({key: row.get(key) for key in KEYS}, {key: plain.get(key) for key in KEYS}, "%s %s" % (row["day"], scope))
    days = json.loads(test.client(url, "call", "MetricsService/GetTimeline", json.dumps(
        {"set": [{"author": "local:a"}], "days": ["1995-01-01", "1998-06-01"]})).out)["timeline"]
    equal([(row["day"], row["hIndex"]) for row in days], [("1995-01-01", 1), ("1998-06-01", 2)], "given days")


def check_expressions(test, url):
    counts = {"local:a": 11, "local:a + local:b+c": 11 + COHORT, "local:a - (local:v1 + local:v2)": 9, "local:a & year:1998-": 4,
              "field:cs.LG & kind:review": COHORT, "year:1970-1970": COHORT, "(local:a + local:b+c) & local:v1": 1}
    for text, count in counts.items():
        equal(metrics(test, url, text)["paperCount"], count, text)
    equal(test.client(url, "metrics", "(local:a", expect=64).out, "", "an open parenthesis")
    test.client(url, "metrics", "local:nobody", expect=4)
    explained = json.loads(test.client(url, "metrics", "local:a", "--explain", "h", "--json").out)["set"]
    equal((explained["value"], [one["citationCount"] for one in explained["witnesses"]], explained["missingCitations"],
           explained["steps"]), (2, [5, 3], 1, [{"value": 1, "day": "1995-01-01"}, {"value": 2, "day": "1998-01-01"}]), "h of a")
    for more, first in ((["--timeline"], "local:a\n"), (["--timeline", "--csv"], "expression,year,")):
        said = test.client(url, "metrics", "--compare", "local:a", "local:b+c", *more).out
        check(said.startswith(first) and said.count("local:b+c") and said.count(first) == 1, "two timelines: %s", said)
    said = test.client(url, "metrics", "local:a", "--explain", "cd", expect=65).err
    check("CD is a paper's" in said, "cd of an author: %s", said)
    for more in (["--timeline"], ["--timeline", "--csv"], ["--explain", "g"], ["--compare", "local:d"], []):
        check(test.client(url, "metrics", *(["local:a"] + more)).out.count("\n") > 3, "%s prints nothing", more)


def check_switches(test, url):
    """The options of the command, each on papers that it lets through."""
    for more, count in ((["--years", "1995-1998"], 5), (["--years", "-1992"], 2), (["--years", "1999"], 2),
                        (["--field", "cs.LG"], 11), (["--field", "cs.DB"], 0), (["--position", "first"], 11),
                        (["--position", "last"], 0), (["--position", "single"], 11)):
        equal(metrics(test, url, "local:a", *more)["paperCount"], count, " ".join(more))
    found = metrics(test, url, "local:a", "--groups", "basic,buckets")
    equal(("paperCount" in found, "hIndex" in found, len(found["buckets"]), "histograms" in found), (True, False, 7, False),
          "--groups")
    for metric, word in (("cd", "references"), ("fwci", "cohort"), ("percentile", "cohort")):
        said = test.client(url, "metrics", "local:v4" if metric == "cd" else "local:c3", "--explain", metric).out
        check(said.count(metric) and word in said, "%s explained: %s", metric, said)


def check_nonsense(test, url):
    codes = [notes["code"] for notes in metrics(test, url, "local:a", "--as-of", "1980-01-01")["scope"]["notes"]]
    equal(codes, ["BEFORE_FIRST_PAPER"], "a day before every paper")
    codes = [notes["code"] for notes in metrics(test, url, "local:e", "--counting", "fractional")["scope"]["notes"]]
    equal(codes, ["FRACTIONAL_UPPER_BOUND"], "fractions of a cut list")
    stub = json.loads(test.client(url, "paper", "local:stub", "--metrics", "--json").out)
    equal((stub["stub"], stub["cdUndefined"], stub["percentileUndefined"]), (True, "NO_DATE", "NO_COHORT"), "cd of a stub")
    for request, words in (({"set": []}, "set"), ({"set": [{"author": "x"}]}, "field set: term 1: field author: id "),
                           ({"set": [{"author": "local:a"}], "scope": {"asOf": "2001"}}, "as_of"),
                           ({"set": [{"paper": "local:v1"}], "scope": {"selfCitations": "SELF_CITATIONS_EXCLUDE_OWN"}}, "scope")):
        said = test.client(url, "call", "MetricsService/ComputeMetrics", json.dumps(request), expect=65)
        check(words in said.err, "%s: %s", request, said.err)
    # An author who is not here is named all the same: an empty set under every rule.
    for scope in ({}, {"selfCitations": "SELF_CITATIONS_EXCLUDE_OWN"}, {"position": "AUTHOR_POSITION_FIRST"}):
        for method in ("ComputeMetrics", "GetTimeline"):
            request = {"set": [{"author": "local:nobody"}], "scope": scope}
            answer = json.loads(test.client(url, "call", "MetricsService/" + method, json.dumps(request)).out)
            equal(answer.get("metrics", answer)["unknownIds"], ["local:nobody"], "%s under %s" % (method, scope))


def check_cohort(test, url):
    """c0 … c30 have 31 … 1 citations: mid-ranks without ties, means of 50 and 1."""
    found = [json.loads(test.client(url, "paper", "local:c%d" % n, "--metrics", "--json").out) for n in range(COHORT)]
    for number, one in enumerate(found):
        check(abs(one["percentile"] - 100 * (COHORT - 1 - number) / (COHORT - 1)) < 1e-9, "percentile of c%d: %s", number, one)
        equal((one["cohort"]["size"], one["cohort"]["field"]), (COHORT, "arxiv/cs.LG"), "cohort")
    check(abs(sum(one["percentile"] for one in found) / COHORT - 50) < 1e-9, "mean percentile")
    check(abs(sum(one["fwci"] for one in found) / COHORT - 1) < 1e-9, "mean fwci")
    small = json.loads(test.client(url, "paper", "local:v4", "--metrics", "--json").out)
    equal((small["percentileUndefined"], small["fwciUndefined"]), ("COHORT_TOO_SMALL",) * 2, "a cohort of one")


def check_export(test, data):
    lines = {line["id"]: line["metrics"] for line in map(json.loads, test.job("export", data, "--metrics", "jsonl").out.splitlines())}
    counts = {"local:a": 11, "local:b+c": COHORT, "local:d": COHORT, "local:e": 1}
    equal({name: metrics["paperCount"] for name, metrics in lines.items()}, counts, "authors of the export")
    for name, metrics in lines.items():
        equal(sum(bucket["paperCount"] for bucket in metrics["buckets"]), counts[name], "buckets of " + name)
        equal(metrics["timeline"][-1]["hIndex"], metrics["hIndex"], "the last year of " + name)
        check(metrics["histograms"]["years"], "%s has no histograms", name)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(test.job("export", data, "--metrics", "csv").out))}
    equal([[rows["local:a"][name] for name in ("h_index", "bucket_0", "bucket_1", "self_citations", "tori_self_citations", "g_rule")]],
          [["2", "6", "5", "SELF_CITATIONS_INCLUDE", "SELF_CITATIONS_EXCLUDE_SET", "G_RULE_ALL_PAPERS"]], "a row of an author")
    rows = list(csv.DictReader(io.StringIO(test.job("export", data, "--metrics", "csv", "--papers").out)))
    for of in ("--authors", "--papers"):
        whole, none = (test.job("export", data, "--metrics", "csv", of, "--since", since).out.splitlines() for since in ("0", "9999"))
        equal(none, whole[:1], "a table of %s without a row" % of)
    equal(len(rows), len(TIMES) + 2 * COHORT + 1, "papers of the export")
    rows = {row["id"]: row for row in rows}
    found = {name: (row["citation_count"], row["cd_undefined"], row["sequence"]) for name, row in rows.items()}
    equal((found["local:v4"], found["local:v8"][1]), (("5", "", "1"), "NO_CANDIDATES"), "rows of the export")
    equal([rows["local:c0"]["cohort_" + name] for name in ("size", "field", "kind", "sequence", "below")],
          [str(COHORT), "arxiv/cs.LG", "PAPER_KIND_ARTICLE", "1", str(COHORT - 1)], "the cohort in a row")
    equal(rows["local:cut"]["cohort_size"], "1", "a cohort of one")
    equal([rows["local:v4"]["cd_counts_" + name] for name in ("only_paper", "both", "only_references")], ["3", "2", "1"],
          "what cd is made of, in a row")
    equal(test.job("export", data, "--metrics", "jsonl", "--since", "1").out, "", "nothing has changed since")


def changed(test, data, what, since):
    return sorted(json.loads(line)["id"] for line in
                  test.job("export", data, "--metrics", "jsonl", what, "--since", str(since)).out.splitlines())


def check_refresh(test, daemon, data):
    """Beside a daemon, which does it: the cohorts are those of the last write when the job is done."""
    more = paper("c-more", date="1970-03-01", references=["local:c0"])
    put = json.loads(test.client(daemon.url, "put", "-", "--json", stdin=more + b"\n").out.splitlines()[-1])
    said = test.job("refresh", data).out
    check("by the daemon" in said, "a refresh beside a daemon: %s", said)
    cohort = json.loads(test.client(daemon.url, "paper", "local:c0", "--metrics", "--json").out)["cohort"]
    equal((cohort["size"], cohort["sequence"]), (COHORT + 1, str(put["sequence"])), "the cohort after a write")
    answer = json.loads(test.client(daemon.url, "call", "DatasetService/RefreshCohorts", "{}").out)
    equal(answer["sequence"], cohort["sequence"], "a refresh with nothing to do")
    before = int(put["sequence"]) - 1
    equal(changed(test, data, "--papers", before), ["local:c-more", "local:c0"], "papers whose numbers a put touched")
    equal(changed(test, data, "--authors", before), ["local:b+c"], "authors whose numbers it touched")
    # A paper that comes after one is gone does not take over its place in a cohort.
    test.client(daemon.url, "delete", "local:c-more")
    test.client(daemon.url, "put", "-", stdin=paper("late", date="1999-03-01", kind="review") + b"\n")
    late = json.loads(test.client(daemon.url, "paper", "local:late", "--metrics", "--json").out)
    equal(late.get("cohort", {}).get("year", 1999), 1999, "year of the cohort of a paper that came after the refresh")


def body(test):
    data = test.path("data")
    source = test.path("records.jsonl")
    write_lines(source, list(records()))
    test.load(data, [source], "hirsch")
    check("cohorts of" in test.job("refresh", data).out, "refresh says nothing")
    check("nothing has changed" in test.job("refresh", data).out, "a second refresh has something to do")
    test.verify(data)
    check_export(test, data)
    with test.serve(data, test.ipc()) as daemon:
        for part in (check_graph, check_paper_scope, check_timeline, check_expressions, check_switches, check_nonsense, check_cohort):
            part(test, daemon.url)
        check_refresh(test, daemon, data)
    with test.serve(data, test.ipc(), more=("--read-only",)) as daemon:
        test.client(daemon.url, "call", "DatasetService/RefreshCohorts", "{}", expect=78)
        check("only reads" in test.job("refresh", data, expect=78).err, "a refresh beside a daemon that only reads")
    test.verify(data)
    print("the check graph, its timeline under eight scopes, expressions, cohorts of %d and nonsense" % COHORT)


if __name__ == "__main__":
    Test(__doc__).main(body)
