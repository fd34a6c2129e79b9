#!/usr/bin/env python3
"""A folder in the layout of an OpenAlex snapshot, single entities of the newer shape, standard input, zstd."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, data_folder, equal, openalex_files, read_lines  # noqa: E402

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")


def ask_oracle(test, daemon, *paths):
    done = test.run([sys.executable, ORACLE, "--hirsch", test.hirsch, "--url", daemon.url, *paths], expect=(0, 1))
    print(done.out + done.err, end="")
    equal(done.returncode, 0, "the oracle finds differences; exit code")


def check_snapshot(test):
    folder = data_folder("openalex-snapshot-layout")
    data = test.path("snapshot")
    test.load(data, [folder])
    test.verify(data)
    stat = test.stat(data)
    equal((stat["papers"], stat["authors"]), (27, 1), "papers and authors of the snapshot")
    merges = [line for line in test.export(data).splitlines() if b'"type":"merge"' in line]
    equal(len(merges), 5, "merge lines from merged_ids")
    check(any(b"openalex:A3125154712" in line and b"openalex:A4317838346" in line for line in merges),
          "the merge of A3125154712 is missing: %r", merges)
    listed = test.job("curation", data).out
    check("openalex:A3125154712" in listed, "curation does not list the merge: %s", listed)
    with test.serve(data) as daemon:
        ask_oracle(test, daemon, folder)
    # The folder again changes nothing.
    before = test.export_hash(data)
    test.load(data, [folder])
    equal(test.export_hash(data), before, "export after the same folder again")


def check_fixtures(test):
    folder = data_folder("openalex-api-fixtures-2025")
    data = test.path("fixtures")
    test.load(data, [folder])
    test.verify(data)
    with test.serve(data) as daemon:
        ask_oracle(test, daemon, folder)
        author = test.ask(daemon.url, "author", "openalex:A5023888391")
        reported = author["reported"][0]
        equal((reported["hIndex"], reported["paperCount"], reported["i10Index"]), (17, 62, 20), "reported numbers")
        check("orcid:0000-0001-6187-6610" in author["ids"], "ids of the author: %r", author["ids"])
        paper = test.ask(daemon.url, "paper", "doi:10.7717/peerj.4375")
        equal(paper["id"], "openalex:W2741809807", "the paper found by DOI")
        equal(paper["metrics"]["referenceCount"], 45, "references")
        check(paper["primaryField"]["id"].startswith("openalex/"), "field %r", paper["primaryField"])
        check(len(paper["abstract"]) > 200, "abstract %r", paper.get("abstract"))


def check_streams(test):
    """Standard input and zstd give the same store as gzip files."""
    path = [path for path in openalex_files() if "Nelson" in path][0]
    wanted = test.path("file")
    test.load(wanted, [path])
    text = b"\n".join(read_lines([path])) + b"\n"
    stdin = test.path("stdin")
    test.job("import", stdin, "--format", "openalex", "-", stdin=text)
    equal(test.export_hash(stdin), test.export_hash(wanted), "export after reading standard input")
    packed = test.path("works.jsonl.zst")
    with open(test.path("works.jsonl"), "wb") as file:
        file.write(text)
    test.run(["zstd", "-q", "-o", packed, test.path("works.jsonl")])
    other = test.path("zstd")
    test.load(other, [packed])
    equal(test.export_hash(other), test.export_hash(wanted), "export after reading zstd")


def body(test):
    check_snapshot(test)
    check_fixtures(test)
    check_streams(test)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
