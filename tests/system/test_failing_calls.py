#!/usr/bin/env python3
"""Each call of the system that a job makes on files fails once, for want of room or because the device cannot: the job says which
it was and ends with a code that tells, the store is that of before or that of after, and the same job again goes through.
"""
import errno
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal, write_lines  # noqa: E402

# Of a reason that is the world's and not the caller's: no input, output cannot be made, read or write error, no room, does not fit.
CODES = (66, 73, 74, 75, 78)
REASON = re.compile("input/output error|no space left|disk is full", re.IGNORECASE)
ALREADY = "has taken its place"
CALLS_MOST = 1000


def paper(number, title):
    return b'{"type":"paper","id":"local:p%d","title":"%s %d","abstract":"words of it","date":"2020-01-0%d","updated":"2026-02-01",' \
        b'"authors":[{"id":"local:max-lam","name":"Max"}],"references":["local:p%d"]}' % (
            number, title, number, number % 9 + 1, number // 2)


class Job:
    """A job, and the directory it begins with (None: none)."""

    def __init__(self, test, name, begin, arguments, after_job=None):
        self.test, self.name, self.begin, self.arguments, self.after_job = test, name, begin, arguments, after_job
        self.data = test.path("data")

    def set_up(self):
        for path in (self.data, self.data + ".backup"):
            shutil.rmtree(path, ignore_errors=True)
        if self.begin:
            shutil.copytree(self.begin, self.data)

    def state(self):
        """The export of a store that is whole; b"" where there is none."""
        if not os.path.exists(os.path.join(self.data, "CURRENT")):
            return b""
        self.test.verify(self.data)
        return self.test.export(self.data)

    def run(self, **more):
        command = [self.test.hirschd, self.arguments[0], "--data", self.data, *self.arguments[1:]]
        return self.test.run(command, **more)

    def check(self, call, what, before, after, whole):
        """One round; false when the job makes fewer calls."""
        self.set_up()
        fault = {"LD_PRELOAD": self.test.program("tests/system/libfail_call.so"), "FAIL_CALL": str(call), "FAIL_ERRNO": str(what)}
        done = self.run(expect=None, env={**os.environ, **fault})
        failed = re.search(r"\[failed: (\w+)\]\n", done.err)
        if not failed:
            return False
        where = "%s, call %d (%s: %s)" % (self.name, call, failed.group(1), os.strerror(what))
        state = self.state()
        if done.returncode == 0:
            equal(state == after, True, where + ": done, the store is that of after")
        else:
            check(done.returncode in CODES, "%s: exit code %d\n%s", where, done.returncode, done.err)
            check(REASON.search(done.err.replace(failed.group(), "")), "%s: the reason is not said: %s", where, done.err)
            check(state == before or state == after and ALREADY in done.err, "%s: the store is neither that of before nor, told so, "
                  "that of after\n%s", where, done.err)
        if self.after_job:
            self.after_job(self, done.returncode, where)
        if whole:
            shutil.rmtree(self.data + ".backup", ignore_errors=True)
            self.run()
            equal(self.state() == after, True, where + ": the same job again")
        return True

    def all_calls(self):
        self.set_up()
        before = self.state()
        self.run()
        after = self.state()
        for call in range(1, CALLS_MOST):
            what = self.test.random.choice((errno.EIO, errno.ENOSPC))
            if not self.check(call, what, before, after, call % 4 == 0):
                print("%s: %d calls" % (self.name, call - 1))
                check(call > 3, "%s makes no calls that could fail", self.name)
                return
        check(False, "%s: more than %d calls", self.name, CALLS_MOST)


def look_at_backup(job, code, where):
    """A backup that says so is whole, and one that does not is none."""
    folder = job.data + ".backup"
    checked = job.test.run([job.test.hirschd, "restore", "--check", folder], expect=None).returncode
    check(checked == 0 or code != 0 and checked in (66, 74), "%s: restore --check: exit code %d", where, checked)


def look_at_keys(job, code, where):
    listed = job.test.job("key", job.data, "list").out
    check("reader" in listed or code != 0, "%s: no key is listed: %s", where, listed)


def body(test):
    first = write_lines(test.path("first.jsonl"), [paper(number, b"First") for number in range(1, 60)])
    one = write_lines(test.path("one.jsonl"), [paper(60, b"One")])
    base, filled, backup = test.path("base"), test.path("filled"), test.path("backup")
    test.load(base, [SEED_FILE], form="hirsch")
    test.load(filled, [SEED_FILE, first], form="hirsch")
    test.job("backup", filled, backup)
    jobs = (
        Job(test, "import", None, ("import", SEED_FILE, first)),
        Job(test, "import that builds anew", base, ("import", first)),
        Job(test, "import in chunks", filled, ("import", one)),
        Job(test, "restore", None, ("restore", backup)),
        Job(test, "restore over a store", filled, ("restore", backup)),
        Job(test, "compact", filled, ("compact",)),
        Job(test, "refresh", filled, ("refresh",)),
        Job(test, "backup", filled, ("backup", test.path("data.backup")), look_at_backup),
        Job(test, "key create", filled, ("key", "create", "--role", "reader", "somebody"), look_at_keys),
        Job(test, "verify", filled, ("verify",)),
        Job(test, "export", filled, ("export",)),
        Job(test, "log", filled, ("log",)),
        Job(test, "stat", filled, ("stat",)),
    )
    for job in jobs:
        job.all_calls()


if __name__ == "__main__":
    Test(__doc__).main(body)
