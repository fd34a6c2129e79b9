#!/usr/bin/env python3
"""Any order of arrival gives the same store: random orders of files and lines, split over one to four imports into the
same directory, give the same export byte for byte, and verify finds nothing."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from corpus import made_lines  # noqa: E402
from harness import Test, check, equal, openalex_files, read_lines, write_lines  # noqa: E402


def options(parser):
    parser.add_argument("--orders", type=int, default=20)


def load_in_order(test, order, lines, form):
    """One to four imports of one to eight files each; gives the directory."""
    lines = list(lines)
    test.random.shuffle(lines)
    imports = test.random.randint(1, 4)
    cuts = sorted(test.random.randrange(len(lines) + 1) for _ in range(imports - 1))
    data = test.path("order-%s" % order)
    for start, end in zip([0] + cuts, cuts + [len(lines)]):
        part = lines[start:end]
        count = test.random.randint(1, 8)
        files = [write_lines(test.path("part-%d.jsonl%s" % (i, test.random.choice(["", "", ".gz"]))), part[i::count])
                 for i in range(count)]
        test.random.shuffle(files)
        test.load(data, files, form=form)
        for path in files:
            os.remove(path)
    return data, imports


def compare_orders(test, name, lines, form, wanted, orders):
    for order in range(orders):
        data, imports = load_in_order(test, "%s-%d" % (name, order), lines, form)
        equal(test.export_hash(data), wanted, "%s, order %d in %d imports: lines and digest of the export"
              % (name, order, imports))
        test.verify(data)
        test.run(["rm", "-r", data])
    print("%s: %d orders of %d lines, export of %d lines, sha256 %s" % (name, orders, len(lines), *wanted))


def body(test):
    orders = test.options.orders
    lines = made_lines(test, 60 if test.short else 1500)
    data, _ = load_in_order(test, "made-first", lines, "hirsch")
    test.verify(data)
    compare_orders(test, "made", lines, "hirsch", test.export_hash(data), 6 if test.short else orders)
    if test.short:
        return
    files = openalex_files()
    data = test.path("plain")
    test.load(data, files)
    check(test.stat(data)["papers"] == 5841, "papers: %r", test.stat(data))
    compare_orders(test, "openalex", read_lines(files), "openalex", test.export_hash(data), orders)


if __name__ == "__main__":
    test = Test(__doc__, options)
    test.main(body)
