#!/usr/bin/env python3
"""Recomputes every computed number from the raw records and compares it with what the daemon answers.

Python's standard library only; shares no code with the programs. Reads OpenAlex objects (JSON lines or one object a
file, plain or gzip; folders are walked) and native lines, works out entities, citations and numbers by the written
rules, asks the daemon through `hirsch … --json`, and prints how much was compared and each difference. Exit code 1
when anything differs, 64 for wrong arguments, 65 for records on which the rules give no one answer.
"""
import argparse
import bisect
import collections
import datetime
import json
import random
import subprocess
import sys

from oracle_records import Dataset, Entities, Undecided, first_day, id_order


# --- numbers ---------------------------------------------------------------------------------------------------------

def years_between(first, last):
    return range(first, last + 1) if first is not None else range(0)


class Numbers:
    """Everything computed, from the records that hold."""

    def __init__(self, dataset, today):
        self.papers = Entities("paper", dataset)
        self.authors = Entities("author", dataset)
        self.date, self.listed, self.names = {}, {}, {}
        self.cites = collections.defaultdict(set)
        self.cited_by = collections.defaultdict(set)
        self.edge_date = {}
        self.known_as = {}  # root -> the first-sorting id by which papers name it
        references = {}
        for root, records in self.papers.members.items():
            self.merge_paper(root, records, references)
        for root, cited in references.items():
            for text in cited:
                self.edge(root, text, None)
        for (citing, cited), date in sorted(dataset.citations.items()):
            root = self.papers.resolve(citing)
            self.named(root, citing)
            self.edge(root, cited, date)
        self.author_papers = collections.defaultdict(set)
        for paper, authors in self.listed.items():
            for author in authors:
                self.author_papers[author].add(paper)
        for record in self.authors.records:
            self.author_papers.setdefault(self.authors.root(record.id), set())
        days = [date for date in self.date.values() if date is not None and date <= today]
        self.coverage_end = max(days) if days else None

    def merge_paper(self, root, records, references):
        """Each field from the first record that has it: the newest, then the first primary id."""
        records = sorted(records, key=lambda record: id_order(record.id))
        records.sort(key=lambda record: record.updated, reverse=True)
        self.date[root] = next((record.date for record in records if record.date), None)
        lists = [record for record in records if record.authors]
        whole = [record for record in lists if not record.truncated] or lists
        authors = []
        for text in whole[0].authors if whole else ():
            author = self.authors.resolve(text)
            self.named(author, text)
            if author not in authors:
                authors.append(author)
        self.listed[root] = authors
        references[root] = next((record.references for record in records if record.references), ())

    def named(self, root, text):
        self.known_as[root] = min(self.known_as.get(root, text), text, key=id_order)

    def edge(self, citing, cited_text, date):
        cited = self.papers.resolve(cited_text)
        self.named(cited, cited_text)
        if cited == citing:
            return
        self.cites[citing].add(cited)
        self.cited_by[cited].add(citing)
        if date is not None:
            self.edge_date.setdefault((citing, cited), date)

    def citing_year(self, citing, cited):
        date = self.date.get(citing) or self.edge_date.get((citing, cited))
        return date.year if date else None

    def author_id(self, root):
        return self.authors.own_id(root, self.known_as.get(root, root))

    def identified(self, root):
        return not self.author_id(root).startswith("name:")

    def shares_identified(self, citing, cited):
        named = {author for author in self.listed.get(citing, ()) if self.identified(author)}
        return any(author in named for author in self.listed.get(cited, ()))

    def paper_roots(self):
        roots = set(self.papers.members) | set(self.cites) | set(self.cited_by)
        return sorted(roots)

    def paper(self, root):
        citing = self.cited_by.get(root, ())
        by_year = collections.Counter(self.citing_year(paper, root) for paper in citing)
        by_year.pop(None, None)
        series = []
        if by_year:
            date = self.date.get(root)
            first = min(by_year) if date is None else min(date.year, min(by_year))
            series = [{"year": year, "citationCount": by_year[year]} for year in years_between(first, max(by_year))]
        return {
            "id": self.papers.own_id(root, self.known_as.get(root, root)),
            "stub": root not in self.papers.members,
            "citationCount": len(citing),
            "referenceCount": len(self.cites.get(root, ())),
            "selfCitationCount": sum(1 for paper in citing if self.shares_identified(paper, root)),
            "countsByYear": series,
        }

    def author(self, root):
        papers = self.author_papers[root]
        counts = sorted((len(self.cited_by.get(paper, ())) for paper in papers), reverse=True)
        h = sum(1 for place, count in enumerate(counts, 1) if count >= place)
        g = total = 0
        for place, count in enumerate(counts, 1):
            total += count
            if total >= place * place:
                g = place
        citing, own, cited_years = set(), 0, collections.Counter()
        identified = self.identified(root)
        for paper in papers:
            for other in self.cited_by.get(paper, ()):
                citing.add(other)
                own += identified and other in papers
                cited_years[self.citing_year(other, paper)] += 1
        cited_years.pop(None, None)
        written = collections.Counter(self.date[paper].year for paper in papers if self.date[paper])
        years = sorted(set(cited_years) | set(written))
        answer = {
            "id": self.author_id(root),
            "paperCount": len(papers),
            "citationCount": sum(counts),
            "citingPaperCount": len(citing),
            "hIndex": h,
            "gIndex": g,
            "i10Index": bisect.bisect_right([-count for count in counts], -10),
            "i100Index": bisect.bisect_right([-count for count in counts], -100),
            "selfCitationCount": own,
            "countsByYear": [
                {"year": year, "paperCount": written[year], "citationCount": cited_years[year]}
                for year in (years_between(years[0], years[-1]) if years else ())],
        }
        if written:
            answer["firstYear"], answer["lastYear"] = min(written), max(written)
            day = self.coverage_end
            age = day.year - min(written) + 1 if day else 1
            answer["mQuotient"] = h / max(1, age)
        return answer

    def totals(self):
        return {
            "papers": len(self.papers.members),
            "stubs": len(set(self.paper_roots()) - set(self.papers.members)),
            "authors": len(self.author_papers),
            "citations": sum(len(cited) for cited in self.cites.values()),
            "disputed": len(self.papers.disputed) + len(self.authors.disputed),
            "coverageEnd": self.coverage_end.isoformat() if self.coverage_end else "",
        }


