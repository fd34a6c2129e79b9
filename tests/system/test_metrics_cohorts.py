#!/usr/bin/env python3
"""Cohorts that are refreshed from the log of changes are those of a store built anew: random puts and deletes, a refresh after
each round, and percentile, fwci and cohort of every paper under both rules beside those of a fresh import of the export; and
in the end beside the oracle's."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402
import metrics_graphs as graphs  # noqa: E402
import metrics_oracle as oracle  # noqa: E402

PAPERS, ROUNDS, ROUNDS_SHORT, CHANGES = 240, 2, 1, 16
# The day up to which the data is complete lies inside a year in which much happens.
END = "2003-06-15"
RULES = ("SELF_CITATIONS_INCLUDE", "SELF_CITATIONS_EXCLUDE_COAUTHOR")
NAMES = ("percentile", "percentileUndefined", "fwci", "fwciLower", "fwciUpper", "fwciUndefined", "fwciProvisional", "cohort")


class Records:
    """What is to stand: papers of few cohorts, whose dates, fields, kinds, authors and references change."""

    def __init__(self, random):
        self.random, self.version = random, 0
        self.papers = {number: self.paper(number) for number in range(PAPERS)}

    def date(self):
        year = self.random.choice((2000, 2000, 2000, 2002, 2003, 2003, 2003))
        return "%d-%02d-%02d" % (year, self.random.randint(1, 12), self.random.randint(1, 28))

    def paper(self, number):
        self.version += 1
        return {"type": "paper", "id": "local:p%d" % number, "title": "Paper %d" % number, "source": "test",
                "date": self.date() if self.random.random() < 0.9 else "2001",
                "kind": "article" if self.random.random() < 0.9 else "review",
                "field": "test/f%d" % self.random.choice((1, 1, 1, 2)),
                "authors": [{"id": "local:a%d" % author, "name": "A %d" % author}
                            for author in self.random.sample(range(12), 2)],
                "references": ["local:p%d" % other for other in self.random.sample(range(PAPERS), self.random.randint(0, 8))
                               if other != number],
                "updated": "2026-01-01T%02d:%02d:%02dZ" % (self.version // 3600, self.version // 60 % 60, self.version % 60)}

    def lines(self, numbers=None):
        return [json.dumps(self.papers[number]).encode() for number in (sorted(self.papers) if numbers is None else numbers)]

    def change(self, number):
        """One thing of a paper: what moves it or its citations, and what does not."""
        old, new = self.papers.get(number), self.paper(number)
        if old is None:
            self.papers[number] = new
            return
        what = self.random.choice(("date", "date", "field", "kind", "authors", "references", "title"))
        self.papers[number] = {**old, what: new[what] if what != "title" else "Another title", "updated": new["updated"]}


def answers(test, url):
    """By paper and rule; without the sequence of the store, which tells its history."""
    ids = ["local:p%d" % number for number in range(PAPERS)]
    found = {}
    for rule in RULES:
        request = {"ids": ids, "scope": {"selfCitations": rule}}
        done = test.client(url, "call", "MetricsService/BatchGetPaperMetrics", "-", stdin=json.dumps(request).encode())
        for result in json.loads(done.out)["results"]:
            metrics = result.get("metrics")
            if metrics is None:
                found[rule, result["id"]] = result["error"]["code"]
                continue
            chosen = {name: metrics.get(name) for name in NAMES}
            if chosen["cohort"] is not None:
                chosen["cohort"] = {name: value for name, value in chosen["cohort"].items() if name != "sequence"}
            found[rule, result["id"]] = chosen
    return found


def fresh(test, data, number):
    """The answers of a store that is built of the export, all papers counted anew."""
    other = test.path("fresh-%d" % number)
    test.load(other, [write_lines(test.path("export-%d.jsonl" % number), test.export(data).splitlines())], "hirsch",
              more=("--coverage-end", END))
    test.job("refresh", other)
    with test.serve(other, test.ipc("fresh")) as daemon:
        return answers(test, daemon.url)


def day_of(text):
    return oracle.day_of(*(int(part) for part in (text + "-01-01")[:10].split("-")))


def check_oracle(found, records):
    """The members of every cohort under both rules, by the oracle. What is newer than the data's end is in none, and cites
    nobody yet."""
    graph = oracle.Graph()
    graph.coverage_end = day_of(END)
    for number, record in records.papers.items():
        day = day_of(record["date"])
        authors = tuple((int(author["id"][7:]) + 1, place) for place, author in enumerate(record["authors"], 1))
        if day <= graph.coverage_end:
            graph.papers[number + 1] = oracle.Paper(day, 3, 0, False, record["kind"], record["field"], False, authors)
        graph.lines += [(number + 1, int(cited[7:]) + 1, None, 0) for cited in record["references"]]
    graph.finish()
    defined = 0
    for rule, self_citations in zip(RULES, (oracle.INCLUDE, oracle.COAUTHOR)):
        scope = oracle.Scope(as_of=graph.coverage_end, self_citations=self_citations)
        kept = {(oracle.year_of(paper.day), paper.field, paper.kind) for paper in graph.papers.values()}
        for year, field, kind in sorted(kept):
            for row in oracle.cohort(graph, scope, year, field, kind, False)["members"]:
                one = found[rule, "local:p%d" % (row["paper"] - 1)]
                cohort = one["cohort"]
                chosen = {"citations": cohort["citationCount"], "window": cohort["windowCitationCount"], "below": cohort["below"],
                          "equal": cohort["equal"], "percentile": one["percentileUndefined"] or one["percentile"],
                          "fwci": one["fwciUndefined"] or one["fwci"], "lower": one["fwciLower"] or 0,
                          "upper": one["fwciUpper"] or 0, "provisional": one["fwciProvisional"]}
                different = list(graphs.differences(chosen, {name: row[name] for name in chosen}))
                check(not different, "%s, paper %d: %s", rule, row["paper"] - 1, different)
                defined += not one["percentileUndefined"]
    check(defined > 60, "only %d numbers are defined", defined)


def same(found, wanted, what):
    different = [(key, found[key], wanted[key]) for key in wanted if found[key] != wanted[key]]
    check(not different, "%s: %d of %d differ, the first: %s", what, len(different), len(wanted), different[:1])


def recounted(test, data):
    """Papers counted anew by a refresh, and all that have a cohort."""
    said = test.job("refresh", data).out
    numbers = re.search(r"cohorts of (\d+) papers .* (\d+) papers counted anew", said)
    check(numbers is not None, "a refresh: %s", said)
    return int(numbers.group(2)), int(numbers.group(1))


def change_served(test, url, records):
    chosen = test.random.sample(range(PAPERS), CHANGES)
    gone = [number for number in chosen[:2] if number in records.papers]
    for number in chosen[2:]:
        records.change(number)
    test.client(url, "put", "-", stdin=b"\n".join(records.lines(chosen[2:])) + b"\n")
    if gone:
        test.client(url, "delete", *("local:p%d" % number for number in gone))
        for number in gone:
            del records.papers[number]
    return json.loads(test.client(url, "call", "DatasetService/RefreshCohorts", "{}").out)


def body(test):
    records = Records(test.random)
    data = test.path("data")
    test.load(data, [write_lines(test.path("records.jsonl"), records.lines())], "hirsch", more=("--coverage-end", END))
    rounds = ROUNDS_SHORT if test.short else ROUNDS
    anew, members = recounted(test, data)
    equal(anew, members, "papers counted by the first refresh")
    for number in range(rounds):
        with test.serve(data) as daemon:
            before = answers(test, daemon.url)
            change_served(test, daemon.url, records)
            after = answers(test, daemon.url)
        check(before != after, "a round of changes moves no number")
        values = [one["percentile"] for (rule, _), one in after.items() if rule == RULES[0] and isinstance(one, dict)
                  and one["percentile"] is not None]
        check(len(values) > 30, "only %d papers have a percentile", len(values))
        same(after, fresh(test, data, number), "round %d" % number)
    # Without a daemon: only what the change touched is counted.
    for number in test.random.sample(sorted(records.papers), 2):
        records.change(number)
        test.load(data, [write_lines(test.path("one.jsonl"), records.lines([number]))], "hirsch")
    anew, members = recounted(test, data)
    check(anew < members // 2, "%d of %d papers were counted anew after two changes", anew, members)
    with test.serve(data) as daemon:
        found = answers(test, daemon.url)
    same(found, fresh(test, data, rounds), "imports")
    check_oracle(found, records)
    test.verify(data)
    print("cohorts of %d papers after %d rounds of changes; in the end %d counted anew" % (members, rounds, anew))


if __name__ == "__main__":
    Test(__doc__).main(body)
