#!/usr/bin/env python3
"""The engine on known graphs and real records: the check graph with its published values, the ACL Anthology Network
(years only, closed citations) and hep-th (dated to the day).

Values of the check graph are written here; published ones and the records come from the folder of real data, and what
is not there is skipped by name. On the records the oracle says what is right, and a timeline is compared with plain
answers on every one of its days.
"""
import argparse
import collections
import gzip
import html
import json
import os
import random
import re
import sys

import metrics_graphs as graphs
import metrics_oracle as oracle

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNIX_EPOCH = oracle.day_of(1970, 1, 1)
IN_A_ROW = ("paper_count", "citation_count", "citing_paper_count", "h_index", "g_index", "i10_index", "i100_index",
            "m_quotient", "tori", "riq")

CHECK_TIMES = (694224000, 694224000, 725846400, 725846400, 788918400, 852076800, 883612800, 915148800, 915148800,
               883612800, 852076800)
CHECK_EDGES = ((4, 2), (4, 0), (4, 1), (4, 3), (5, 2), (6, 2), (6, 4), (7, 4), (8, 4), (9, 4), (9, 1), (9, 3), (10, 4))


class Checks:
    def __init__(self, engine):
        self.engine, self.failed, self.count = engine, [], 0

    def equal(self, what, found, wanted):
        self.count += 1
        self.failed += ["%s%s" % (what, text) for text in graphs.differences(found, wanted)]

    def paper(self, number, unit, length, free, scope=oracle.Scope()):
        return self.engine.ask("M %s %d %d %d %d" % (graphs.scope_text(scope), number, unit, length, free))


def graph_of(days, edges, precision=3):
    """Papers numbered from 1 by their days, without authors."""
    graph = oracle.Graph()
    graph.papers = {n: oracle.Paper(day, precision, 0, False, 1, 1, False, ()) for n, day in enumerate(days, 1)}
    graph.lines = [(citing, cited, None, 0) for citing, cited in edges]
    graph.count, graph.author_end = len(days), 1
    graph.coverage_end = max(days)
    return graph


