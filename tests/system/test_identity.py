#!/usr/bin/env python3
"""Worked examples of identity and merging through the real programs. Each case is imported in several random orders,
split over one to three imports into the same directory; every order gives the same export, a clean verify and the same
answers."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, write_lines  # noqa: E402

ORDERS = 4


def paper(ident, **more):
    return {"type": "paper", "id": ident, "title": "Title of " + ident, **more}


def author(ident, name, **more):
    return {"type": "author", "id": ident, "name": name, **more}


def by(*names):
    return [name if isinstance(name, dict) else {"id": name, "name": name.split(":")[1]} for name in names]


# name, records, then (kind, id, path, expected); expected None: there is no such paper or author.
CASES = [
    ("one paper of two sources by a shared doi",
     [paper("openalex:W1", ids=["doi:10.1/A"], abstract="From the first.", updated="2020-01-01"),
      paper("s2:7", ids=["doi:10.1/a"], venue="A Venue", updated="2021-01-01")],
     [("paper", "doi:10.1/a", "id", "openalex:W1"),
      ("paper", "s2:7", "ids", ["openalex:W1", "doi:10.1/a", "s2:7"]),
      ("paper", "s2:7", "title", "Title of s2:7"),
      ("paper", "s2:7", "venue", "A Venue"),
      ("paper", "s2:7", "abstract", "From the first.")]),
    ("a primary id among another record's ids joins whatever the scheme",
     [paper("mag:5"), paper("s2:9", ids=["mag:5"])],
     [("paper", "mag:5", "id", "s2:9")]),
    ("two sources that claim one mag id stay apart; the id resolves to the first",
     [paper("openalex:W5", ids=["mag:5"]), paper("s2:9", ids=["mag:5"])],
     [("paper", "mag:5", "id", "openalex:W5"), ("paper", "s2:9", "id", "s2:9"),
      ("paper", "s2:9", "ids", ["s2:9", "mag:5"]), ("paper", "s2:9", "disputedIds", [])]),
    ("a disputed id joins nobody, is listed on both and resolves to the first",
     [paper("openalex:W2", ids=["pmid:31648296"]), paper("openalex:W1", ids=["pmid:31648296"]),
      paper("openalex:W3", references=["pmid:31648296"])],
     [("paper", "pmid:31648296", "id", "openalex:W1"), ("paper", "openalex:W2", "id", "openalex:W2"),
      ("paper", "openalex:W2", "disputedIds", ["pmid:31648296"]),
      ("paper", "openalex:W1", "disputedIds", ["pmid:31648296"]),
      ("paper", "openalex:W1", "metrics.citationCount", 1),
      ("paper", "openalex:W2", "metrics.citationCount", 0)]),
    ("a record that makes an id disputed splits what it had joined",
     [paper("openalex:W1", ids=["doi:10.1/x"]), paper("s2:1", ids=["doi:10.1/x"]),
      paper("openalex:W2", ids=["doi:10.1/x"])],
     [("paper", "s2:1", "id", "s2:1"), ("paper", "doi:10.1/x", "id", "openalex:W1")]),
    ("newer records win, equal ones change nothing, older ones lose",
     [paper("local:a", date="2001", updated="2020-01-01"), paper("local:a", date="2002", updated="2021-01-01"),
      paper("local:a", date="2003", updated="2019-01-01")],
     [("paper", "local:a", "publicationDate", "2002")]),
    ("a complete author list before a newer truncated one",
     [paper("s2:1", ids=["doi:10.1/l"], authors=by("s2:11", "s2:12"), updated="2001-01-01"),
      paper("openalex:W1", ids=["doi:10.1/l"], authors=by("openalex:A1"), authors_truncated=True,
            updated="2022-01-01")],
     [("paper", "doi:10.1/l", "authorsTruncated", False), ("author", "s2:12", "metrics.paperCount", 1),
      ("author", "openalex:A1", None, None)]),
    ("an author listed twice counts once, at the first place",
     [paper("local:p", authors=by("local:x", "local:y", "local:x"))],
     [("author", "local:x", "metrics.paperCount", 1), ("paper", "local:p", "authors.0.position", 1),
      ("paper", "local:p", "authors.1.id", "local:y")]),
    ("authors without id are names: folded, flagged, joined by nothing but a merge line",
     [paper("local:p", date="2001", authors=[{"name": "Jos\u00e9  \u00c5ngstr\u00f6m"}]),
      paper("local:q", date="2002", authors=[{"name": "JOSE ANGSTROM"}], references=["local:p"]),
      author("local:jose", "Jos\u00e9 \u00c5ngstr\u00f6m")],
     [("author", "name:jose angstrom", "metrics.paperCount", 2),
      ("author", "name:jose angstrom", "nameOnly", True),
      ("author", "name:jose angstrom", "displayName", "JOSE ANGSTROM"),
      ("author", "name:jose angstrom", "metrics.selfCitationCount", 0),
      ("paper", "local:p", "metrics.selfCitationCount", 0),
      ("author", "local:jose", "metrics.paperCount", 0)]),
    ("a merge line joins a name with a person, and self-citations count",
     [paper("local:p", date="2001", authors=[{"name": "Jo Li"}]),
      paper("local:q", date="2002", authors=[{"name": "Jo Li"}], references=["local:p"]),
      author("local:jo", "Jo Li"), {"type": "merge", "from": "name:jo li", "into": "local:jo"}],
     [("author", "name:jo li", "id", "local:jo"), ("author", "local:jo", "metrics.selfCitationCount", 1),
      ("paper", "local:p", "metrics.selfCitationCount", 1)]),
    ("an orcid on papers joins authors of two sources",
     [paper("openalex:W1", date="2001", authors=[{"id": "openalex:A1", "name": "Ann B",
                                                  "ids": ["orcid:0000-0002-1825-0097"]}]),
      paper("s2:1", date="2003", authors=[{"id": "s2:5", "name": "A. B", "ids": ["orcid:0000-0002-1825-0097"]}])],
     [("author", "orcid:0000-0002-1825-0097", "id", "openalex:A1"),
      ("author", "s2:5", "metrics.paperCount", 2), ("author", "s2:5", "displayName", "A. B")]),
    ("merge lines close transitively, with what the records claim",
     [paper("local:a", references=["local:c"]), paper("local:b"), paper("local:c"),
      {"type": "merge", "from": "local:c", "into": "local:b"}, {"type": "merge", "from": "local:b", "into": "s2:3"},
      paper("local:d", references=["s2:3", "local:b"])],
     [("paper", "local:c", "id", "local:b"), ("paper", "s2:3", "id", "local:b"),
      ("paper", "local:b", "metrics.citationCount", 2), ("paper", "local:d", "metrics.referenceCount", 1)]),
    ("citation lines: dates count while the citing id has none, self-loops and repeats are dropped",
     [paper("local:a", date="1999"), {"type": "citation", "citing": "local:b", "cited": "local:a", "date": "2001-02"},
      {"type": "citation", "citing": "local:c", "cited": "local:a", "date": "2001"}, paper("local:c", date="2005"),
      paper("local:d", date="2006", references=["local:a", "local:a", "local:d"])],
     [("paper", "local:a", "metrics.citationCount", 3), ("paper", "local:b", "stub", True),
      ("paper", "local:a", "metrics.countsByYear.2", {"year": 2001, "citationCount": 1}),
      ("paper", "local:a", "metrics.countsByYear.6", {"year": 2005, "citationCount": 1}),
      ("paper", "local:d", "metrics.referenceCount", 1)]),
    ("a list that the merged view did not take names nobody",
     [paper("openalex:W1", ids=["doi:10.1/r"], references=["doi:10.1/seen"], updated="2022-01-01"),
      paper("s2:1", ids=["doi:10.1/r"], references=["doi:10.1/unseen"], updated="2001-01-01")],
     [("paper", "doi:10.1/seen", "metrics.citationCount", 1), ("paper", "doi:10.1/unseen", None, None)]),
    ("an author's field is the mode of the papers', ties to the newest",
     [paper("local:a", date="2001", field="cs.LG", authors=by("local:x")),
      paper("local:b", date="2002", field="math.CO", authors=by("local:x", "local:y")),
      paper("local:c", date="2003", field="cs.LG", authors=by("local:y"))],
     [("author", "local:x", "primaryField.id", "arxiv/math.CO"), ("author", "local:y", "primaryField.displayName", "LG")]),
    ("suppressed ids are never stored, whatever came first",
     [author("local:gone", "Ge One"), paper("local:p", authors=by("local:x", "local:gone", "local:z"),
                                            references=["local:hidden"]),
      paper("local:hidden"), author("local:x", "Ex", ids=["orcid:0000-0002-1825-0097"]),
      {"type": "suppress", "id": "local:gone", "entity": "author"},
      {"type": "suppress", "id": "local:hidden", "entity": "paper"},
      {"type": "suppress", "id": "orcid:0000-0002-1825-0097"}],
     [("author", "local:gone", None, None), ("paper", "local:hidden", None, None),
      ("author", "orcid:0000-0002-1825-0097", None, None), ("author", "local:x", "ids", ["local:x"]),
      ("paper", "local:p", "authors.1.id", "local:z"), ("paper", "local:p", "authors.1.position", 3),
      ("paper", "local:p", "metrics.referenceCount", 0)]),
    ("one id may name an author and a paper",
     [paper("s2:12345", authors=by("s2:12345"))],
     [("author", "s2:12345", "metrics.paperCount", 1), ("paper", "s2:12345", "stub", False)]),
    ("reported blocks are united and checked, never corrected",
     [author("local:r", "Ar", reported=[{"source": "x", "as_of": "2020", "h_index": 5, "citation_count": 24}]),
      author("s2:4", "Ar", ids=["local:r"], reported=[{"source": "y", "as_of": "2021", "h_index": 5,
                                                       "citation_count": 20, "citation_basis": "citing_papers"}])],
     [("author", "local:r", "reported.0.source", "y"), ("author", "local:r", "reported.0.issues", []),
      ("author", "local:r", "reported.1.issues.0.code", "H_INDEX_ABOVE_CITATIONS")]),
]


def at(value, path):
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def load_in_parts(test, data, lines, name):
    """The lines in the order given, split over one to three imports."""
    cuts = sorted(test.random.randrange(len(lines) + 1) for _ in range(test.random.randrange(3)))
    for number, (start, end) in enumerate(zip([0] + cuts, cuts + [len(lines)])):
        if end > start:
            test.load(data, [write_lines(test.path("%s-%d.jsonl" % (name, number)), lines[start:end])], "hirsch")


def one_case(test, number, what, records, answers):
    lines = [json.dumps(record).encode() for record in records]
    first = None
    for order in range(2 if test.short else ORDERS):
        name = "case%d-%d" % (number, order)
        data = test.path(name)
        load_in_parts(test, data, lines, name)
        test.verify(data)
        exported = test.export(data)
        first = first or exported
        equal(exported, first, "%s: export of order %d" % (what, order))
        with test.serve(data) as daemon:
            for kind, ident, path, expected in answers:
                if path is None:
                    test.client(daemon.url, kind, ident, "--json", expect=4)
                    continue
                answered = test.ask(daemon.url, kind, ident)
                equal(at(answered, path), expected, "%s: %s %s %s" % (what, kind, ident, path))
        test.random.shuffle(lines)


# Stores with nearly nothing in them: tables stay empty, and nothing may trip over that.
SMALL = [
    [],
    [{"type": "suppress", "id": "orcid:0000-0002-1825-0097"}],
    [{"type": "merge", "from": "openalex:A2", "into": "openalex:A1"}],
    [{"type": "citation", "citing": "local:a", "cited": "local:b"}],
    [{"type": "citation", "citing": "local:a", "cited": "local:c"},
     {"type": "merge", "from": "local:a", "into": "local:c", "entity": "paper"}],
    [author("local:x", "Ex")],
    [paper("local:p")],
    [paper("local:p"), {"type": "suppress", "id": "local:p", "entity": "paper"}],
]


def small_stores(test):
    for number, records in enumerate(SMALL):
        data = test.path("small%d" % number)
        lines = [json.dumps(record).encode() for record in records]
        test.load(data, [write_lines(test.path("small%d.jsonl" % number), lines)], "hirsch")
        test.verify(data)
        again = test.path("small%d-again" % number)
        exported = test.export(data)
        test.load(again, [write_lines(test.path("small%d-export.jsonl" % number), exported.splitlines())], "hirsch")
        equal(test.export(again), exported, "export of store %d" % number)
        with test.serve(data) as daemon:
            test.client(daemon.url, "search", "ex", "--json")


def body(test):
    small_stores(test)
    for number, (what, records, answers) in enumerate(CASES):
        one_case(test, number, what, records, answers)
    check(len(CASES) > 15, "cases are missing")
    print("%d cases" % len(CASES))


if __name__ == "__main__":
    Test(__doc__).main(body)
