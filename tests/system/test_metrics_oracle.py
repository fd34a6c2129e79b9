#!/usr/bin/env python3
"""The engine against a slow oracle in another language, on random graphs under random scopes.

Every number of a set (measures, histograms, timelines, explanations), of a paper and of a cohort has to be equal. A
difference prints the seed of its graph; --seed N --graphs 1 shows it again.
"""
import argparse
import os
import sys
import time

import metrics_graphs as graphs
import metrics_oracle as oracle

GRAPHS, GRAPHS_SHORT = 10000, 500


class Run:
    def __init__(self, engine):
        self.engine = engine
        self.compared = self.questions = 0
        self.failed = []
        self.seen = {}

    def compare(self, seed, line, wanted):
        found = self.engine.ask(line)
        self.questions += 1
        for difference in graphs.differences(found, wanted):
            self.failed.append("graph %d: %s\n  question: %s" % (seed, difference, line))
        self.compared += len(wanted)

    def note(self, *things):
        for thing in things:
            self.seen[thing] = self.seen.get(thing, 0) + 1

    def ask_set(self, seed, rng, graph):
        terms = graphs.random_terms(rng, graph)
        scope = graphs.random_scope(rng, any(term[0] == "author" for term in terms))
        days = sorted({graphs.random_day(rng) for _ in range(rng.choice((0, 0, 1, 4)))})
        question = oracle.SetQuestion(graph, terms, scope)
        measures, yearly = question.measures(scope.as_of), question.timeline(question.yearly_days())
        on_last = question.measures(days[-1]) if days else measures
        wanted = {"measures": measures, "measures_and_timeline": measures, "timeline_of_measures": yearly, "timeline": yearly,
                  "timeline_scope": measures["scope"], "on_days": question.timeline(days), "on_days_scope": on_last["scope"],
                  "on_days_papers": on_last["paper_count"], "explain_h": question.explain(0),
                  "explain_g": question.explain(1), "explain_i10": question.explain(2)}
        if wanted["timeline"] and scope.as_of is not None:
            last = dict(wanted["timeline"][-1])
            for key in ("day", "year", "new_papers", "new_citations"):
                del last[key]
            if list(graphs.differences(wanted["measures"], {k: v for k, v in last.items() if k != "riq"})):
                sys.exit("the oracle contradicts itself on graph %d" % seed)
        self.compare(seed, graphs.set_line(scope, days, terms), wanted)
        self.note(*(name for name in ("h_index", "i10_index", "i100_index", "self_citation_count", "tori")
                    if measures[name] > 0))
        self.note(*(name for name, value in measures["scope"].items() if value))
        if scope.counting:
            self.note("fractional")

    def ask_paper(self, seed, rng, graph):
        scope, number = graphs.random_paper_scope(rng), rng.randint(1, graph.count)
        unit, length = rng.choice(((0, 5), (0, 1), (0, 3), (1, 1825), (1, 200), (2, 0)))
        free = rng.random() < 0.3
        wanted = oracle.paper_metrics(graph, scope, number, unit, length, free)
        self.compare(seed, "M %s %d %d %d %d" % (graphs.scope_text(scope), number, unit, length, free), wanted)
        self.note(*("%s %s" % (name, wanted[name]["index"] if isinstance(wanted[name]["index"], str) else "value")
                    for name in ("cd", "di1", "di5")))
        self.note("beauty %s" % (wanted["beauty"] if isinstance(wanted["beauty"], str) else "value"))

    def ask_cohort(self, seed, rng, graph):
        scope = graphs.random_paper_scope(rng)
        wanted = oracle.cohort(graph, scope, 1998, 1, 1, leave := rng.random() < 0.5)
        self.compare(seed, "K %s 1998 1 1 %d" % (graphs.scope_text(scope), leave), wanted)
        for row in wanted["members"]:
            self.note("fwci %s" % (row["fwci"] if isinstance(row["fwci"], str) else "value"))
        values = [row["percentile"] for row in wanted["members"]]
        if values and not isinstance(values[0], str):
            if sum(values) != 50 * len(values):
                sys.exit("graph %d: the mean percentile is not 50" % seed)
            shares = [row["fwci"] for row in wanted["members"]]
            if not leave and not isinstance(shares[0], str) and sum(shares) != len(shares):
                sys.exit("graph %d: the mean fwci is not 1" % seed)

    def graph(self, seed):
        rng, graph = graphs.make(seed)
        self.engine.tell(graphs.graph_lines(graph))
        self.ask_set(seed, rng, graph)
        self.ask_paper(seed, rng, graph)
        if rng.random() < 0.5:
            self.ask_paper(seed, rng, graph)
        if rng.random() < 0.15 or graph.count > 28:
            self.ask_cohort(seed, rng, graph)


# What the random graphs have to contain, so that equality says something.
MUST_SEE = ("h_index", "i10_index", "i100_index", "self_citation_count", "tori", "fractional", "undated_papers",
            "undated_citations", "position_unknown", "referee_unknown", "citing_referee_unknown", "coarse_papers",
            "coarse_citations", "truncated_papers", "hidden_authors", "cd value", "cd NO_DATE", "cd NO_REFERENCES",
            "cd NO_CANDIDATES", "di5 value", "di5 TOO_FEW_REFERENCES", "beauty value", "beauty UNCITED",
            "beauty NO_COMPLETE_YEAR", "fwci value", "fwci COHORT_TOO_SMALL")


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
        run = Run(engine)
        for seed in range(options.seed, options.seed + count):
            run.graph(seed)
            if len(run.failed) >= 20:
                break
    for failure in run.failed[:20]:
        print(failure)
    missing = [thing for thing in MUST_SEE if thing not in run.seen] if count >= GRAPHS else []
    if missing:
        print("the random graphs never had: %s" % ", ".join(missing))
    print("%d graphs, %d questions, %d differences, %.1f s"
          % (count, run.questions, len(run.failed), time.monotonic() - started))
    sys.exit(1 if run.failed or missing else 0)


if __name__ == "__main__":
    main()
