#!/usr/bin/env python3
"""A full disk, a full map and a disk that fails, while puts and imports run: reads go on, puts are refused with the reason,
deletes are still taken, nothing acknowledged is lost, and service goes on by itself when there is room again.
"""
import contextlib
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Daemon, Failed, Test, check, equal, skip, write_lines  # noqa: E402
from operations import metric, page  # noqa: E402
from puts import (DELETE, DELETED, PUT, STORED, RESOURCE_EXHAUSTED, Writer, answer_of, delete_request, field,  # noqa: E402
                  put_request)

HEALTH = "grpc.health.v1.Health/Check"
SERVING, NOT_SERVING = 1, 2
GET_PAPER = "hirsch.v1.PaperService/GetPaper"


@contextlib.contextmanager
def small_disk(test, name, size):
    folder = test.path(name)
    os.mkdir(folder)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s" % size, "tmpfs", folder], stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        skip("a small tmpfs cannot be mounted here (%s): run as root with CAP_SYS_ADMIN" %
             done.stderr.decode().strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def resize(folder, size):
    subprocess.run(["mount", "-o", "remount,size=%s" % size, folder], check=True)


def paper(number, size=6000):
    noise = random.Random(number)
    words = " ".join("%x" % noise.getrandbits(64) for _ in range(size // 17))
    return {"type": "paper", "id": "local:p%d" % number, "title": "Paper %d" % number, "abstract": words,
            "authors": [{"id": "local:a%d" % (number % 7), "name": "Author"}],
            "references": ["local:p%d" % (number // 2)], "updated": "2026-01-01"}


class Filler:
    """Puts papers and keeps what was acknowledged."""

    def __init__(self, url):
        self.writer, self.next, self.stored = Writer(url), 0, set()

    def put(self):
        """"" or the reason of the refusal; anything else fails."""
        code, sentence, payload = self.writer.call(PUT, put_request([paper(self.next)]))
        if code == RESOURCE_EXHAUSTED:
            return sentence
        equal(code, 0, "code of a put (%s)" % sentence)
        equal(answer_of(payload)[1], [STORED], "outcome of a put")
        self.stored.add(self.next)
        self.next += 1
        return ""

    def fill(self, most=20000):
        """Puts until refused; the reason."""
        for _ in range(most):
            reason = self.put()
            if reason:
                return reason
        raise Failed("%d papers were put and nothing is full" % most)

    def delete(self, number, may_fail=False):
        code, sentence, payload = self.writer.call(DELETE, delete_request([paper(number)]))
        if may_fail and code == RESOURCE_EXHAUSTED:
            return
        equal(code, 0, "code of a delete (%s)" % sentence)
        equal(answer_of(payload)[1], [DELETED], "outcome of a delete")
        self.stored.discard(number)

    def until_put(self, test, what):
        """The guards look again every few moments: puts are taken by themselves within the deadline."""
        end = time.monotonic() + test.deadline_s
        while self.put():
            check(time.monotonic() < end, "%s: puts are still refused", what)

    def read(self, number):
        code, sentence, _ = self.writer.call(GET_PAPER, field(1, "local:p%d" % number))
        equal(code, 0, "code of a read (%s)" % sentence)

    def check_all(self, test, data):
        exported = {json.loads(line)["id"] for line in test.export(data).splitlines()}
        lost = {"local:p%d" % number for number in self.stored} - exported
        check(not lost, "acknowledged and lost: %s", sorted(lost)[:5])
        test.verify(data)


def until_ready(test, daemon, filler, ready):
    """Until readiness is said alike by the operations port, its metrics and Health/Check."""
    wanted = (200, 1, 0, field(1, SERVING)) if ready else (503, 0, 1, field(1, NOT_SERVING))
    end = time.monotonic() + test.deadline_s
    while True:
        said = (page(daemon, "/readyz")[0], metric(daemon, "hirsch_ready"), metric(daemon, "hirsch_guard_full"),
                filler.writer.call(HEALTH, b"")[2])
        if said == wanted:
            break
        check(time.monotonic() < end, "readiness: %s, expected %s", said, wanted)
        if not ready:
            filler.put()
    check(ready or "[-]map" in page(daemon, "/readyz?verbose")[1], "%s", page(daemon, "/readyz?verbose"))
    equal(page(daemon, "/readyz?reads"), (200, "ok\n"), "/readyz?reads, whatever becomes of puts")


def full_map(test):
    data = test.path("map")
    test.load(data, [SEED_FILE], form="hirsch", more=("--map-size", "16MiB"))
    with test.serve(data, more=("--map-size", "16MiB", "--http", "127.0.0.1:0")) as daemon:
        filler = Filler(daemon.url)
        until_ready(test, daemon, filler, True)
        for round_number in range(3):
            reason = filler.fill()
            # The guard looks every few moments; a commit that comes in between may find the map full itself.
            check("the map is" in reason and "full" in reason and "--map-size" in reason, "the reason is not said: %s",
                  reason)
            until_ready(test, daemon, filler, False)
            filler.read(min(filler.stored))
            for number in sorted(filler.stored)[:len(filler.stored) // 3]:
                filler.delete(number)
            filler.until_put(test, "map, round %d" % round_number)
            until_ready(test, daemon, filler, True)
        filler.check_all(test, data)


def full_disk(test):
    with small_disk(test, "disk", "32m") as folder:
        data = os.path.join(folder, "data")
        test.load(data, [SEED_FILE], form="hirsch", more=("--map-size", "1GiB"))
        with test.serve(data, more=("--map-size", "1GiB")) as daemon:
            filler = Filler(daemon.url)
            reason = filler.fill()
            check("disk" in reason and "full" in reason, "the reason is not said: %s", reason)
            filler.read(min(filler.stored))
            for number in sorted(filler.stored)[:3]:
                filler.delete(number)
            resize(folder, "48m")
            filler.until_put(test, "a larger disk")
            filler.fill()
            # Nothing at all is left, not even for deletes.
            ballast = os.path.join(folder, "ballast")
            fill_file(ballast)
            check(filler.put() != "", "a put was taken with a full disk")
            code, sentence, _ = filler.writer.call(DELETE, delete_request([paper(9)]))
            check(code in (0, RESOURCE_EXHAUSTED), "a delete on a full disk: %d %s", code, sentence)
            filler.stored.discard(9)
            filler.read(max(filler.stored))
            os.unlink(ballast)
            resize(folder, "64m")
            filler.until_put(test, "room again")
            filler.check_all(test, data)


def fill_file(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65536)
        except OSError:
            pass


def races(test):
    """The disk fills up between the guard's look and the commit, again and again: a commit fails, nothing else does."""
    with small_disk(test, "race", "40m") as folder:
        data = os.path.join(folder, "data")
        test.load(data, [SEED_FILE], form="hirsch", more=("--map-size", "1GiB"))
        with test.serve(data, more=("--map-size", "1GiB")) as daemon:
            filler, ending, refused = Filler(daemon.url), threading.Event(), [0]
            faults = []

            def write():
                try:
                    while not ending.is_set():
                        if filler.put():
                            refused[0] += 1
                        if filler.next > 30 and len(filler.stored) > 400:
                            filler.delete(min(filler.stored), may_fail=True)
                except Exception as fault:
                    faults.append(fault)

            writer = threading.Thread(target=write, daemon=True)
            writer.start()
            for number in range(40):
                fill_file(os.path.join(folder, "ballast"))
                filler_read(daemon.url)
                if number == 39:
                    wait_while(lambda: refused[0] == 0, writer, test, "no put was refused")
                os.unlink(os.path.join(folder, "ballast"))
                wanted = filler.next + 3
                wait_while(lambda: filler.next < wanted, writer, test, "puts are not taken again after there was room")
            ending.set()
            writer.join(test.deadline_s)
            check(not faults, "while the disk was filled: %s", faults[:1])
            filler.check_all(test, data)


def filler_read(url):
    reader = Writer(url)
    code, sentence, _ = reader.call(GET_PAPER, field(1, "local:gradient-diversity-2017"))
    check(code in (0, 5), "a read while the disk is full: %d %s", code, sentence)
    reader.close()


def wait_while(condition, writer, test, what):
    """While the writer goes on."""
    end = time.monotonic() + test.deadline_s
    while condition() and writer.is_alive():
        check(time.monotonic() < end, "%s", what)
        writer.join(0.005)


def imports(test):
    """An import through the daemon waits for room; one without daemon fails and leaves the store as it was."""
    with small_disk(test, "imports", "24m") as folder:
        data, ballast = os.path.join(folder, "data"), os.path.join(folder, "ballast")
        file = write_lines(test.path("many.jsonl"), [json.dumps(paper(i)).encode() for i in range(1500)])
        test.load(data, [SEED_FILE], form="hirsch", more=("--map-size", "1GiB"))
        before = test.export(data)
        fill_file(ballast)
        done = test.job("import", data, "--map-size", "1GiB", file, expect=(73, 74, 75))
        check("disk is full" in done.err or "No space" in done.err, "the reason is not said: %s", done.err)
        equal(test.export(data) == before, True, "the store after an import without room is the one before")
        os.unlink(ballast)
        with test.serve(data, more=("--map-size", "1GiB")) as daemon:
            importer = subprocess.Popen([test.hirschd, "import", "--data", data, "--quiet", file],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            refused = Writer(daemon.url)
            code, end = 0, time.monotonic() + test.deadline_s
            while code != RESOURCE_EXHAUSTED and importer.poll() is None and time.monotonic() < end:
                code, sentence, _ = refused.call(PUT, put_request([paper(0)]))
            equal(code, RESOURCE_EXHAUSTED, "code of a put while an import fills the disk (%s)" % sentence)
            check(importer.poll() is None, "the import did not wait for room")
            resize(folder, "96m")
            err = importer.communicate(timeout=test.deadline_s)[1]
            equal(importer.returncode, 0, "exit code of the import that found room: %s" % err)
            equal(len([line for line in test.export(data).splitlines() if b'"local:p' in line]), 1500, "papers")
            test.verify(data)


def failed_disk(test):
    """A commit that does not reach the disk is not acknowledged, and nothing after it; the daemon says so, reads go on until it
    is stopped, and what was acknowledged is there when the disk is well again."""
    data, broken = test.path("failed"), test.path("broken")
    test.load(data, [SEED_FILE], form="hirsch")
    preload = ("env", "LD_PRELOAD=" + test.program("tests/system/libfail_sync.so"), "FAIL_SYNC_WHEN=" + broken)
    daemon = Daemon(test, data, (test.ipc(),), ("--http", "127.0.0.1:0", "--drain-delay", "10m"), preload)
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    filler = Filler(daemon.url)
    for _ in range(5):
        equal(filler.put(), "", "a put while the disk is well")
    daemon.wait_for_log("papers refreshed")  # whose sync is not to be the one that fails
    write_lines(broken, [])
    # Those of the group that fails, those that wait behind it, one that comes later: the disk would take them again.
    numbers = [filler.writer.send(PUT, put_request([paper(filler.next + i, 100)])) for i in range(200)]
    codes = {filler.writer.receive()[1] for _ in numbers}
    codes.add(filler.writer.call(PUT, put_request([paper(filler.next)]))[0])
    check(0 not in codes, "a put whose commit fails, or one behind it, is acknowledged: %s", codes)
    check(not os.path.exists(broken), "no sync has failed")
    equal(page(daemon, "/readyz")[0], 503, "/readyz after the disk failed")
    check("[-]writer" in page(daemon, "/readyz?verbose")[1], "%s", page(daemon, "/readyz?verbose"))
    equal(metric(daemon, "hirsch_writer_alive"), 0, "hirsch_writer_alive")
    filler.read(0)
    daemon.wait_for_log("a second signal stops at once")  # the first was the daemon's own
    equal(daemon.stop(), 74, "exit code of a daemon whose disk failed")
    test.daemons.remove(daemon)
    with test.serve(data) as daemon:
        again = Filler(daemon.url)
        again.next = filler.next
        equal(again.put(), "", "a put after the disk is well again")
    filler.check_all(test, data)


def failed_switch(test):
    """A new generation that the disk may not know of as the present one: the old one stays beside it until the disk does."""
    data, backup = test.path("switched"), test.path("switched-backup")
    file = write_lines(test.path("switched.jsonl"), [json.dumps(paper(number, 100)).encode() for number in range(100)])
    test.load(data, [SEED_FILE], form="hirsch")
    test.job("backup", data, backup)
    preload = ["env", "LD_PRELOAD=" + test.program("tests/system/libfail_sync.so"), "FAIL_SYNC_RENAMED=CURRENT", test.hirschd]
    for job, *arguments in (("import", file), ("compact",), ("restore", backup)):
        before, current = test.export(data), os.path.join(data, "CURRENT")
        with open(current, encoding="ascii") as now:
            old = now.read()
        done = test.run([*preload, job, "--data", data, *arguments], expect=None)
        check(done.returncode in (74, 75) and "cannot sync" in done.err, "%s: %d %s", job, done.returncode, done.err)
        test.verify(data)
        with open(current, encoding="ascii") as now:
            new = now.read()
        check(new != old, "%s: no rename was reached", job)
        # What a loss of power may leave.
        write_lines(current, [old.strip().encode()])
        equal(test.export(data) == before, True, "the store before " + job)
        write_lines(current, [new.strip().encode()])
        test.job(job, data, *arguments)
        equal(len([name for name in os.listdir(data) if name.startswith("store-")]), 1, "generations after another " + job)


def body(test):
    full_map(test)
    # A preloaded library and the sanitizers' own preloading do not go together.
    if not test.short:
        failed_disk(test)
        failed_switch(test)
    full_disk(test)
    races(test)
    imports(test)


if __name__ == "__main__":
    Test(__doc__).main(body)
