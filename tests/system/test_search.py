#!/usr/bin/env python3
"""Searches for authors and papers against brute force over all folded names and titles, page by page; prints how long
they take."""
import os
import sys
import time
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal, openalex_files, write_lines  # noqa: E402
from wire_ask import Wire, field, fields, number_of, text_of  # noqa: E402
from oracle import Numbers  # noqa: E402
from oracle_records import Dataset, first_day, fold, id_order  # noqa: E402

SEARCH_AUTHORS, SEARCH_PAPERS = "AuthorService/SearchAuthors", "PaperService/SearchPapers"
COMPACT = 3
DEEP = 250  # hits that are compared of a long list


def words_of(text):
    """Folded runs of letters, marks and digits, cut to 64 bytes."""
    found, word = [], ""
    for character in fold(text) + " ":
        if unicodedata.category(character)[0] in "LMN":
            word += character
        elif word:
            found.append(word.encode()[:64].decode("utf-8", "ignore"))
            word = ""
    return found


class Thing:
    """An author or a paper as the daemon shows it, ready for brute force."""

    def __init__(self, text, names, order, group):
        self.id, self.order, self.group = text, order, group
        self.words = sorted({word for name in names for word in words_of(name)})

    def holds(self, words):
        return all(any(own.startswith(word) for own in self.words) for word in words)


def read_authors(wire, ids):
    things = []
    for author in wire.batch("AuthorService/BatchGetAuthors", ids, 1):
        metrics = fields(author.get(7, [b""])[0])
        names = [name.decode() for name in author.get(3, []) + author.get(4, [])]
        text = text_of(author, 1)
        order = (-number_of(metrics, 2), -number_of(metrics, 1), id_order(text))
        things.append(Thing(text, names, order, text_of(fields(author.get(5, [b""])[0]), 1)))
    return sorted(things, key=lambda thing: thing.order)


def read_papers(wire, ids):
    things = []
    for paper in wire.batch("PaperService/BatchGetPapers", ids, COMPACT):
        metrics = fields(paper.get(11, [b""])[0])
        text = text_of(paper, 1)
        day = first_day(text_of(paper, 5))
        things.append(Thing(text, [text_of(paper, 3)], (-number_of(metrics, 1), id_order(text)),
                            day.year if day else 0))
    return sorted(things, key=lambda thing: thing.order)


