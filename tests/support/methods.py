"""Every method of the protos as a row: the fields of its request, what good values are, and which wrong values each kind
of field has."""
import os
import re

from harness import ROOT, equal
from hirsch_client import field, varint

AUTHOR, OTHER_AUTHOR, PAPER, CITED = "local:many", "local:second", "local:p1", "local:p0"
# A hirsch.v1.Record that stands in made_records().
SUPPRESSED = field(5, field(1, "local:never") + field(2, 2))

# method: [(name of the field, number, kind, a good value)]; None: left out of a good request.
_PAGE = [("page_size", 2, "page_size", 2), ("page_token", 3, "token", None)]
METHODS = {
    "grpc.health.v1.Health/Check": [("service", 1, "text", None)],
    "hirsch.v1.AuthorService/GetAuthor": [("id", 1, "author", AUTHOR), ("view", 2, "view", 1), ("groups", 3, "group", None)],
    "hirsch.v1.AuthorService/BatchGetAuthors": [("ids", 1, "authors", AUTHOR), ("view", 2, "view", 2)],
    "hirsch.v1.AuthorService/ListAuthorPapers": [("id", 1, "author", AUTHOR), *_PAGE, ("view", 4, "view", 1)],
    "hirsch.v1.AuthorService/ListCoauthors": [("id", 1, "author", AUTHOR), *_PAGE],
    "hirsch.v1.AuthorService/SearchAuthors": [
        ("query", 1, "query", "writer"), ("field", 2, "filter", "arxiv/cs.LG"), ("page_size", 3, "page_size", 2),
        ("page_token", 4, "token", None)],
    "hirsch.v1.PaperService/GetPaper": [("id", 1, "paper", PAPER), ("view", 2, "view", 2), ("indicators", 3, "number", None)],
    "hirsch.v1.PaperService/BatchGetPapers": [("ids", 1, "papers", PAPER), ("view", 2, "view", 1)],
    "hirsch.v1.PaperService/ListCitations": [("id", 1, "paper", CITED), *_PAGE, ("view", 4, "view", 1)],
    "hirsch.v1.PaperService/ListReferences": [("id", 1, "paper", "local:p9"), *_PAGE, ("view", 4, "view", 1)],
    "hirsch.v1.PaperService/SearchPapers": [
        ("query", 1, "query", "title"), ("year", 2, "year", 2001), ("page_size", 3, "page_size", 2),
        ("page_token", 4, "token", None), ("view", 5, "view", 1)],
    "hirsch.v1.MetricsService/ComputeMetrics": [
        ("set", 1, "set", field(1, field(1, AUTHOR))), ("scope", 2, "scope", None), ("groups", 3, "group", 1)],
    "hirsch.v1.MetricsService/GetTimeline": [
        ("set", 1, "set", field(1, field(1, AUTHOR))), ("scope", 2, "scope", None), ("days", 3, "day", "2001-01-05")],
    "hirsch.v1.MetricsService/ExplainMetric": [
        ("set", 1, "set", field(1, field(1, AUTHOR))), ("scope", 2, "scope", None), ("metric", 3, "metric", 1),
        ("options", 4, "message", None), ("limit", 5, "page_size", 10)],
    "hirsch.v1.MetricsService/GetPaperMetrics": [
        ("id", 1, "paper", PAPER), ("scope", 2, "paper_scope", None), ("options", 3, "options", None)],
    "hirsch.v1.MetricsService/BatchGetPaperMetrics": [
        ("ids", 1, "papers", PAPER), ("scope", 2, "paper_scope", None), ("options", 3, "options", None)],
    "hirsch.v1.DatasetService/GetDataset": [],
    "hirsch.v1.DatasetService/SampleIds": [
        ("kind", 1, "entity", 1), ("count", 2, "count", 3), ("seed", 3, "number", 7), ("include_stubs", 4, "number", 0)],
    "hirsch.v1.DatasetService/ResolveIds": [("ids", 1, "any_ids", PAPER)],
    "hirsch.v1.DatasetService/RefreshCohorts": [],
    # Writes that change nothing, so that every client gets the same answers.
    "hirsch.v1.RecordService/PutRecords": [
        ("records", 1, "records", field(1, SUPPRESSED)), ("idempotency_key", 2, "key", None),
        ("import_id", 3, "import_id", None), ("import_chunk", 4, "number", None)],
    "hirsch.v1.RecordService/DeleteRecords": [
        ("keys", 1, "records", field(1, field(1, field(1, "local:nobody")))), ("idempotency_key", 2, "key", None)],
}
# Lists with more than one page in the made records: method -> the number of its next_page_token.
PAGED = {name: 2 for name, row in METHODS.items() if any(kind == "token" for _, _, kind, _ in row)}

