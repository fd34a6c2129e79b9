#!/usr/bin/env python3
"""The log of changes is printed from any sequence that is kept, follows what comes, and ends when it is told to."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal  # noqa: E402


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def printed(test, data, *arguments):
    return lines_of(test.job("log", data, *arguments).out)


def from_any_sequence(test, data):
    for sequence in (1, 2, 3):
        test.load(data, [SEED_FILE], form="hirsch")
        only = printed(test, data)
        equal([(line["sequence"], line["kind"]) for line in only], [(sequence, "bulk")], "lines of the log")
        equal(only[0]["sources"], test.stat(data)["sources"], "source records of the bulk load")
        equal(only[0]["epoch"], test.stat(data)["epoch"], "epoch of the bulk load")
        equal(printed(test, data, "--since", str(sequence - 1)) if sequence > 1 else only, only, "lines since")
        equal(printed(test, data, "--since", str(sequence)), [], "lines since the last")
    trimmed = test.job("log", data, "--since", "1", expect=65)
    check("the log begins at 3" in trimmed.err, "trimmed: %s", trimmed.err)
    ahead = test.job("log", data, "--since", "9", expect=65)
    check("stands at 3" in ahead.err, "ahead: %s", ahead.err)


def follower(test, data):
    return subprocess.Popen([test.hirschd, "log", "--data", data, "--follow"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def follows(test, data):
    for number in (signal.SIGINT, signal.SIGTERM):
        program = follower(test, data)
        try:
            last = json.loads(program.stdout.readline())["sequence"]
            for step in (1, 2):
                test.load(data, [SEED_FILE], form="hirsch")
                equal(json.loads(program.stdout.readline())["sequence"], last + step, "sequence that was followed")
            program.send_signal(number)
            equal(program.wait(test.deadline_s), 0, "exit code after signal %d" % number)
            equal(program.stderr.read(), b"", "what it complains about")
        finally:
            program.kill()
            program.communicate()


def ends_with_its_pipe(test, data):
    program = follower(test, data)
    try:
        check(program.stdout.readline() != b"", "no line")
        program.stdout.close()
        equal(program.wait(test.deadline_s), 0, "exit code after its pipe was closed")
        equal(program.stderr.read(), b"", "what it complains about")
    finally:
        program.kill()
        program.wait()
        program.stderr.close()


def body(test):
    data = test.path("data")
    from_any_sequence(test, data)
    follows(test, data)
    ends_with_its_pipe(test, data)


if __name__ == "__main__":
    Test(__doc__).main(body)