# --- comparing -------------------------------------------------------------------------------------------------------

AUTHOR_NUMBERS = ("paperCount", "citationCount", "citingPaperCount", "hIndex", "gIndex", "i10Index", "i100Index",
                  "mQuotient", "selfCitationCount", "firstYear", "lastYear", "countsByYear")
PAPER_NUMBERS = ("citationCount", "referenceCount", "selfCitationCount", "countsByYear")


class Report:
    def __init__(self, most):
        self.compared = collections.Counter()
        self.differences = 0
        self.most = most

    def same(self, what, name, field, expected, answered):
        numbers = 1
        if field == "countsByYear":
            numbers = sum(len(year) - 1 for year in expected) or 1
        self.compared[what] += numbers
        if expected == answered and type(expected) is not bool or expected is answered:
            return
        self.differences += 1
        if self.differences <= self.most:
            print("%s %s: %s is %s in the answer, %s in the records"
                  % (what, name, field, json.dumps(answered), json.dumps(expected)))


def compare_one(report, what, expected, answered, fields):
    name = expected["id"]
    report.same(what, name, "id", name, answered.get("id"))
    if "stub" in expected:
        report.same(what, name, "stub", expected["stub"], answered.get("stub", False))
    metrics = answered.get("metrics") or {}
    for field in fields:
        report.same(what, name, field, expected.get(field), metrics.get(field))


