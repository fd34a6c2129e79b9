"""The shape of the real records that the generator of made corpora is fitted to, measured as `generate --fit` measures what
it makes.
"""
import collections
import gzip
import html
import json
import math
import os
import re

TEAM, LISTS, OUTPUT, CITED = "authors a paper", "references", "papers an author", "citations of the cited"


def value_at(values, share):
    return sorted(values)[int(share * len(values))]


def mean(values):
    return sum(values) / len(values)


def quotients(name, values, *shares):
    for share, title in shares:
        yield "%s, %s / mean" % (name, title), value_at(values, share) / mean(values)


def tail_exponent(values):
    """Hill's estimate from the greatest 5 %."""
    least = value_at(values, 0.95)
    above = [math.log(value / least) for value in values if value > least]
    return 1 + len(above) / sum(above)


def team_measures(teams):
    yield TEAM + ", mean", mean(teams)
    yield TEAM + ", p90", value_at(teams, 0.9)
    yield TEAM + ", p99", value_at(teams, 0.99)


def list_measures(lists):
    return quotients(LISTS, [length for length in lists if length], (0.5, "median"), (0.9, "p90"), (0.99, "p99"))


def aan_papers(folder):
    """Id: (authors by name, year)."""
    papers, record = {}, {}
    with gzip.open(os.path.join(folder, "acl-metadata.txt.gz"), "rt", encoding="cp1252", errors="replace") as file:
        for line in file:
            field = re.match(r"(\w+) = \{(.*)\}", line.strip())
            if field:
                record[field[1]] = field[2]
                if field[1] == "year":
                    names = {name.strip() for name in html.unescape(record["author"]).split(";")}
                    papers[record["id"]] = (names - {""}, int(record["year"]))
    return papers


def aan(folder):
    papers = aan_papers(folder)
    with gzip.open(os.path.join(folder, "acl.txt.gz"), "rt", encoding="ascii") as file:
        edges = {tuple(end.strip() for end in line.split(" , ")) for line in file if " , " in line}
    edges = {edge for edge in edges if edge[0] != edge[1]}
    lists, cited = collections.Counter(one for one, _ in edges), collections.Counter(other for _, other in edges)
    known = [(papers[one][0], papers[other][0]) for one, other in edges if one in papers and other in papers]
    output = collections.Counter(name for names, _ in papers.values() for name in names)
    years = [year for _, year in papers.values()]
    measures = dict(list_measures(list(lists.values())))
    measures.update(team_measures([len(names) for names, _ in papers.values()]))
    measures[OUTPUT + ", mean"] = mean(output.values())
    measures.update(quotients(OUTPUT, list(output.values()), (0.9, "p90"), (0.99, "p99")))
    measures.update(quotients(CITED, list(cited.values()), (0.5, "p50"), (0.9, "p90"), (0.99, "p99")))
    measures["citations, exponent of the tail"] = tail_exponent(list(cited.values()))
    measures["papers that are cited, share"] = sum(paper in cited for paper in papers) / len(papers)
    measures["self-citations, share"] = sum(bool(ours & theirs) for ours, theirs in known) / len(known)
    measures["growth a year"] = math.log(10) / (max(years) - value_at(years, 0.1))
    return measures


def openalex(files):
    works = {}
    for path in files:
        with gzip.open(path) as file:
            for line in file:
                work = json.loads(line)
                works[work["id"]] = work
    authors = {name: {one["author"].get("id") for one in work["authorships"]} - {None} for name, work in works.items()}
    inside = [(name, other) for name, work in works.items() for other in set(work["referenced_works"])
              if other in works and other != name]
    measures = dict(list_measures([len(work["referenced_works"]) for work in works.values()]))
    measures.update(team_measures([len(work["authorships"]) for work in works.values() if work["authorships"]]))
    measures["citations, exponent of the tail"] = tail_exponent([work["cited_by_count"] for work in works.values()
                                                                 if work["cited_by_count"]])
    measures["self-citations, share"] = sum(bool(authors[one] & authors[other]) for one, other in inside) / len(inside)
    return measures
