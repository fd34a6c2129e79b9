#!/usr/bin/env python3
"""Every command of hirsch against a real daemon: exit codes, JSON lines, CSV, requests in JSON, stdin, closed pipes."""
import csv
import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, data_path, equal, openalex_files, write_lines  # noqa: E402

MANY = 1203  # more than one page
ZOE, BOB, PAPER, CITED, STUB = "local:zoe", "local:bob", "local:p1", "local:cited", "doi:10.5555/stub"
METHODS = (
    "AuthorService/GetAuthor", "AuthorService/BatchGetAuthors", "AuthorService/ListAuthorPapers",
    "AuthorService/ListCoauthors", "AuthorService/SearchAuthors", "PaperService/GetPaper", "PaperService/BatchGetPapers",
    "PaperService/ListCitations", "PaperService/ListReferences", "PaperService/SearchPapers",
    "DatasetService/GetDataset", "DatasetService/SampleIds", "DatasetService/ResolveIds", "DatasetService/RefreshCohorts",
    "RecordService/PutRecords", "RecordService/DeleteRecords", "Health/Check")
TITLE = 'Sparse, "quoted" graphs of Größe'


def records():
    zoe, bob = {"id": ZOE, "name": "Zoë Ångström-Li"}, {"id": BOB, "name": "Bob Archer"}
    lines = [
        {"type": "author", "id": ZOE, "name": zoe["name"], "field": "cs.LG", "affiliations": ['Lab "A", Ltd']},
        {"type": "author", "id": BOB, "name": bob["name"], "field": "cs.DB"},
        {"type": "paper", "id": PAPER, "ids": ["doi:10.5555/p1"], "title": TITLE, "date": "2018-02-13",
         "authors": [zoe, bob, {"name": "Li Ming"}], "references": [CITED, STUB], "venue": "Venue, the"},
        {"type": "paper", "id": CITED, "title": "Cited by many", "date": "2016", "authors": [zoe]},
        {"type": "suppress", "id": "orcid:0000-0002-1825-0097"},
    ]
    for i in range(MANY):
        lines.append({"type": "paper", "id": "local:many-%04d" % i, "title": "Manifold %d" % i, "references": [CITED],
                      "date": "%d" % (2000 + i % 20), "authors": [bob]})
    return [json.dumps(line).encode() for line in lines]


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def csv_rows(done):
    """Rows as dictionaries; the text has to be RFC 4180."""
    text = done.stdout.decode("utf-8")
    check(text.endswith("\r\n"), "the CSV does not end in CR LF: %r", text[-80:])
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


class Commands:
    def __init__(self, test, url):
        self.test = test
        self.url = url

    def run(self, *arguments, expect=0, stdin=None):
        done = self.test.client(self.url, *arguments, expect=expect, stdin=stdin)
        if expect == 0:
            return done
        check(done.err.startswith("hirsch: "), "%s: no word on stderr: %r", arguments, done.err)
        return done

    def lines(self, *arguments):
        return json_lines(self.run(*arguments, "--json").out)

    def rows(self, *arguments):
        return csv_rows(self.run(*arguments, "--csv"))

    def says(self, words, *arguments, expect, stdin=None):
        done = self.run(*arguments, expect=expect, stdin=stdin)
        for word in words:
            check(word in done.err, "%s does not say %r: %s", arguments, word, done.err)