INVALID, NOT_FOUND, EXHAUSTED = 3, 5, 8
LONG = "local:" + "x" * 401
MESSAGE_KINDS = ("records", "set", "scope", "paper_scope", "options", "message")
TEXT_KINDS = ("author", "day", "paper", "authors", "papers", "any_ids", "token", "query", "filter", "text", "key", "import_id")
_BAD_IDS = [("", INVALID), ("nonsense", INVALID), ("local:", INVALID), (LONG, INVALID), ("nosuch:1", INVALID),
            ("local:a\nb", INVALID), ("local:nobody", NOT_FOUND)]
# kind: [(wrong value, code)], values that the wire allows and the method refuses.
WRONG = {
    "author": [*_BAD_IDS, ("doi:10.5555/1", INVALID), ("ror:05a28rw58", INVALID)],
    "paper": [*_BAD_IDS, ("orcid:0000-0002-1825-0097", INVALID), ("ror:05a28rw58", INVALID)],
    "token": [("x", INVALID), ("!!!!", INVALID), ("AAAA" * 8, INVALID), ("A" * 100000, INVALID)],
    "view": [(50, INVALID), (99, INVALID), (2 ** 31, INVALID)],
    "entity": [(0, INVALID), (3, INVALID), (99, INVALID)],
    "count": [(0, INVALID), (10001, INVALID), (2 ** 32 - 1, INVALID)],
    "query": [("", INVALID), ("  ", INVALID), ("!!!", INVALID), ("w " * 17, INVALID),
              ("x" * 401, INVALID)],
    "filter": [("/", INVALID), ("arxiv/", INVALID), (" ", INVALID), ("x" * 500, INVALID)],
    "key": [("a b", INVALID), ("\u00e9", INVALID), ("a\nb", INVALID), ("x" * 129, INVALID)],
    "import_id": [("a", INVALID), ("A" * 32, INVALID), ("g" * 32, INVALID), ("a" * 33, INVALID)],
    "group": [(0, INVALID), (7, INVALID), (2 ** 31, INVALID)],
    "metric": [(0, INVALID), (7, INVALID), (4, INVALID), (99, INVALID)],
    "day": [("2001", INVALID), ("2001-02-30", INVALID), ("", INVALID), ("yesterday", INVALID),
            (["2002-01-01", "2001-01-01"], INVALID), (["2001-01-01"] * 2, INVALID),
            (["2001-01-01"] * 1001, INVALID)],
    # An expression: no term, an empty one, operators without operands, operands left over, 65 terms, wrong operands.
    "set": [(one, INVALID) for one in [
        b"", field(1, b""), field(1, field(7, 1)), field(1, field(1, AUTHOR)) + field(1, field(7, 1)),
        field(1, field(1, AUTHOR)) * 2, field(1, field(1, AUTHOR)) * 65,
        field(1, field(1, AUTHOR)) * 2 + field(1, field(7, 0)), field(1, field(1, AUTHOR)) * 2 + field(1, field(7, 4)),
        field(1, field(1, "nonsense")), field(1, field(2, "")), field(1, field(2, "orcid:0000-0002-1825-0097")),
        field(1, field(3, field(1, "nonsense"))), field(1, field(4, "/")), field(1, field(5, field(1, 1))),
        field(1, field(5, field(1, 2001) + field(2, 2000))), field(1, field(6, 0)), field(1, field(6, 99))]]
           + [(field(1, field(3, field(1, PAPER) * 10001)), EXHAUSTED)],
    "scope": [(field(2, one), INVALID) for one in [
        field(1, "2001"), field(1, "2001-02-30"), field(1, "never"), *[field(n, 99) for n in (2, 3, 4, 6, 7, 10, 11)],
        field(5, 0), field(5, 15), field(8, field(1, 1)), field(8, field(1, 2002) + field(2, 2001)), field(9, "/"),
        field(9, "cs.LG") * 65]],
    "paper_scope": [(field(2, one), INVALID) for one in [
        field(1, "2001"), field(2, 99), field(2, 2), field(2, 4), field(3, 2), field(4, 2), field(5, 1), field(6, 1),
        field(8, field(1, 2001)), field(9, "cs.LG"), field(10, 2)]],
    "options": [(field(3, one), INVALID) for one in [
        field(1, 5) + field(2, 5), field(1, 801), field(2, 2 ** 31), field(3, 3), field(3, 99)]],
    "year": [(1, INVALID), (1399, INVALID), (2201, INVALID), (2 ** 32 - 1, INVALID)],
}
# Taken all the same: more than the most is the most.
RIGHT = {"page_size": [0, 1, 1000, 1001, 2 ** 32 - 1], "key": ["", "k", "~" * 128]}