class Searcher:
    def __init__(self, wire, method, things):
        self.wire, self.method, self.things = wire, method, things
        self.times, self.nothing = {}, []
        self.starting = {}  # letter -> things with a word that begins so, in order
        for thing in things:
            for letter in {word[0] for word in thing.words}:
                self.starting.setdefault(letter, []).append(thing)
        self.compared = 0

    def compare(self, kind, query, group=None):
        words = words_of(query)
        expected = [thing.id for thing in self.starting.get(words[0][0], ())
                    if (not group or thing.group == group) and thing.holds(words)]
        payload = field(1, query) + (field(2, group) if group else b"")
        items, _ = self.wire.pages(self.method, payload, 3, (7, 40, 100), DEEP)
        got = [text_of(item, 1) for item in items]
        wanted = expected[:len(got)] if len(got) >= DEEP else expected
        equal(got, wanted, "%s %r%s" % (self.method, query, " in %s" % group if group else ""))
        self.compared += 1
        start = time.perf_counter()
        self.wire.call(self.method, payload)
        between = time.perf_counter()
        self.wire.call("DatasetService/GetDataset")
        self.times.setdefault(kind, []).append(between - start)
        self.nothing.append(time.perf_counter() - between)

    def report(self):
        """The median of all searches, and that of calls that look for nothing, each made right behind one."""
        for kind, times in self.times.items():
            times.sort()
            print("%-28s %-14s %4d queries  p50 %.3f ms  p99 %.3f ms" % (
                self.method, kind, len(times), 1e3 * times[len(times) // 2], 1e3 * times[int(len(times) * 0.99)]))
        every = sorted(one for times in self.times.values() for one in times)
        return every[len(every) // 2], sorted(self.nothing)[len(self.nothing) // 2]


def queries_of(test, thing):
    """(kind, query) pairs for which the thing is a hit."""
    words = list(thing.words)
    if not words:
        return
    test.random.shuffle(words)
    yield "all words", " ".join(words[:12])
    yield "one word", words[0]
    yield "upper case", words[0].upper()
    yield "prefix", words[0][:test.random.randint(1, len(words[0]))]
    yield "initials", " ".join(word[0] for word in words[:3])
    yield "word, initial", words[0] + "-" + words[-1][0]


def compare_many(test, searcher, count, groups):
    for thing in test.random.sample(searcher.things, min(count, len(searcher.things))):
        for kind, query in queries_of(test, thing):
            searcher.compare(kind, query)
        if thing.words and thing.group:
            searcher.compare("filter", thing.words[0][:2], thing.group)
    for query in ("a", "é", "m j", "zzzzz", "a zzzzz", "d'", "van der", "王", "م", "0", "ﬁ"):
        searcher.compare("fixed", query)
    for group in groups:
        searcher.compare("filter", "a", group)


LINES = [
    '{"type":"author","id":"local:1","name":"José Müller-García","aliases":["J. M. Garcia"]}',
    '{"type":"author","id":"local:2","name":"王小明"}',
    '{"type":"author","id":"local:3","name":"محمد علي"}',
    '{"type":"author","id":"local:4","name":"Ångström Ø. Łukasz"}',
    '{"type":"paper","id":"local:p1","title":"Größe der β-Faltblätter: 2D","date":"2020","authors":[{"id":"local:1","name":"x"}]}',
    '{"type":"paper","id":"local:p2","title":"On size","date":"2021","references":["local:p1"]}',
]


def check_scripts(test):
    """Accents, hyphens, aliases, reversed order, CJK, right to left; a title in Greek and German."""
    data = test.path("scripts")
    test.load(data, [write_lines(test.path("scripts.jsonl"), [line.encode() for line in LINES])], form="hirsch")
    test.verify(data)
    with test.serve(data) as daemon:
        wire = Wire(daemon.url)
        for method, query, ids in (
                (SEARCH_AUTHORS, "garcia müller jose", ["local:1"]), (SEARCH_AUTHORS, "MULLER-g", ["local:1"]),
                (SEARCH_AUTHORS, "j. m.", ["local:1"]), (SEARCH_AUTHORS, "王小", ["local:2"]),
                (SEARCH_AUTHORS, "明", []), (SEARCH_AUTHORS, "علي محمد", ["local:3"]),
                (SEARCH_AUTHORS, "lukasz angstrom o", ["local:4"]), (SEARCH_PAPERS, "2d β", ["local:p1"]),
                (SEARCH_PAPERS, "grösse", ["local:p1"]), (SEARCH_PAPERS, "faltblatter", ["local:p1"])):
            items, answer = wire.pages(method, field(1, query), 3, (1, 2))
            equal([text_of(item, 1) for item in items], ids, query)
            equal(number_of(answer, 3), 0, "truncated")


def check_many(test):
    """More than 10,000 of one name: the best known are looked at, and that is said."""
    count, cited = 10300, 40
    lines = [b'{"type":"author","id":"local:a%05d","name":"Same Name"}' % number for number in range(count)]
    for number in range(cited):
        author = count - 1 - number * 7
        lines.append(b'{"type":"paper","id":"local:p%d","title":"T","authors":[{"id":"local:a%05d","name":"Same Name"}]}'
                     % (number, author))
        for citing in range(number % 5 + 1):
            lines.append(b'{"type":"citation","citing":"local:c%d","cited":"local:p%d"}' % (citing, number))
    data = test.path("many")
    test.load(data, [write_lines(test.path("many.jsonl"), lines)], form="hirsch")
    with test.serve(data) as daemon:
        wire = Wire(daemon.url)
        items, answer = wire.pages(SEARCH_AUTHORS, field(1, "na same"), 3, (1000,))
        equal(number_of(answer, 3), 1, "truncated")
        equal(len(items), 10000, "hits")
        equal(len({text_of(item, 1) for item in items}), 10000, "each hit once")
        got = [(text_of(item, 1), number_of(item, 6)) for item in items[:cited]]
        expected = [("local:a%05d" % (count - 1 - number * 7), number % 5 + 1) for number in range(cited)]
        equal(got, sorted(expected, key=lambda hit: (-hit[1], hit[0])), "the cited ones come first")


def body(test):
    files = openalex_files()
    count = 25
    if test.short:
        files, count = [path for path in files if "Nelson" in path], 8
    dataset = Dataset()
    for path in files:
        dataset.read(path, "openalex")
    numbers = Numbers(dataset, first_day("2200-01-01"))
    data = test.path("data")
    test.load(data, files)
    test.verify(data)
    with test.serve(data) as daemon:
        wire = Wire(daemon.url, test.seed)
        authors = Searcher(wire, SEARCH_AUTHORS, read_authors(
            wire, [numbers.author_id(root) for root in numbers.author_papers]))
        compare_many(test, authors, count, sorted({thing.group for thing in authors.things if thing.group})[:5])
        papers = Searcher(wire, SEARCH_PAPERS, read_papers(
            wire, [numbers.papers.own_id(root, root) for root in numbers.papers.members]))
        compare_many(test, papers, count, (2001, 2015))
        for searcher in (authors, papers):
            median, nothing = searcher.report()
            # A machine that has other things to do is slow at everything.
            check(median < max(0.02, 50 * nothing), "searches take %.1f ms, calls that look for nothing %.1f ms", 1e3 * median,
                  1e3 * nothing)
    check_scripts(test)
    check_many(test)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