def check_search(ask):
    for words in (["zoe"], ["ZOË", "li"], ["li", "angstrom", "zoe"], ["angs"]):
        found = ask.lines("search", *words)
        equal([hit["id"] for hit in found], [ZOE], "search %s" % words)
    hit = ask.lines("search", "zoe")[0]
    equal((hit["displayName"], hit["paperCount"], hit["citationCount"], hit["hIndex"]),
          ("Zoë Ångström-Li", 2, MANY + 1, 1), "the hit")
    row = ask.rows("search", "zoe")[0]
    equal((row["id"], row["display_name"], row["field"], row["paper_count"], row["affiliations"]),
          (ZOE, "Zoë Ångström-Li", "arxiv/cs.LG", "2", 'Lab "A", Ltd'), "the row")
    table = ask.run("search", "zoe").out
    for text in ("author", "field", "papers", "Zoë Ångström-Li", "LG", ZOE, 'Lab "A", Ltd'):
        check(text in table, "the table does not show %r:\n%s", text, table)
    equal(ask.lines("search", "zoe", "--field", "cs.DB"), [], "another field")
    equal(len(ask.lines("search", "bob", "--field", "arxiv/cs.DB")), 1, "the field")
    check("no author" in ask.run("search", "xyzzy").out, "nothing is said of nothing found")
    equal(ask.run("search", "xyzzy", "--json").out, "", "JSON of nothing")
    equal(len(ask.rows("search", "xyzzy")), 0, "CSV of nothing")
    ask.run("search", "", expect=65)


def check_paper_search(ask):
    found = ask.lines("search", "--papers", "quoted", "sparse")
    equal([(paper["id"], paper["title"]) for paper in found], [(PAPER, TITLE)], "the paper found")
    equal(ask.rows("search", "--papers", "sparse")[0]["title"], TITLE, "title in CSV")
    equal(len(ask.lines("search", "--papers", "manifold")), 20, "the default limit")
    equal(len(ask.lines("search", "--papers", "manifold", "--limit", "1100")), 1100, "two pages, cut")
    ids = [row["id"] for row in ask.rows("search", "--papers", "manifold", "--limit", "5000")]
    equal((len(ids), len(set(ids))), (MANY, MANY), "all pages")
    years = {paper["publicationDate"][:4] for paper in ask.lines("search", "--papers", "manifold", "--year", "2007")}
    equal(years, {"2007"}, "years")
    check("--limit" in ask.run("search", "--papers", "manifold").out, "nothing is said of more")


def check_lists(ask):
    equal([(row["id"], row["joint_paper_count"]) for row in ask.rows("coauthors", ZOE)][0], (BOB, "1"), "coauthors")
    coauthors = ask.lines("coauthors", ZOE)
    equal(sorted(one["nameOnly"] for one in coauthors), [False, True], "coauthors by name only")
    equal((coauthors[0]["firstYear"], coauthors[0]["lastYear"]), (2018, 2018), "years")
    check("Bob Archer" in ask.run("coauthors", ZOE).out, "the table of coauthors")
    citations = ask.lines("citations", CITED)
    equal(len(citations), MANY + 1, "citations")
    equal({one["paper"]["id"] for one in citations if one["sharesAuthor"]}, {PAPER}, "citations of one's own")
    rows = ask.rows("citations", CITED)
    equal([row["id"] for row in rows], [one["paper"]["id"] for one in citations], "order")
    equal([row["id"] for row in rows if row["shares_author"] == "true"], [PAPER], "shares_author")
    dates = [row["publication_date"] for row in rows]
    equal(dates, sorted(dates), "oldest first")
    equal(len(ask.lines("citations", CITED, "--limit", "7")), 7, "--limit")
    equal(ask.lines("citations", PAPER), [], "a paper that nobody cites")
    check("no paper cites it" in ask.run("citations", PAPER).out, "nothing is said of no citation")
    references = ask.lines("references", PAPER)
    equal({paper["id"]: paper["stub"] for paper in references}, {CITED: False, STUB: True}, "references")
    check("cited only" in ask.run("references", PAPER).out, "the table does not tell a stub")
    papers = ask.rows("papers", BOB)
    equal([row["id"] for row in papers], [paper["id"] for paper in ask.lines("papers", BOB)], "papers as CSV")
    equal(len(papers), MANY + 1, "papers")
    row = next(row for row in papers if row["id"] == PAPER)
    equal((row["title"], row["venue"], row["authors"]), (TITLE, "Venue, the", "Zoë Ångström-Li; Bob Archer; Li Ming"),
          "the row of a paper")
    for command in ("coauthors", "citations", "references"):
        ask.says(["local:nobody"], command, "local:nobody", expect=4)
        ask.run(command, "nonsense", expect=65)


