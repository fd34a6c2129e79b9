#!/usr/bin/env python3
"""Citations, references, coauthors, and what the dataset says of itself: pages of every size against the raw records."""
import collections
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, openalex_files, write_lines  # noqa: E402
from wire_ask import Wire, field, fields, number_of, text_of  # noqa: E402
from oracle import Numbers  # noqa: E402
from oracle_records import Dataset, id_order  # noqa: E402

SIZES = (1, 3, 17, 100, 1000)
NO_DAY = datetime.date.max
AUTHOR, PAPER = 1, 2
COMPACT = 3


def some(test, roots, size_of, count):
    """The largest ones and others drawn."""
    ordered = sorted(roots, key=lambda root: (-size_of(root), root))
    return ordered[:3] + test.random.sample(ordered[3:], min(count, len(ordered) - 3))


def check_citations(test, wire, numbers, count):
    name = lambda root: numbers.papers.own_id(root, numbers.known_as.get(root, root))  # noqa: E731
    for root in some(test, list(numbers.cited_by), lambda root: len(numbers.cited_by[root]), count):
        citing = numbers.cited_by[root]
        sizes = SIZES[2:] if len(citing) > 50 else SIZES
        items, answer = wire.pages("PaperService/ListCitations", field(1, name(root)) + field(4, COMPACT), 2, sizes)
        equal(number_of(answer, 3), len(citing), "total_size of the citations of %s" % name(root))
        got = [(text_of(fields(item[1][0]), 1), bool(number_of(item, 2))) for item in items]
        days = {name(one): numbers.date.get(one) or numbers.edge_date.get((one, root)) or NO_DAY for one in citing}
        equal(sorted(got), sorted((name(one), numbers.shares_identified(one, root)) for one in citing),
              "citations of %s" % name(root))
        order = [days[text] for text, _ in got]
        equal(order, sorted(order), "order of the citations of %s" % name(root))


def check_references(test, wire, numbers, count):
    name = lambda root: numbers.papers.own_id(root, numbers.known_as.get(root, root))  # noqa: E731
    for root in some(test, list(numbers.cites), lambda root: len(numbers.cites[root]), count):
        cited = numbers.cites[root]
        sizes = SIZES[2:] if len(cited) > 50 else SIZES
        items, answer = wire.pages("PaperService/ListReferences", field(1, name(root)) + field(4, COMPACT), 2, sizes)
        equal(number_of(answer, 3), len(cited), "total_size of the references of %s" % name(root))
        got = [(text_of(item, 1), bool(number_of(item, 17))) for item in items]
        equal(len(set(got)), len(got), "each reference of %s once" % name(root))
        equal(sorted(got), sorted((name(one), one not in numbers.papers.members) for one in cited),
              "references of %s" % name(root))


def check_coauthors(test, wire, numbers, count):
    for root in some(test, list(numbers.author_papers), lambda root: len(numbers.author_papers[root]), count):
        joint, years, skipped = collections.Counter(), collections.defaultdict(list), 0
        for paper in numbers.author_papers[root]:
            if len(numbers.listed[paper]) > 100:
                skipped += 1
                continue
            for other in numbers.listed[paper]:
                if other != root:
                    joint[other] += 1
                    if numbers.date[paper]:
                        years[other].append(numbers.date[paper].year)
        name = numbers.author_id(root)
        expected = [(numbers.author_id(other), times, min(years[other], default=0), max(years[other], default=0))
                    for other, times in joint.items()]
        expected.sort(key=lambda one: (-one[1], id_order(one[0])))
        sizes = SIZES[2:] if len(expected) > 50 else SIZES
        items, answer = wire.pages("AuthorService/ListCoauthors", field(1, name), 2, sizes)
        equal(number_of(answer, 3), len(expected), "total_size of the coauthors of %s" % name)
        equal(number_of(answer, 4), skipped, "skipped_papers of %s" % name)
        equal([(text_of(item, 1), number_of(item, 3), number_of(item, 4), number_of(item, 5)) for item in items],
              expected, "coauthors of %s" % name)
        for item in items:
            equal(bool(number_of(item, 6)), text_of(item, 1).startswith("name:"), "name_only")


