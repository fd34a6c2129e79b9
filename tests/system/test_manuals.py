#!/usr/bin/env python3
"""The man pages: clean for man and for mandoc, and with every job, command and option that the programs have."""
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal  # noqa: E402

PAGES = ("hirschd.1", "hirsch.1", "libhirsch.3")


def read(test, page):
    done = test.run(["man", "--warnings=w", "--local-file", "--encoding=UTF-8", page],
                    env={**os.environ, "MANWIDTH": "200", "MANROFFSEQ": "", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
    equal(done.err, "", "man --warnings " + page)
    return re.sub(".\b", "", done.out).replace("‐", "-").replace("−", "-")


def body(test):
    for program in ("man", "mandoc"):
        check(shutil.which(program), "%s is missing; run deploy/install-deps", program)
    made = test.path("man")
    test.run([sys.executable, "-B", os.path.join(ROOT, "deploy", "man", "make-pages"), test.hirschd, test.hirsch,
              os.path.join(ROOT, "include", "hirsch"), os.path.join(ROOT, "src", "base", "exit.h"), made])
    texts = {}
    for name in PAGES:
        page = os.path.join(made, name)
        done = test.run(["mandoc", "-T", "lint", "-W", "warning", page], expect=None)
        faults = [line for line in done.out.splitlines() if "missing date" not in line]
        equal(faults, [], "mandoc -T lint " + name)
        texts[name] = read(test, page)
        built = os.path.join(test.build, "man", name)
        with open(page, encoding="utf-8") as fresh, open(built, encoding="utf-8") as old:
            equal(old.read(), fresh.read(), "the page that the build made")
    options = re.findall(r"^\| `(--[a-z-]+)", test.run([test.hirschd, "help", "options"]).out, re.MULTILINE)
    check(len(options) > 20, "options: %s", options)
    for option in options:
        check(option in texts["hirschd.1"], "hirschd.1 does not name %s", option)
    for command in ("backup", "restore", "serve", "import"):
        check(re.search(r"^ +%s$" % command, texts["hirschd.1"], re.MULTILINE), "hirschd.1 has no section %s", command)
    for command in ("author", "papers", "search", "put", "bench"):
        check(re.search(r"^ +%s$" % command, texts["hirsch.1"], re.MULTILINE), "hirsch.1 has no section %s", command)
    with open(os.path.join(ROOT, "include", "hirsch", "client.h"), encoding="utf-8") as header:
        functions = set(re.findall(r"\b(hirsch_[a-z_]+)\(", header.read()))
    check(len(functions) > 20, "functions of client.h: %s", functions)
    for function in functions:
        check(function in texts["libhirsch.3"], "libhirsch.3 does not name %s", function)


if __name__ == "__main__":
    Test(__doc__).main(body)