def check_ids(ask):
    # An id by name holds blanks: one a line.
    for kind in ("authors", "papers"):
        ids = ask.run("sample", kind, "--count", "7", "--seed", "3").out.splitlines()
        equal(len(ids), 7, "sample " + kind)
        equal(ask.run("sample", kind, "--count", "7", "--seed", "3").out.splitlines(), ids, "the same seed")
        equal(len(ask.run("resolve", "-", "--json", stdin="\n".join(ids).encode()).out.splitlines()), 7, "resolve -")
    found = ask.lines("resolve", PAPER, "doi:10.5555/P1", STUB)
    equal([(one["kind"], one["resolvedId"], one["merged"], one["stub"]) for one in found],
          [("ENTITY_KIND_PAPER", PAPER, False, False), ("ENTITY_KIND_PAPER", PAPER, True, False),
           ("ENTITY_KIND_PAPER", STUB, False, True)], "resolved")
    done = ask.run("resolve", "local:nobody", PAPER, "nonsense", "orcid:0000-0002-1825-0097", "--json", expect=2)
    equal([one["resolvedId"] for one in json_lines(done.out)], ["", PAPER, "", ""], "partly resolved")
    check(json_lines(done.out)[3]["suppressed"], "suppressed is not said: %s", done.out)
    for word in ("local:nobody", "nonsense", "suppressed"):
        check(word in done.err, "resolve does not say %r: %s", word, done.err)
    equal([(row["id"], row["remarks"]) for row in csv_rows(ask.run("resolve", "local:nobody", PAPER, "--csv",
                                                                   expect=2))],
          [("local:nobody", "unknown"), (PAPER, "")], "rows")
    ask.run("resolve", "local:nobody", expect=4)
    ask.run("resolve", "local:nobody", "nonsense", expect=4)
    ask.run("resolve", "nonsense", expect=65)


def check_call(ask):
    request = '{"id": "%s"}' % ZOE
    for method in ("AuthorService/GetAuthor", "hirsch.v1.AuthorService/GetAuthor"):
        equal(json.loads(ask.run("call", method, request).out)["author"]["id"], ZOE, method)
    done = ask.run("call", "AuthorService/GetAuthor", "-", stdin=request.encode())
    equal(json.loads(done.out)["author"]["displayName"], "Zoë Ångström-Li", "a request from stdin")
    page = json.loads(ask.run("call", "AuthorService/ListAuthorPapers",
                              '{"id":"%s","page_size":"2","view":"PAPER_VIEW_BASIC","pageToken":null}' % BOB).out)
    equal((len(page["papers"]), page["totalSize"]), (2, MANY + 1), "a page")
    equal(json.loads(ask.run("call", "grpc.health.v1.Health/Check").out), {"status": "SERVING"}, "health")
    dataset = json.loads(ask.run("call", "DatasetService/GetDataset", "{}").out)["dataset"]
    check(int(dataset["citationCount"]) >= MANY, "the dataset: %s", dataset)
    for method in METHODS:
        done = ask.test.client(ask.url, "call", method, "{}", expect=(0, 65))
        check("UNIMPLEMENTED" not in done.err, "%s: %s", method, done.err)
    both = ask.url + "," + ask.test.ipc("nobody")
    for words, stdin in ((("put", "-"), b'{"type":"paper","id":"local:never"}\n'), (("delete", "local:never"), None),
                         (("call", "RecordService/DeleteRecords", '{"keys":[{"entity":{"id":"local:never"}}]}'), None)):
        said = ask.test.client(both, *words, stdin=stdin, expect=78).err
        check("--server" in said, "%s to two servers: %s", words[0], said)
    call = ("call", "AuthorService/GetAuthor")
    ask.says(["unknown field idd", "did you mean id?", "column 8"], *call, '{"idd":"x"}', expect=65)
    ask.says(["unknown field zebra", "has id"], *call, '{"zebra":"x"}', expect=65)
    ask.says(["field id", "takes a string, not 7"], *call, '{"id":7}', expect=65)
    ask.says(["field id stands twice"], *call, '{"id":"a","id":"b"}', expect=65)
    ask.says(["ids[1]", "takes a string"], "call", "AuthorService/BatchGetAuthors", '{"ids":["a",true]}', expect=65)
    ask.says(["stdin", "line 2"], *call, "-", expect=65, stdin=b'{\n"id" 1}')
    ask.says(["line 1"], *call, "", expect=65)
    ask.says(["INVALID_ARGUMENT"], *call, '{"id":"nonsense"}', expect=65)
    ask.says(["NOT_FOUND"], *call, '{"id":"local:nobody"}', expect=4)
    ask.says(["did you mean 'AuthorService/GetAuthor'"], "call", "AuthorService/GetAuthr", "{}", expect=64)
    ask.says(["did you mean 'AuthorService/GetAuthor'"], "call", "GetAuthor", "{}", expect=64)
    ask.says(["hirsch call --help"], "call", "Nonsense/Nothing", "{}", expect=64)


