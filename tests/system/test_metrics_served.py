#!/usr/bin/env python3
"""The numbers as a daemon serves them: random graphs stand side by side in one store, and every number of random sets under
random scopes, on given days, explained, of papers and of authors has to be the oracle's.

What the engine's own test against the oracle does not see is asked here: records to graph, expressions with fields, years and
kinds, switches and groups of the wire, notes, unknown ids, and what stands where in an answer.
"""
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402
import metrics_graphs as graphs  # noqa: E402
import metrics_oracle as oracle  # noqa: E402

GRAPHS, GRAPHS_SHORT, ROUNDS = 60, 8, 5
END = oracle.day_of(2005, 6, 15)
KINDS = ("", "article", "preprint")
GROUPS = ["METRIC_GROUP_" + name for name in ("BASIC", "CITATIONS", "INDICATORS", "HISTOGRAMS", "TIMELINE", "BUCKETS")]
SELF = ("UNSPECIFIED", "INCLUDE", "EXCLUDE_OWN", "EXCLUDE_COAUTHOR", "EXCLUDE_SET")
POSITION = ("ANY", "FIRST", "LAST", "FIRST_OR_LAST", "SINGLE")
REFEREED = ("UNSPECIFIED", "REFEREED", "NOT_REFEREED")
RETRACTED = ("INCLUDE", "EXCLUDE_CITED", "EXCLUDE_CITING", "EXCLUDE_BOTH")

# Names in an answer, and of the same in the oracle's.
OF_A_SET = {"paperCount": "paper_sum", "citationCount": "citation_sum", "citingPaperCount": "citing_paper_count",
            "hIndex": "h_index", "gIndex": "g_index", "i10Index": "i10_index", "i100Index": "i100_index",
            "mQuotient": "m_quotient", "tori": "tori", "riq": "riq", "selfCitationCount": "self_citation_count",
            "hRecent5": "h_recent5", "i10Recent5": "i10_recent5", "citationsRecent5": "citations_recent5",
            "h5Published": "h5_published", "h5Median": "h5_median", "normalizedPaperCount": "papers_normalized",
            "normalizedCitationCount": "citations_normalized", "meanCitations": "mean_citations",
            "medianCitations": "median_citations", "uncitedShare": "uncited_share", "gini": "gini",
            "citationHalfLife": "citation_half_life", "sIndex": "s_index"}
OF_A_ROW = {name: key for name, key in OF_A_SET.items() if name in (
    "paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex", "i10Index", "i100Index", "mQuotient", "tori", "riq")}
OF_A_ROW.update(day="day", year="year", papersAdded="new_papers", citationsAdded="new_citations")
OF_A_YEAR = ["otherPapers", "refereedPapers", "citationsOtherToOther", "citationsOtherToRefereed", "citationsRefereedToOther",
             "citationsRefereedToRefereed"]
OF_A_YEAR += ["normalized" + name[0].upper() + name[1:] for name in OF_A_YEAR]
COUNTERS = {name: OF_A_SET[name] for name in (
    "paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex", "i10Index", "i100Index", "mQuotient",
    "selfCitationCount")}
COUNTS = {"onlyPaper": "n_f", "both": "n_b", "onlyReferences": "n_r", "tooFewShared": "n_below", "sharedReferences": "shared"}
# Reasons that stand beside several numbers.
REASON_OF = {"hRecent5": "recent5", "i10Recent5": "recent5", "citationsRecent5": "recent5", "mcd": "cd"}


def text_of(day):
    return oracle.date_of(day).isoformat()


def date_text(day, precision):
    return text_of(day)[:{1: 4, 2: 7, 3: 10}[precision]]