def check_graph(checks):
    graph = graph_of([UNIX_EPOCH + seconds // 86400 for seconds in CHECK_TIMES],
                     [(citing + 1, cited + 1) for citing, cited in CHECK_EDGES])
    checks.engine.tell(graphs.graph_lines(graph))
    cd = {0: 1, 1: 1, 2: 1, 3: 1, 4: 1 / 6, 5: 0, 6: 0, 9: 0, 10: 0, 7: "NO_CANDIDATES", 8: "NO_CANDIDATES"}
    mcd = {2: 2, 4: 5 / 6}
    for vertex in range(11):
        found = checks.paper(vertex + 1, 1, 1825, 1)["cd"]
        checks.equal("check graph v%d cd" % vertex, found["index"], cd[vertex])
        if vertex in mcd:
            checks.equal("check graph v%d mcd" % vertex, found["mcd"], mcd[vertex])
        strict = checks.paper(vertex + 1, 1, 1825, 0)["cd"]["index"]
        checks.equal("check graph v%d strict" % vertex, strict, cd[vertex] if vertex > 3 else "NO_REFERENCES")
    checks.equal("check graph v2 mcd, 5 years", checks.paper(3, 0, 5, 1)["cd"]["mcd"], 3)
    checks.equal("check graph v3 mcd, 5 years", checks.paper(4, 0, 5, 1)["cd"]["mcd"], 2)


def golden(checks, folder):
    with open(os.path.join(folder, "golden-cdindex", "cdindex-golden.json"), encoding="utf-8") as file:
        golden_data = json.load(file)
    numbers = {vertex["id"]: n for n, vertex in enumerate(golden_data["vertices"], 1)}
    graph = graph_of([UNIX_EPOCH + vertex["time"] // 86400 for vertex in golden_data["vertices"]],
                     [(numbers[citing], numbers[cited]) for citing, cited in golden_data["edges_citing_cited"]])
    checks.engine.tell(graphs.graph_lines(graph))
    for name, wanted in golden_data["expected"].items():
        found = checks.paper(numbers[name], 1, golden_data["window_seconds"] // 86400, 1)
        checks.equal("published %s" % name,
                     {"in": found["citation_count"], "out": found["reference_count"],
                      "cd": found["cd"]["index"], "mcd": found["cd"]["mcd"]},
                     {"in": wanted["in"], "out": wanted["out"],
                      "cd": "NO_CANDIDATES" if wanted["cd"] is None else wanted["cd"],
                      "mcd": "NO_CANDIDATES" if wanted["mcd"] is None else wanted["mcd"]})


def read_gz(*path):
    with gzip.open(os.path.join(*path), "rb") as file:
        return file.read().decode("cp1252", "replace")


def acl_year(name):
    year = int(re.match(r"[A-Z](\d\d)-", name).group(1))
    return 1900 + year if year > 50 else 2000 + year


def acl_graph(folder):
    """Papers of edges or metadata; the year is in the id, authors are in the metadata."""
    folder = os.path.join(folder, "aan-acl-anthology-network")
    authors = {}
    for block in re.split(r"\n\s*\n", read_gz(folder, "acl-metadata.txt.gz")):
        fields = dict(re.findall(r"^(\w+) = \{(.*)\}\s*$", block, re.M))
        if re.match(r"[A-Z]\d\d-\d+$", fields.get("id", "")):
            names = [name.strip() for name in html.unescape(fields.get("author", "")).split(";")]
            authors[fields["id"]] = [name for name in dict.fromkeys(names) if name]
    edges = [tuple(part.strip() for part in line.split(","))
             for line in read_gz(folder, "acl.txt.gz").splitlines() if line.count(",") == 1]
    names = sorted({name for edge in edges for name in edge} | set(authors))
    number = {name: n for n, name in enumerate(names, 1)}
    author_number = {name: n for n, name in enumerate(sorted({a for list_ in authors.values() for a in list_}), 1)}
    graph = oracle.Graph()
    for name in names:
        listed = [(author_number[author], place) for place, author in enumerate(authors.get(name, ()), 1)]
        graph.papers[number[name]] = oracle.Paper(oracle.day_of(acl_year(name), 1, 1), 1, 0, False, 1, 1, False,
                                                  tuple(listed))
    graph.lines = [(number[citing], number[cited], None, 0) for citing, cited in edges]
    graph.count, graph.author_end = len(names), len(author_number) + 1
    graph.coverage_end = oracle.day_of(2012, 12, 31)
    graph.finish()
    return graph


def compare_author(checks, graph, what, author, scope):
    """A timeline against the oracle, and against the engine's own plain answers on every day of it."""
    terms = [("author", author)]
    question = oracle.SetQuestion(graph, terms, scope)
    found = checks.engine.ask(graphs.set_line(scope, (), terms))
    checks.equal(what, found["measures"], question.measures(scope.as_of))
    checks.equal(what + " timeline", found["timeline"], question.timeline(question.yearly_days()))
    for row in found["timeline"]:
        plain = oracle.Scope(**{**vars(scope), "as_of": row["day"]})
        measures = checks.engine.ask(graphs.set_line(plain, (), terms))["measures"]
        checks.equal("%s on day %d" % (what, row["day"]), {name: measures[name] for name in IN_A_ROW if name != "riq"},
                     {name: row[name] for name in IN_A_ROW if name != "riq"})
        checks.count += 1
        if measures["riq"] != row["riq"]:
            checks.failed.append("%s on day %d: riq %s, timeline %s" % (what, row["day"], measures["riq"], row["riq"]))


def acl(checks, folder, rounds):
    graph = acl_graph(folder)
    checks.engine.tell(graphs.graph_lines(graph))
    papers = collections.Counter({author: len(list_) for author, list_ in graph.by_author.items()})
    rng = random.Random(1)
    chosen = [author for author, _ in papers.most_common(10)] + rng.sample(sorted(papers), rounds)
    for place, author in enumerate(chosen):
        scope = oracle.Scope(as_of=rng.choice((None, None, oracle.day_of(rng.randint(1995, 2012), 12, 31),
                                               oracle.day_of(rng.randint(1995, 2012), 6, 1))),
                             self_citations=place % 5, counting=int(place % 3 == 2))
        compare_author(checks, graph, "ACL author %d" % author, author, scope)
    for number in rng.sample(sorted(graph.papers), 20 * rounds):
        wanted = oracle.paper_metrics(graph, oracle.Scope(), number, 0, 5, False)
        checks.equal("ACL paper %d" % number, checks.paper(number, 0, 5, 0), wanted)
    return "%d papers, %d authors, %d lines of citations" % (graph.count, graph.author_end - 1, len(graph.lines))


def hepth_graph(folder):
    days, edges = {}, []
    for line in read_gz(folder, "hepth-dated", "hepth-2000-2002-edges.csv.gz").splitlines()[1:]:
        _, citing, cited, citing_date, cited_date, _, _ = line.split(",")
        for name, date in ((citing, citing_date), (cited, cited_date)):
            days[name] = oracle.day_of(*(int(part) for part in date.split("-")))
        edges.append((citing, cited))
    names = sorted(days)
    number = {name: n for n, name in enumerate(names, 1)}
    return graph_of([days[name] for name in names], [(number[a], number[b]) for a, b in edges])


def hepth(checks, folder, rounds):
    graph = hepth_graph(folder)
    graph.finish()
    checks.engine.tell(graphs.graph_lines(graph))
    rng = random.Random(2)
    for number in rng.sample(sorted(graph.papers), 30 * rounds):
        unit, length = rng.choice(((1, 30), (1, 180), (1, 365), (0, 1), (2, 0)))
        as_of = rng.choice((None, graph.papers[number].day + rng.randint(0, 300)))
        scope = oracle.Scope(as_of=as_of)
        wanted = oracle.paper_metrics(graph, scope, number, unit, length, False)
        checks.equal("hep-th paper %d" % number, checks.paper(number, unit, length, 0, scope), wanted)
    # Every day of a month, for a set of papers.
    chosen = tuple(sorted(rng.sample(sorted(graph.papers), 300)))
    days = [oracle.day_of(2001, 3, day) for day in range(1, 16)]
    scope = oracle.Scope(as_of=days[-1], self_citations=oracle.SET)
    question = oracle.SetQuestion(graph, [("papers", chosen)], scope)
    found = checks.engine.ask(graphs.set_line(scope, days, [("papers", chosen)]))
    checks.equal("hep-th by day", found["on_days"], question.timeline(days))
    checks.equal("hep-th h", found["explain_h"], question.explain(0))
    return "%d papers, %d citations" % (graph.count, len(graph.lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    rounds = 4 if options.short else 30
    folder = os.environ.get("HIRSCH_DATA") or os.path.join(ROOT, "..", "shared", "data")
    skipped = []
    with graphs.Engine(os.path.join(options.build, "tests/system/engine-answers")) as engine:
        checks = Checks(engine)
        check_graph(checks)
        print("check graph: %d comparisons" % checks.count)
        if os.path.isdir(os.path.join(folder, "golden-cdindex")):
            golden(checks, folder)
            print("golden-cdindex: every value")
        else:
            skipped.append("golden-cdindex")
        for name, run in (("aan-acl-anthology-network", acl), ("hepth-dated", hepth)):
            if os.path.isdir(os.path.join(folder, name)):
                print("%s: %s" % (name, run(checks, folder, rounds)))
            else:
                skipped.append(name)
    for failure in checks.failed[:20]:
        print(failure)
    print("%d comparisons, %d differences" % (checks.count, len(checks.failed)))
    if checks.failed:
        sys.exit(1)
    if skipped:
        print("skipped: no data: %s (HIRSCH_DATA names the folder)" % ", ".join(skipped))
        sys.exit(77)


if __name__ == "__main__":
    main()
