#!/usr/bin/env python3
"""Completion for bash: sourced and asked as bash asks it; it offers what the program itself says in --help."""
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal, skip  # noqa: E402

SCRIPT = os.path.join(ROOT, "deploy", "completion", "hirsch.bash")
ASK = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hirsch; printf "%s\\n" "${COMPREPLY[@]}"'


def offered(test, *words):
    done = test.run(["bash", "--norc", "-c", ASK, "bash", SCRIPT, "hirsch", *words])
    equal(done.err, "", "stderr of the completion")
    return set(done.out.split())


def daemon_body(test):
    """Jobs and options of hirschd, as hirschd help says them."""
    script = os.path.join(ROOT, "deploy", "completion", "hirschd.bash")
    path = os.path.dirname(test.hirschd) + os.pathsep + os.environ["PATH"]

    def offers(*words):
        done = test.run(["bash", "--norc", "-c", ASK.replace("_hirsch", "_hirschd"), "bash", script, "hirschd", *words],
                        env={**os.environ, "PATH": path})
        equal(done.err, "", "stderr of the completion")
        return set(done.out.split())

    overview = test.run([test.hirschd, "help"]).out
    jobs = set(re.findall(r"^  ([a-z]+) ", overview.split("Jobs:")[1].split("\n\n")[0], re.MULTILINE))
    check(len(jobs) >= 12, "jobs in help: %s", sorted(jobs))
    equal(offers(""), jobs, "jobs")
    for job in sorted(jobs - {"version", "help"}):
        options = set(re.findall(r"^  (--[a-z-]+)", test.run([test.hirschd, "help", job]).out, re.MULTILINE))
        equal(offers(job, "--"), options, "options of " + job)
    equal(offers("help", ""), jobs - {"version", "help"} | {"options"}, "topics of help")


def body(test):
    daemon_body(test)
    equal(test.run(["bash", "--norc", "-c", 'source "$1"; complete -p hirsch', "bash", SCRIPT]).out.strip(),
          "complete -F _hirsch hirsch", "what is registered")
    overview = test.run([test.hirsch, "--help"]).out
    commands = set(re.findall(r"^  ([a-z]+) ", overview.split("Commands:")[1].split("Options")[0], re.MULTILINE))
    check(len(commands) >= 12, "commands in --help: %s", sorted(commands))
    equal(offered(test, ""), commands | {"help"}, "commands")
    check("--version" in offered(test, "--"), "--version in place of a command")
    equal(offered(test, "cit"), {"citations"}, "commands that begin with cit")
    equal(offered(test, "--json", "-s", "tcp://x:1", "sea"), {"search"}, "the command behind options")
    for command in sorted(commands):
        text = test.run([test.hirsch, command, "--help"]).out
        check("Examples:\n  hirsch" in text, "%s --help has no examples:\n%s", command, text)
        options = set(re.findall(r"^  (?:-. *,|  ) *(--[a-z-]+)", text.split("\nOptions:")[1], re.MULTILINE))
        equal("--key-file" in options, "--server" in options, "a key in the help of " + command)
        known = {"--server", "--timeout", "--key-file", "--color", "--help"}
        equal(offered(test, command, "--"), options | known, "options of " + command)
    for option in re.findall(r"^  (?:-. *,|  ) *(--[a-z-]+) [A-Z]+", overview, re.MULTILINE):
        equal(offered(test, option, "author", "sea"), {"search"}, "the command behind %s and its value" % option)
    methods = offered(test, "call", "")
    text = test.run([test.hirsch, "call", "--help"]).out.split("Methods:")[1].split("Examples:")[0]
    service = None
    named = set()
    for word in text.split():
        if word.endswith("/"):
            service = word
        else:
            named.add(service + word)
    equal(methods, named, "methods")
    for method in sorted(methods):
        # A wrong request is found before anybody is asked: the program knows the method.
        test.run([test.hirsch, "call", method, '{"zebra": 1}'], expect=65)
    equal(offered(test, "sample", ""), {"authors", "papers"}, "what sample takes")
    equal(offered(test, "--color", ""), {"auto", "always", "never"}, "values of --color")
    for option, wrong in (("--self-citations", "paper"), ("--counting", "metrics"), ("--position", "metrics"),
                          ("--explain", "metrics"), ("--kind", "delete")):
        text = test.client("tcp://127.0.0.1:1", wrong, "local:x", option, "?", expect=64).err
        equal(offered(test, wrong, option, ""), set(re.split(r", | or ", text.split("is not ")[1].strip())), "values of " + option)
    equal(offered(test, "metrics", "--groups", "b"), {"basic", "buckets"}, "groups")
    equal(offered(test, "search", "--limit", ""), set(), "values of --limit")
    equal(offered(test, "author", ""), set(), "ids")
    equal(offered(test, "bench", ""), {"compare"}, "what bench takes")
    equal(offered(test, "bench", "--client", ""), {"sp", "libhirsch"}, "values of --client")


if __name__ == "__main__":
    if shutil.which("bash") is None:
        skip("no bash")
    Test(__doc__).main(body)