def packed(row, **changes):
    """The request message with good values, but for the changes; bytes stand for the field as they are."""
    out = b""
    for name, number, _, value in row:
        value = changes.get(name, value)
        if isinstance(value, bytes):
            out += value
        elif value is not None:
            for one in value if isinstance(value, list) else [value]:
                out += field(number, one)
    return out


def broken(number, kind):
    """(what, bytes of the field, words of the sentence): fields that the wire itself refuses."""
    text = kind in TEXT_KINDS
    if kind in MESSAGE_KINDS:
        return [("a number", field(number, 7), "wire type"), ("a fixed64", varint(number << 3 | 1) + bytes(8), "wire type"),
                ("a length past the end", varint(number << 3 | 2) + b"\x7fabc", "damaged"),
                ("noise", field(number, bytes(range(255, 0, -1))), ""),
                ("text that is not UTF-8", field(number, field(4, field(1, b"\xff\xfe"))), ""),
                ("a cut message", field(number, field(4, b"\x0a\x20local")), "")]
    tag = varint(number << 3 | (2 if text else 0))
    rows = [("a fixed64", varint(number << 3 | 1) + bytes(8), "wire type"),
            ("a fixed32", varint(number << 3 | 5) + bytes(4), "wire type"),
            ("wire type 7", varint(number << 3 | 7) + b"\0", "damaged"),
            ("a group", varint(number << 3 | 3), "damaged")]
    if text:
        rows += [("a number", field(number, 7), "wire type"), ("not UTF-8", field(number, b"local:\xff\xfe"), "UTF-8"),
                 ("a surrogate", field(number, b"local:\xed\xa0\x80"), "UTF-8"),
                 ("an overlong NUL", field(number, b"local:\xc0\x80"), "UTF-8"),
                 ("NUL inside", field(number, b"local:a\0b"), "NUL"), ("NUL at the end", field(number, b"x\0"), "NUL"),
                 ("a length past the end", tag + b"\x7fabc", "damaged"),
                 ("a length of 2^63", tag + varint(2 ** 63) + b"abc", "damaged")]
    else:
        # Packed, a repeated enum is text's wire type.
        rows += [] if kind == "group" else [("text", field(number, "7"), "wire type")]
        rows += [("a cut varint", tag + b"\xff", "damaged"),
                 ("a varint of eleven bytes", tag + b"\xff" * 10 + b"\1", "damaged")]
    return rows


def declared():
    """{method: [(field, number)]} of every method that the protos declare."""
    found = {}
    for folder, _, names in sorted(os.walk(os.path.join(ROOT, "proto"))):
        for name in sorted(names):
            if name.endswith(".proto"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    text = re.sub(r"//.*", "", file.read())
                package = re.search(r"package ([\w.]+);", text).group(1)
                requests = dict(re.findall(r"^message (\w+Request) \{(.*?)\}", text, re.S | re.M))
                for service in re.finditer(r"service (\w+) \{(.*?)^\}", text, re.S | re.M):
                    for method, request in re.findall(r"\brpc (\w+)\((\w+)\)", service.group(2)):
                        found["%s.%s/%s" % (package, service.group(1), method)] = [
                            (field_name, int(number))
                            for field_name, number in re.findall(r"(\w+) = (\d+);", requests[request])]
    return found


def check_rows():
    """The table says what the protos say."""
    equal({method: [(name, number) for name, number, _, _ in row] for method, row in METHODS.items()}, declared(),
          "rows of the table and methods of the protos")


def made_records():
    """Records in which every list has several pages, as lines: each paper cites all before it."""
    line = '{"type":"paper","id":"local:p%d","title":"Title number %d","abstract":"Words.","date":"2001-01-%02d",' \
           '"field":"cs.LG","authors":[{"id":"local:many","name":"Many Writer"},{"id":"local:second",' \
           '"name":"Second Writer"},{"id":"local:w%d","name":"Other Writer"}],"references":[%s]}'
    lines = [line % (n, n, n + 1, n, ",".join('"local:p%d"' % m for m in range(n))) for n in range(10)]
    lines.append('{"type":"suppress","id":"local:never","entity":"paper"}')
    return [one.encode() for one in lines]