class Served:
    """A graph of the oracle whose papers and authors have names of their own in the common store."""

    def __init__(self, number, seed):
        self.number = number
        self.random = random.Random(seed)
        # Every eighth has papers with many citations.
        self.graph = graphs.random_graph(self.random, ("star", "large")[number // 8 % 2] if number % 8 == 0 else None)
        self.graph.finish()
        self.graph.coverage_end = END
        # Without a record and in no citation an id names no paper, not even a stub.
        self.known = set(self.graph.papers) | set(self.graph.cites) | {n for cited in self.graph.cites.values() for n in cited}

    def paper(self, number):
        return "local:g%03d-p%04d" % (self.number, number)

    def author(self, number):
        name = "g%03d a%04d" % (self.number, number)
        return "name:" + name if number in self.graph.name_only else "local:" + name.replace(" ", "-")

    def records(self):
        graph = self.graph
        for number, paper in graph.papers.items():
            authors = [{"name": self.author(author).partition(":")[2].replace("-", " "), "position": place,
                        **({} if author in graph.name_only else {"id": self.author(author)})}
                       for author, place in paper.authors]
            # Some citations are references of the record, some lines, some both.
            cited = [self.paper(other) for other in sorted(graph.cites[number])
                     if (number, other) not in graph.line_date or self.random.random() < 0.5]
            record = {"type": "paper", "id": self.paper(number), "title": "Paper %d" % number, "authors": authors,
                      "authors_truncated": paper.truncated, "references": cited, "kind": KINDS[paper.kind],
                      "field": "test/f%d" % paper.field, "retracted": paper.retracted, "source": "test"}
            if paper.day is not None:
                record["date"] = date_text(paper.day, paper.precision)
            if paper.refereed:
                record["refereed"] = paper.refereed == 2
            yield record
        for citing in sorted(graph.cites):
            for cited in sorted(graph.cites[citing]):
                line = {"type": "citation", "citing": self.paper(citing), "cited": self.paper(cited)}
                dated = graph.line_date.get((citing, cited))
                if dated is not None:
                    yield {**line, "date": date_text(*dated)}
                elif citing not in graph.papers:
                    yield line

    def scope(self, scope):
        """As the wire has it."""
        wire = {"selfCitations": "SELF_CITATIONS_" + SELF[scope.self_citations],
                "counting": "COUNTING_" + ("FULL", "FRACTIONAL")[scope.counting],
                "position": "AUTHOR_POSITION_" + POSITION[scope.position],
                "kinds": [kind for kind in (1, 2) if scope.kinds >> kind & 1],
                "refereed": "REFEREED_FILTER_" + REFEREED[scope.refereed],
                "citingRefereed": "REFEREED_FILTER_" + REFEREED[scope.citing_refereed],
                "retracted": "RETRACTED_RULE_" + RETRACTED[scope.retracted],
                "gRule": "G_RULE_" + ("ALL_PAPERS", "CITED_ONLY")[scope.g_rule],
                "years": {"first": scope.first_year, "last": scope.last_year},
                "fields": ["test/f%d" % field for field in scope.fields]}
        if scope.as_of is not None:
            wire["asOf"] = text_of(scope.as_of)
        return wire

    def terms(self):
        """(terms of the oracle, those of the wire), stubs in no set; some with fields, years and kinds, some with ids that
        nobody has."""
        graph, plain, wire, unknown = self.graph, [], [], []
        for term in graphs.random_terms(self.random, graph):
            if term in graphs.OPERATORS:
                plain.append(term)
                wire.append({"operator": graphs.OPERATORS[term]})
            elif term[0] == "author":
                plain.append(term)
                wire.append({"author": self.author(term[1])})
            else:
                plain.append(("papers", tuple(number for number in term[1] if number in graph.papers)))
                wire.append({"papers": {"ids": [self.paper(number) for number in term[1]]}})
                unknown += [self.paper(number) for number in term[1] if number not in self.known]
        for operand, holds in (({"field": "test/f1"}, lambda paper: paper.field == 1),
                               ({"kind": 2}, lambda paper: paper.kind == 2),
                               ({"years": {"first": 1998, "last": 2001}}, lambda paper: paper.day is not None and
                                1998 <= oracle.year_of(paper.day) <= 2001)):
            if self.random.random() < 0.15:
                operator = self.random.choice(("intersect", "except"))
                plain += [("papers", tuple(n for n, paper in graph.papers.items() if holds(paper))), operator]
                wire += [operand, {"operator": graphs.OPERATORS[operator]}]
        if self.random.random() < 0.2:
            unknown.append("local:g%03d-nobody" % self.number)
            # Nothing: the union changes no number, but that the set is no longer one author's.
            plain += [("papers", ()), "union"]
            wire += [{"paper": unknown[-1]}, {"operator": "SET_OPERATOR_UNION"}]
        return plain, wire, unknown

    def named(self, terms):
        """The authors of the expression who have a paper; the store does not know the others."""
        return all(self.graph.by_author[term[1]] for term in terms if term[0] == "author")


def value(found, name):
    return found[name] if found.get(name) is not None else found[REASON_OF.get(name, name) + "Undefined"]


def compare(what, found, wanted, names):
    """Only what names tells."""
    chosen = {key: value(found, name) for name, key in names.items()}
    if "shared" in chosen:
        chosen["shared"] = int(chosen["shared"])
    wanted = {key: text_of(wanted[key]) if key == "day" else wanted[key] for key in chosen}
    found = list(graphs.differences(chosen, wanted))
    check(not found, "%s: %s", what, found)


def check_scope(what, found, asked, scope, report):
    equal((found["setSize"], found["undatedPapers"], found["undatedCitations"], found["day"]),
          (report["set_papers"], report["undated_papers"], report["undated_citations"], text_of(report["day"])),
          what + ": scope")
    used = {**asked, "asOf": asked.get("asOf", ""), "selfCitations": "SELF_CITATIONS_" + SELF[report["self_rule"]],
            "kinds": ["PAPER_KIND_" + KINDS[kind].upper() for kind in asked["kinds"]]}
    equal(found["switches"], used, what + ": switches")
    equal(found["toriSelfCitations"], "SELF_CITATIONS_" + SELF[report["tori_rule"]], what + ": the rule of tori")
    notes = {note["code"]: note["count"] for note in found["notes"]}
    for code, count in (("COARSE_DATES", report["coarse_papers"] + report["coarse_citations"]),
                        ("SELF_CITATIONS_UPPER_BOUND", report["hidden_authors"]),
                        ("FRACTIONAL_UPPER_BOUND", report["truncated_papers"] if scope.counting else 0),
                        ("POSITION_UNKNOWN", report["position_unknown"]),
                        ("REFEREED_UNKNOWN", report["referee_unknown"] if scope.refereed else 0),
                        ("CITING_REFEREED_UNKNOWN", report["citing_referee_unknown"] if scope.citing_refereed else 0)):
        equal(notes.get(code, 0), count, "%s: note %s" % (what, code))


class Asking:
    def __init__(self, test, url):
        self.test, self.url, self.seen = test, url, {}

    def ask(self, method, request):
        done = self.test.client(self.url, "call", "MetricsService/" + method, "-", stdin=json.dumps(request).encode())
        return json.loads(done.out)

    def rows(self, what, found, wanted):
        equal(len(found), len(wanted), what + ": rows of the timeline")
        for row, right in zip(found, wanted):
            compare("%s on %s" % (what, row["day"]), row, right, OF_A_ROW)

    def ask_set(self, served):
        terms, wire, unknown = served.terms()
        if not served.named(terms):
            return
        scope = graphs.random_scope(served.random, any(term[0] == "author" for term in terms))
        request = {"set": wire, "scope": served.scope(scope)}
        what = "graph %d: %s" % (served.number, json.dumps(request))
        question = oracle.SetQuestion(served.graph, terms, scope)
        wanted = question.measures(scope.as_of)
        found = self.ask("ComputeMetrics", {**request, "groups": GROUPS})["metrics"]
        compare(what, found, wanted, OF_A_SET)
        check_scope(what, found["scope"], request["scope"], scope, wanted["scope"])
        equal(found["scope"]["countedPapers"], wanted["paper_count"], what + ": papers that count")
        equal(found["unknownIds"], unknown, what + ": unknown ids")
        equal((found.get("firstYear", 0), found.get("lastYear", 0)), (wanted["first_year"], wanted["last_year"]),
              what + ": years")
        equal([bucket["paperCount"] for bucket in found["buckets"]], wanted["buckets"], what + ": buckets")
        years = found["histograms"]["years"]
        equal([year["year"] for year in years],
              [wanted["histogram_first"] + place for place in range(len(wanted["histograms"]))],
              what + ": years of the histograms")
        for year, right in zip(years, wanted["histograms"]):
            check(not list(graphs.differences([year[name] for name in OF_A_YEAR], right)),
                  "%s: histograms of %d: %s is not %s", what, year["year"], year, right)
        self.rows(what, found["timeline"], question.timeline(question.yearly_days()))
        self.note(*(name for name in ("h_index", "i10_index", "self_citation_count") if wanted[name]),
                  *(name for name, count in wanted["scope"].items() if count), *(["unknown"] if unknown else []))
        self.ask_more(what, served, request, question, scope)

    def ask_more(self, what, served, request, question, scope):
        """The same set on given days, and explained."""
        days = sorted({graphs.random_day(served.random) for _ in range(4)})
        given = {name: switch for name, switch in request["scope"].items() if name != "asOf"}
        found = self.ask("GetTimeline", {**request, "scope": given, "days": [text_of(day) for day in days]})
        self.rows(what, found["timeline"], question.timeline(days))
        check_scope(what + " on days", found["scope"], {**given, "asOf": text_of(days[-1])}, scope,
                    question.measures(days[-1])["scope"])
        number = served.random.randint(0, 2)
        wanted = question.explain(number)
        found = self.ask("ExplainMetric", {**request, "metric": number + 1, "limit": 1000})["set"]
        chosen = {"value": found["value"], "needs_paper": found["needsPaper"], "next_lacks": found["missingCitations"],
                  "steps": [[step["value"], step["day"]] for step in found["steps"]],
                  "witnesses": [one["citationCount"] for one in found["witnesses"]],
                  "next": [[one["citationCount"], one["missing"]] for one in found["nearest"]]}
        right = {**wanted, "steps": [[step, text_of(day)] for step, day in wanted["steps"]],
                 "witnesses": [one[2] for one in wanted["witnesses"]], "next": [one[2:] for one in wanted["next"]]}
        check(not list(graphs.differences(chosen, right)), "%s: explanation %d: %s is not %s", what, number, chosen, right)

    def ask_papers(self, served):
        scope = graphs.random_paper_scope(served.random)
        switches = {name: switch for name, switch in served.scope(scope).items()
                    if name in ("asOf", "selfCitations", "citingRefereed", "retracted")}
        unit, length = served.random.choice(((0, 5), (0, 1), (1, 1825), (1, 200)))
        free = served.random.random() < 0.3
        options = {("windowYears", "windowDays")[unit]: length,
                   "referenceFree": "REFERENCE_FREE_RULE_" + ("ONE" if free else "UNDEFINED")}
        if not served.known:
            return  # a batch asks for something
        chosen = served.random.sample(sorted(served.known), min(5, len(served.known)))
        found = self.ask("BatchGetPaperMetrics", {"ids": [served.paper(number) for number in chosen], "scope": switches,
                                                  "options": options})["results"]
        for number, result in zip(chosen, found):
            what = "graph %d: paper %d, %s, %s" % (served.number, number, switches, options)
            wanted, found = oracle.paper_metrics(served.graph, scope, number, unit, length, free), result["metrics"]
            right = {"citationCount": wanted["citation_count"], "referenceCount": wanted["reference_count"],
                     "selfCitationCount": wanted["self_citation_count"], "velocity": wanted["velocity"],
                     "sleepingBeauty": wanted["beauty"], "cd": wanted["cd"]["index"], "mcd": wanted["cd"]["mcd"],
                     "di1": wanted["di1"]["index"], "diNok": wanted["di1"]["nok"], "dep": wanted["di1"]["dep"],
                     "di5": wanted["di5"]["index"]}
            compare(what, found, right, {name: name for name in right})
            for name in ("cd", "di1", "di5"):
                compare("%s: counts of %s" % (what, name), found[name + "Counts"], wanted[name], COUNTS)
            equal([year["citationCount"] for year in found["countsByYear"]], wanted["series"], what + ": counts by year")
            equal((found["cdWindowComplete"], found["stub"], found.get("awakeningYear", 0)),
                  (wanted["cd"]["window_complete"], number not in served.graph.papers, wanted["awakening_year"]), what)
            # Cohorts stand for today under two rules; what they hold is another test's.
            plain = scope.as_of is None and not scope.retracted and not scope.citing_refereed
            for name in ("percentile", "fwci"):
                equal(found[name + "Undefined"] == "SCOPE_NOT_SUPPORTED", not plain, "%s: %s" % (what, name))
            self.note("cd " + (wanted["cd"]["index"] if isinstance(wanted["cd"]["index"], str) else "value"))

    def ask_authors(self, served):
        """The counters that stand in the store are what the oracle counts, as are those of a switch that asks for more."""
        graph = served.graph
        authors = [author for author in sorted(graph.by_author) if graph.by_author[author]]
        for author in served.random.sample(authors, min(3, len(authors))):
            what = "graph %d: author %d" % (served.number, author)
            request = {"id": served.author(author), "groups": GROUPS[:3]}
            done = self.test.client(self.url, "call", "AuthorService/GetAuthor", "-", stdin=json.dumps(request).encode())
            found = json.loads(done.out)
            wanted = oracle.SetQuestion(graph, [("author", author)], oracle.Scope()).measures(None)
            counters = found["author"]["metrics"]
            years = (counters.get("firstYear", 0), counters.get("lastYear", 0))
            equal(years, (wanted["first_year"], wanted["last_year"]), what + ": years")
            # Without a dated paper there is no quotient; a counter has no reason beside it.
            counters.setdefault("mQuotient", wanted["m_quotient"] if isinstance(wanted["m_quotient"], str) else None)
            compare(what + ": counters", counters, wanted, COUNTERS)
            compare(what + ": groups", found["computed"], wanted, OF_A_SET)
            rows = {wanted["histogram_first"] + place: row for place, row in enumerate(wanted["histograms"])}
            totals = [sum(year[name] for year in counters["countsByYear"]) for name in ("paperCount", "citationCount")]
            equal(totals, [sum(row[0] + row[1] for row in rows.values()), sum(sum(row[2:6]) for row in rows.values())],
                  what + ": all years")
            for year in counters["countsByYear"]:
                row = rows.get(year["year"], [0] * 12)
                equal((year["paperCount"], year["citationCount"]), (row[0] + row[1], sum(row[2:6])),
                      "%s: %d" % (what, year["year"]))

    def note(self, *things):
        for thing in things:
            self.seen[thing] = self.seen.get(thing, 0) + 1


# Else equality says little; all of these are frequent.
MUST_SEE = ("h_index", "self_citation_count", "undated_papers", "undated_citations", "position_unknown", "referee_unknown",
            "citing_referee_unknown", "truncated_papers", "unknown", "cd value", "cd NO_DATE", "cd NO_REFERENCES",
            "cd NO_CANDIDATES")


def body(test):
    count = GRAPHS_SHORT if test.short else GRAPHS
    served = [Served(number, test.seed + number) for number in range(count)]
    lines = [json.dumps(record).encode() for one in served for record in one.records()]
    random.Random(test.seed).shuffle(lines)
    data = test.path("data")
    test.load(data, [write_lines(test.path("graphs.jsonl"), lines)], "hirsch", more=("--coverage-end", text_of(END)))
    with test.serve(data) as daemon:
        asking = Asking(test, daemon.url)
        for one in served:
            asking.ask_set(one)
            asking.ask_set(one)
            asking.ask_papers(one)
            asking.ask_authors(one)
        # What is frequent may be missing by chance, but not for long.
        for one in () if test.short else ROUNDS * served:
            if all(thing in asking.seen for thing in MUST_SEE):
                break
            asking.ask_set(one)
            asking.ask_papers(one)
    missing = [thing for thing in MUST_SEE if thing not in asking.seen]
    check(test.short or not missing, "the random graphs never had: %s", missing)
    print("%d graphs of %d records; seen: %s" % (count, len(lines), asking.seen))


if __name__ == "__main__":
    Test(__doc__).main(body)