def ask(hirsch, url, what, ids):
    """One answer for each id, in order; {} for an id that got none."""
    command = [hirsch, "-s", url, what, "-", "--json"]
    done = subprocess.run(command, input="".join(text + "\n" for text in ids), stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", check=False)
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    if len(answers) != len(ids):
        print("%s gave %d answers for %d ids, exit code %d"
              % (" ".join(command), len(answers), len(ids), done.returncode))
        named = {answer.get("id"): answer for answer in answers}
        answers = [named.get(text, {}) for text in ids]
    return answers


def compare_all(report, numbers, hirsch, url):
    for what, roots, compute, fields in (
            ("author", sorted(numbers.author_papers), numbers.author, AUTHOR_NUMBERS),
            ("paper", numbers.paper_roots(), numbers.paper, PAPER_NUMBERS)):
        expected = [compute(root) for root in roots]
        for wanted, answered in zip(expected, ask(hirsch, url, what, [one["id"] for one in expected])):
            compare_one(report, what, wanted, answered, fields)


def compare_lists(report, numbers, hirsch, url, count, seed):
    """The lists of papers of some authors: the right papers, newest first, undated last."""
    roots = sorted(root for root, papers in numbers.author_papers.items() if papers)
    most = sorted(roots, key=lambda root: -len(numbers.author_papers[root]))[:3]
    for root in most + random.Random(seed).sample(roots, min(count, len(roots))):
        name = numbers.author(root)["id"]
        done = subprocess.run([hirsch, "-s", url, "papers", name, "--json"], stdout=subprocess.PIPE, text=True,
                              encoding="utf-8", check=True)
        answered = [json.loads(line) for line in done.stdout.split("\n") if line]
        wanted = {numbers.papers.own_id(paper, paper) for paper in numbers.author_papers[root]}
        report.same("list", name, "papers", sorted(wanted), sorted(paper["id"] for paper in answered))
        days = [first_day(paper.get("publicationDate")) or datetime.date.min for paper in answered]
        report.same("list", name, "order", sorted(days, reverse=True), days)


def compare_totals(report, numbers, path):
    with open(path, encoding="utf-8") as file:
        stat = json.load(file)
    for field, value in numbers.totals().items():
        report.same("stat", path, field, value, stat.get(field))


def self_test():
    """A worked example, counted by hand, and the proof that a changed number is seen."""
    lines = [
        {"type": "paper", "id": "local:p1", "date": "2000", "authors": [{"id": "local:a", "name": "A"},
                                                                        {"name": "Ø  Bé"}]},
        {"type": "paper", "id": "local:p2", "date": "2002-03", "authors": [{"id": "local:a", "name": "A"},
                                                                           {"id": "local:a", "name": "A"}],
         "references": ["local:p1", "local:p2", "local:p1", "doi:10.1/X"]},
        {"type": "paper", "id": "local:p3", "authors": [{"name": "o be"}],
         "references": ["local:p1", "local:p2", "doi:10.1/x"]},
        {"type": "paper", "id": "local:p4", "date": "1999-12-31", "references": ["local:p2"]},
    ]
    dataset = Dataset()
    for line in lines:
        dataset.add_native(line)
    numbers = Numbers(dataset, datetime.date(2010, 1, 1))
    author = numbers.author("local:a")
    assert author == {
        "id": "local:a", "paperCount": 2, "citationCount": 4, "citingPaperCount": 3, "hIndex": 2, "gIndex": 2,
        "i10Index": 0, "i100Index": 0, "selfCitationCount": 1, "firstYear": 2000, "lastYear": 2002,
        "mQuotient": 2 / 3, "countsByYear": [
            {"year": 1999, "paperCount": 0, "citationCount": 1}, {"year": 2000, "paperCount": 1, "citationCount": 0},
            {"year": 2001, "paperCount": 0, "citationCount": 0},
            {"year": 2002, "paperCount": 1, "citationCount": 1}]}, author
    named = numbers.author("name:o be")
    assert (named["paperCount"], named["citationCount"], named["selfCitationCount"]) == (2, 2, 0), named
    paper = numbers.paper("local:p1")
    assert (paper["citationCount"], paper["selfCitationCount"]) == (2, 1), paper
    assert [year["citationCount"] for year in paper["countsByYear"]] == [0, 0, 1], paper
    early = numbers.paper("local:p2")
    assert early["countsByYear"] == [{"year": 1999, "citationCount": 1}], early
    assert early["referenceCount"] == 2, early
    stub = numbers.paper("doi:10.1/x")
    assert stub["stub"] and stub["citationCount"] == 2 and stub["referenceCount"] == 0, stub
    assert numbers.totals() == {"papers": 4, "stubs": 1, "authors": 2, "citations": 6, "disputed": 0,
                                "coverageEnd": "2002-03-01"}, numbers.totals()
    report = Report(0)
    answered = {"id": "local:a", "metrics": {key: author[key] for key in AUTHOR_NUMBERS}}
    compare_one(report, "author", author, answered, AUTHOR_NUMBERS)
    assert report.differences == 0
    answered["metrics"]["gIndex"] += 1
    compare_one(report, "author", author, answered, AUTHOR_NUMBERS)
    assert report.differences == 1
    print("the worked example holds, and a changed number is seen")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hirsch", help="the client command")
    parser.add_argument("--url", help="where the daemon listens")
    parser.add_argument("--format", choices=("openalex", "hirsch"), default="openalex")
    parser.add_argument("--stat", help="what `hirschd stat --json` printed; its totals are compared too")
    parser.add_argument("--lists", type=int, default=0, help="lists of papers to compare, of so many authors")
    parser.add_argument("--today", help="day of import, default today (UTC)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=20, help="differences to print")
    parser.add_argument("--totals", action="store_true", help="print the totals of the records and stop")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    if not options.files or not (options.totals or (options.hirsch and options.url)):
        parser.print_usage(sys.stderr)
        return 64
    today = first_day(options.today) or datetime.datetime.now(datetime.timezone.utc).date()
    dataset = Dataset()
    try:
        for path in options.files:
            dataset.read(path, options.format)
    except Undecided as reason:
        print("not decided by the rules: %s" % reason, file=sys.stderr)
        return 65
    numbers = Numbers(dataset, today)
    if options.totals:
        print(json.dumps(numbers.totals()))
        return 0
    report = Report(options.most)
    compare_all(report, numbers, options.hirsch, options.url)
    if options.lists:
        compare_lists(report, numbers, options.hirsch, options.url, options.lists, options.seed)
    if options.stat:
        compare_totals(report, numbers, options.stat)
    print("%s; %d numbers compared, %d differences"
          % (json.dumps(numbers.totals()), sum(report.compared.values()), report.differences))
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
