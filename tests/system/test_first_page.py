#!/usr/bin/env python3
"""The first page: seeds imported, served, and answered with reported and computed numbers side by side."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal  # noqa: E402

AUTHOR = "local:max-lam"


def check_author(test, url):
    author = test.ask(url, "author", AUTHOR)
    equal(author["id"], AUTHOR, "id")
    equal(author["displayName"], "Max Lam", "displayName")
    equal(author["primaryField"]["displayName"], "LG", "primaryField.displayName")
    reported = author["reported"][0]
    for field, value in (("hIndex", 27), ("paperCount", 3), ("citationCount", 477), ("novelty", 0.42),
                         ("aiScore", 35)):
        equal(reported[field], value, "reported[0]." + field)
    check(reported["issues"], "reported[0].issues is empty")
    for issue in reported["issues"]:
        check(issue["code"].isupper() and issue["message"], "an issue without code or sentence: %r", issue)
    metrics = author["metrics"]
    for field, value in (("paperCount", 3), ("citationCount", 0), ("hIndex", 0), ("gIndex", 0), ("i10Index", 0),
                         ("citingPaperCount", 0), ("selfCitationCount", 0), ("firstYear", 2017), ("lastYear", 2025)):
        equal(metrics[field], value, "metrics." + field)
    years = [(year["year"], year["paperCount"], year["citationCount"]) for year in metrics["countsByYear"]]
    equal(years, [(year, int(year in (2017, 2020, 2025)), 0) for year in range(2017, 2026)], "metrics.countsByYear")


def check_papers(test, url):
    import json
    lines = test.client(url, "papers", AUTHOR, "--json").out.rstrip("\n").split("\n")
    papers = [json.loads(line) for line in lines]
    equal([paper["publicationDate"] for paper in papers], ["2025-07-17", "2020-03-10", "2017-06-18"], "dates")
    equal([paper["primaryField"]["displayName"] for paper in papers], ["LG", "PF", "LG"], "fields")
    equal([tag["name"] for tag in papers[0]["affiliations"]], ["apple-ml", "cmu"], "affiliation tags")
    check(papers[0]["authorsTruncated"], "the first list of authors is not marked as truncated")
    positions = {author["id"]: author["position"] for author in papers[0]["authors"]}
    equal(positions[AUTHOR], 0, "position on the first paper")
    paper = test.ask(url, "paper", papers[2]["id"])
    check(paper["abstract"].startswith("The more the gradients"), "abstract: %r", paper.get("abstract"))


def check_page(test, url):
    """The page for people: every fact is on it, reported and computed apart."""
    page = test.client(url, "author", AUTHOR).out
    for text in ("Max Lam", "LG", "27", "477", "42", "35", "reported", "inconsistent", "computed", "et al.", "apple-ml",
                 "cmu", "Apple Intelligence Foundation Language Models: Tech Report 2025", "Gradient Diversity",
                 "Ethan Li", "Colby R. Banbury"):
        check(text.lower() in " ".join(page.lower().split()), "the page does not show %r:\n%s", text, page)
    check("\x1b" not in page, "colour without a terminal")
    order = [page.index(text) for text in ("Apple Intelligence", "Benchmarking TinyML", "Gradient Diversity")]
    equal(order, sorted(order), "order of the papers on the page")


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    test.verify(data)
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        for url in daemon.urls:
            equal(test.client(url, "health").returncode, 0, "health")
            check_author(test, url)
        check_papers(test, daemon.url)
        check_page(test, daemon.url)
        oracle = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")
        print(test.run([sys.executable, oracle, "--hirsch", test.hirsch, "--url", daemon.url, "--format", "hirsch",
                        "--lists", "10", SEED_FILE], expect=0).out, end="")


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
