#!/usr/bin/env python3
"""Laws that hold between answers of the engine, on random graphs; the oracle is not asked.

The inequalities of one answer; what another citation, another day, a union of sets and a self-citation rule may change;
a timeline against plain answers on each of its days.
"""
import argparse
import copy
import os
import random
import sys
import time

import metrics_graphs as graphs
import metrics_oracle as oracle

GRAPHS, GRAPHS_SHORT = 2000, 200

MONOTONE_IN_DAY = ("paper_count", "citation_count", "citing_paper_count", "h_index", "g_index", "i10_index",
                   "i100_index", "tori")
NOT_RAISED_BY_EXCLUSION = ("citation_count", "citing_paper_count", "h_index", "g_index", "i10_index", "i100_index",
                           "m_quotient", "tori", "riq", "mean_citations", "median_citations", "h_recent5")
IN_A_ROW = ("paper_count", "paper_sum", "citation_count", "citation_sum", "citing_paper_count", "h_index", "g_index",
            "i10_index", "i100_index", "m_quotient", "tori", "riq")


class Laws:
    def __init__(self, engine):
        self.engine = engine
        self.failed = []
        self.checked = {}
        self.seed = 0

    def law(self, name, holds, what):
        self.checked[name] = self.checked.get(name, 0) + 1
        if not holds:
            self.failed.append("graph %d: %s: %s" % (self.seed, name, what))

    def ask(self, scope, terms, days=()):
        return self.engine.ask(graphs.set_line(scope, days, terms))

    def inequalities(self, scope, terms):
        """h <= g <= N; h*h <= C; g*g <= C; 10*i10 <= C; i100 <= i10; h <= citing <= C."""
        scope = copy.copy(scope)
        scope.counting = scope.g_rule = 0
        found = self.ask(scope, terms)["measures"]
        h, g, papers, citations = (found[k] for k in ("h_index", "g_index", "paper_count", "citation_count"))
        for name, holds in (("h <= g <= N", h <= g <= papers), ("h*h <= C", h * h <= citations),
                            ("g*g <= C", g * g <= citations), ("10*i10 <= C", 10 * found["i10_index"] <= citations),
                            ("i100 <= i10", found["i100_index"] <= found["i10_index"]),
                            ("h <= citing <= C", h <= found["citing_paper_count"] <= citations)):
            self.law(name, holds, found)

    def one_more_citation(self, graph, scope, terms):
        scope = copy.copy(scope)
        scope.counting = 0
        before = self.ask(scope, terms)["measures"]
        more = copy.copy(graph)
        # From a new stub, so that no other citation changes (the divisor of tori counts references).
        more.lines = graph.lines + [(graph.count + 1, random.Random(self.seed).randint(1, graph.count), None, 0)]
        more.count = graph.count + 1
        more.finish()
        self.engine.tell(graphs.graph_lines(more))
        after = self.ask(scope, terms)["measures"]
        self.engine.tell(graphs.graph_lines(graph))
        for index in ("h_index", "g_index"):
            self.law("a citation more: %s" % index, after[index] - before[index] in (0, 1), (before, after))

    def exclusion(self, graph, scope, terms):
        including = copy.copy(scope)
        including.self_citations = oracle.INCLUDE
        base = self.ask(including, terms)["measures"]
        answers = {}
        for rule in (oracle.OWN, oracle.COAUTHOR, oracle.SET):
            excluding = copy.copy(scope)
            excluding.self_citations = rule
            answers[rule] = found = self.ask(excluding, terms)["measures"]
            for name in NOT_RAISED_BY_EXCLUSION:
                if isinstance(base[name], str) or isinstance(found[name], str):
                    self.law("exclusion keeps reasons", base[name] == found[name], (name, base, found))
                else:
                    self.law("exclusion raises no %s" % name, found[name] <= base[name] + 1e-12, (base, found))
        plain = len(terms) == 1 and not (scope.position or scope.kinds or scope.fields or scope.first_year
                                         or scope.last_year or scope.refereed or scope.retracted in (1, 3))
        if plain and terms[0][1] not in graph.name_only:
            own, whole = (dict(answers[rule]) for rule in (oracle.OWN, oracle.SET))
            for found in (own, whole):
                del found["scope"]
            self.law("OWN = SET for one unfiltered author", own == whole, (own, whole))

    def union(self, scope, left, right):
        """Under INCLUDE and COAUTHOR a union has at least h, g, C and tori of each part."""
        for rule in (oracle.INCLUDE, oracle.COAUTHOR):
            ruled = copy.copy(scope)
            ruled.self_citations, ruled.position = rule, 0
            both = self.ask(ruled, left + right + ["union"])["measures"]
            for part in (left, right):
                found = self.ask(ruled, part)["measures"]
                for name in ("h_index", "g_index", "citation_count", "tori"):
                    self.law("union: %s" % name, both[name] >= found[name] - 1e-12, (found, both))

    def days(self, graph, scope, terms):
        """Monotone in the day, and each row of a timeline equal to the plain answer of its day."""
        rng = random.Random(self.seed)
        days = sorted({graphs.random_day(rng) for _ in range(4)})
        on_days = copy.copy(scope)
        on_days.as_of = max(days)
        answer = self.ask(on_days, terms, days)
        rows = list(zip(days, answer["on_days"])) + [(row["day"], row) for row in answer["timeline"]]
        last = None
        for place, (day, row) in enumerate(rows):
            plain = copy.copy(scope)
            plain.as_of = day
            found = self.ask(plain, terms)["measures"]
            for name in IN_A_ROW:
                self.law("timeline = as_of: %s" % name, row[name] == found[name], (day, row, found))
            if place == len(days):
                last = None
            for name in MONOTONE_IN_DAY if last is not None else ():
                self.law("monotone in the day: %s" % name, last[name] <= row[name] + 1e-12, (last, row))
            last = row
        if answer["timeline"]:
            total = sum(row["new_citations"] for row in answer["timeline"])
            self.law("series add up", abs(total - answer["timeline"][-1]["citation_sum"]) < 1e-9, answer["timeline"])

    def graph(self, seed):
        self.seed = seed
        rng, graph = graphs.make(seed)
        self.engine.tell(graphs.graph_lines(graph))
        terms = graphs.random_terms(rng, graph)
        while not any(term[0] == "author" for term in terms):
            terms = graphs.random_terms(rng, graph)
        scope = graphs.random_scope(rng, True)
        self.inequalities(scope, terms)
        self.exclusion(graph, scope, terms)
        self.exclusion(graph, oracle.Scope(as_of=scope.as_of), [("author", rng.randint(1, graph.author_end - 1))])
        self.union(scope, terms, graphs.random_terms(rng, graph))
        self.days(graph, scope, terms)
        self.one_more_citation(graph, scope, terms)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--graphs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = options.graphs or (GRAPHS_SHORT if options.short else GRAPHS)
    started = time.monotonic()
    with graphs.Engine(os.path.join(options.build, "tests/system/engine-answers")) as engine:
        laws = Laws(engine)
        for seed in range(options.seed, options.seed + count):
            laws.graph(seed)
            if len(laws.failed) >= 10:
                break
    for failure in laws.failed[:10]:
        print(failure)
    unseen = [name for name in ("OWN = SET for one unfiltered author", "series add up") if name not in laws.checked]
    print("%d graphs, %d laws checked %d times, %d broken%s, %.1f s"
          % (count, len(laws.checked), sum(laws.checked.values()), len(laws.failed),
             "; never met: %s" % unseen if unseen else "", time.monotonic() - started))
    sys.exit(1 if laws.failed or unseen else 0)


if __name__ == "__main__":
    main()