def check_pages(ask):
    equal(json.loads(ask.run("author", ZOE, "--json").out)["id"], ZOE, "author")
    check("Zoë" in ask.run("author", ZOE).out, "the page of an author")
    equal([one["id"] for one in ask.lines("author", ZOE, BOB)], [ZOE, BOB], "authors")
    equal(json.loads(ask.run("paper", PAPER, "--json").out)["title"], TITLE, "paper")
    equal(len(json_lines(ask.run("paper", "-", "local:nobody", "--json", stdin=PAPER.encode(), expect=2).out)), 1,
          "a paper and none")
    ask.run("author", "local:nobody", expect=4)
    ask.run("author", "nonsense", expect=65)
    equal(ask.run("author", "-", stdin=b"\n").out, "", "no ids on stdin")
    equal(json.loads(ask.run("health", "--json").out), {"status": "SERVING"}, "health")
    check(json.loads(ask.run("version", "--json").out)["version"], "version")
    equal(ask.run("--version").out, ask.run("version").out, "--version")


def check_usage(ask):
    """64, with a word that helps."""
    for words, arguments in (
            (["'author'"], ["athor", ZOE]), (["'search'"], ["serach", "x"]), (["--json"], ["author", ZOE, "--jsno"]),
            (["--limit"], ["author", ZOE, "--limit", "3"]), (["--csv"], ["author", ZOE, "--csv"]),
            (["--json"], ["sample", "authors", "--json"]), (["words"], ["search"]), (["one id"], ["papers", ZOE, BOB]),
            (["'authors'"], ["sample", "people"]), (["10000"], ["sample", "authors", "--count", "10001"]),
            (["--csv", "--json"], ["search", "x", "--csv", "--json"]), (["--papers"], ["search", "x", "--year", "2000"]),
            (["--field"], ["search", "x", "--papers", "--field", "cs.LG"]), (["1400"], ["search", "x", "--year", "1"]),
            (["--version"], ["author", ZOE, "--version"]), (["method"], ["call"]), (["one id"], ["coauthors"]), ([], ["resolve"])):
        ask.says(words + ["hirsch"], *arguments, expect=64)
    for arguments in (["health"], ["health", "--wait", "5"], ["author", ZOE]):
        said = ask.test.client("no-address", *arguments, expect=64).err
        check("no-address" in said, "an address that is none: %s", said)
    said = ask.run("put", "not-there.jsonl", expect=66).err
    check("not-there.jsonl: cannot be opened" in said, "a file that is not there: %s", said)