def check_dataset(wire, numbers, dataset):
    answer = fields(wire.call("DatasetService/GetDataset")[1][0])
    totals = numbers.totals()
    for place, key in ((5, "papers"), (6, "stubs"), (7, "authors"), (8, "citations"), (11, "disputed")):
        equal(number_of(answer, place), totals[key], key)
    equal(text_of(answer, 4), totals["coverageEnd"], "coverage_end")
    check(len(text_of(answer, 1)) == 32 and len(text_of(answer, 2)) == 32, "dataset and epoch are 32 digits")
    counts = collections.defaultdict(collections.Counter)
    for record in dataset.records.values():
        counts[record.source][record.kind] += 1
    expected = sorted(((source, kinds["author"], kinds["paper"]) for source, kinds in counts.items()),
                      key=lambda row: (-row[1] - row[2], row[0]))
    got = [(text_of(row, 1), number_of(row, 2), number_of(row, 3)) for row in map(fields, answer.get(12, []))]
    equal(got, expected, "sources")


def sample(wire, kind, count, seed, stubs=0):
    payload = field(1, kind) + field(2, count) + field(3, seed) + field(4, stubs)
    return [text.decode() for text in wire.call("DatasetService/SampleIds", payload).get(1, [])]


def check_samples(wire, numbers):
    papers = {numbers.papers.own_id(root, root) for root in numbers.papers.members}
    authors = {numbers.author_id(root) for root in numbers.author_papers}
    for kind, everything in ((AUTHOR, authors), (PAPER, papers)):
        drawn = sample(wire, kind, 10000, 5)
        equal(len(drawn), min(10000, len(everything)), "ids drawn")
        equal(len(set(drawn)), len(drawn), "each id once")
        check(set(drawn) <= everything, "an id that no record gives")
        equal(sample(wire, kind, 20, 5), drawn[:20], "the same seed")
        check(sample(wire, kind, 20, 6) != drawn[:20], "another seed draws the same")
    check(any(text not in papers for text in sample(wire, PAPER, 1000, 1, 1)), "no stub was drawn")


def check_resolve(wire, numbers):
    texts, expected = [], []
    for record in list(numbers.papers.records)[:300]:
        for text in sorted(record.ids | {record.id})[:3]:
            root = numbers.papers.resolve(text)
            own = numbers.papers.own_id(root, root)
            texts.append(text)
            expected.append((text, PAPER, own, text != own, text in numbers.papers.disputed))
    for start in range(0, len(texts), 300):
        payload = b"".join(field(1, text) for text in texts[start:start + 300])
        answer = wire.call("DatasetService/ResolveIds", payload).get(1, [])
        got = [(text_of(row, 1), number_of(row, 2), text_of(row, 3), bool(number_of(row, 4)), bool(number_of(row, 5)))
               for row in map(fields, answer)]
        equal(got, expected[start:start + 300], "resolved ids")


def check_suppressed(test):
    """A suppressed id names nothing, and that is said."""
    lines = [b'{"type":"suppress","id":"orcid:0000-0001-6187-6610"}', b'{"type":"suppress","id":"local:x"}',
             b'{"type":"author","id":"local:x","name":"X"}', b'{"type":"author","id":"local:y","name":"Y"}']
    data = test.path("suppressed")
    test.load(data, [write_lines(test.path("suppressed.jsonl"), lines)], form="hirsch")
    test.verify(data)
    with test.serve(data) as daemon:
        wire = Wire(daemon.url)
        answer = wire.call("DatasetService/ResolveIds", b"".join(
            field(1, text) for text in ("orcid:0000-0001-6187-6610", "local:x", "local:y")))
        rows = [(text_of(row, 1), number_of(row, 2), bool(number_of(row, 6))) for row in map(fields, answer[1])]
        equal(rows, [("orcid:0000-0001-6187-6610", 0, True), ("local:x", 0, True), ("local:y", AUTHOR, False)],
              "suppressed ids")


def body(test):
    files = openalex_files()
    count = 30
    if test.short:
        files, count = [path for path in files if "Nelson" in path], 10
    dataset = Dataset()
    for path in files:
        dataset.read(path, "openalex")
    numbers = Numbers(dataset, datetime.datetime.now(datetime.timezone.utc).date())
    data = test.path("data")
    test.load(data, files)
    with test.serve(data) as daemon:
        wire = Wire(daemon.url, test.seed)
        check_dataset(wire, numbers, dataset)
        check_citations(test, wire, numbers, count)
        check_references(test, wire, numbers, count)
        check_coauthors(test, wire, numbers, count)
        check_samples(wire, numbers)
        check_resolve(wire, numbers)
    check_suppressed(test)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