def check_absent(test):
    """69 from every command that asks a daemon."""
    ask = Commands(test, test.ipc("nobody"))
    for arguments in (["author", ZOE], ["author", ZOE, "--json"], ["papers", BOB], ["papers", BOB, "--csv"],
                      ["paper", PAPER], ["search", "x"], ["search", "--papers", "x"], ["coauthors", ZOE],
                      ["citations", PAPER], ["references", PAPER], ["resolve", PAPER], ["sample", "papers"],
                      ["call", "Health/Check"], ["health"]):
        ask.run(*arguments, expect=69)
    ask.run("version")


def check_few_files(test, url):
    """A process that is short of descriptors is told so, whatever the library below makes of it."""
    codes = []
    for files in range(4, 17):
        done = test.run(["prlimit", "--nofile=%d:%d" % (files, files), test.hirsch, "-s", url, "--timeout", "60000", "author", BOB],
                        expect=(0, 75))
        check(done.returncode == 0 or "raise the limit" in done.err, "with %d files: %s", files, done.err)
        codes.append(done.returncode)
    equal((codes[0], codes[-1], codes == sorted(codes, reverse=True)), (75, 0, True), "exit codes with more and more files")


def check_closed_pipe(test, url):
    """A reader that goes away: the program ends by SIGPIPE, or with 74 and a word where that is ignored."""
    for command in (["papers", BOB, "--json"], ["citations", CITED, "--csv"], ["search", "bob"], ["sample", "papers"],
                    ["call", "Health/Check"], ["--help"]):
        for restored, wanted in ((True, -13), (False, 74)):
            reader, writer = os.pipe()
            os.close(reader)
            try:
                done = subprocess.run([test.hirsch, "-s", url, *command], stdout=writer, stderr=subprocess.PIPE,
                                      timeout=test.deadline_s, check=False, restore_signals=restored)
            finally:
                os.close(writer)
            equal(done.returncode, wanted, "%s into a closed pipe: exit code" % command)
            if not restored:
                check(b"stdout" in done.stderr, "%s into a closed pipe: %s", command, done.stderr)


def check_real(test):
    """Real records: every list is the same as JSON and as CSV, and as long as it says."""
    files = openalex_files()
    data = test.path("real")
    test.load(data, files[:1])
    with test.serve(data, test.ipc("real")) as daemon:
        ask = Commands(test, daemon.url)
        samples = {kind: ask.run("sample", kind, "--count", "2" if test.short else "12", "--seed",
                                 str(test.seed)).out.splitlines() for kind in ("authors", "papers")}
        for kind, commands in (("authors", ("papers", "coauthors")), ("papers", ("citations", "references"))):
            equal(len(ask.lines("resolve", *samples[kind])), len(samples[kind]), "resolved " + kind)
            for command in commands:
                for one in samples[kind]:
                    found = [item.get("paper", item)["id"] for item in ask.lines(command, one)]
                    equal([row["id"] for row in ask.rows(command, one)], found, "%s %s" % (command, one))
                    ask.run(command, one)
        for one in samples["authors"]:
            name = json.loads(ask.run("author", one, "--json").out)["displayName"]
            hits = [hit["id"] for hit in ask.lines("search", name, "--limit", "2000")]
            check(one in hits, "search %r does not find %s", name, one)


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE, write_lines(test.path("made.jsonl"), records())], form="hirsch")
    with test.serve(data) as daemon:
        ask = Commands(test, daemon.url)
        for part in (check_pages, check_call, check_ids, check_usage, check_lists, check_search, check_paper_search):
            part(ask)
        check_closed_pipe(test, daemon.url)
        if not test.short:
            check_few_files(test, daemon.url)  # sanitizers need some of their own
    check_absent(test)
    if os.path.isdir(data_path("openalex-synergy-v1")):
        check_real(test)


if __name__ == "__main__":
    Test(__doc__).main(body)
