#!/usr/bin/env python3
"""Backups: taken under load, restored, read through; damaged, cut, foreign and unfinished ones are refused and change
nothing; kills and full disks leave a whole store; compact, upgrade of an older format, and a later one."""
import contextlib
import fcntl
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Failed, Test, check, equal, write_lines  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PAPERS = 3000


def paper(number, text=""):
    return json.dumps({"type": "paper", "id": "doi:10.5555/p.%d" % number, "title": "Paper %d %s" % (number, text),
                       "date": "20%02d-03" % (number % 25), "abstract": "Words of paper %d. " % number * 4,
                       "authors": [{"id": "local:a%d" % (number % 97), "name": "Author %d" % (number % 97)}],
                       "references": ["doi:10.5555/p.%d" % (number // 2), "doi:10.5555/p.%d" % (number // 3)]}).encode()


def load_some(test, data, count=PAPERS):
    test.load(data, [write_lines(test.path("some.jsonl"), [paper(n) for n in range(1, count)])], form="hirsch")


def under_load(test, data):
    """A backup while others read and write is the store of one moment."""
    stop = threading.Event()
    failed = []

    def ask(url):
        while not stop.is_set():
            try:
                test.client(url, "author", "local:a5", "--json")
            except Failed as reason:
                failed.append(str(reason))
                return

    def put(url):
        number = PAPERS
        while not stop.is_set():
            try:
                test.client(url, "put", "-", stdin=b"".join(paper(n, "put") + b"\n" for n in range(number, number + 20)))
            except Failed as reason:
                failed.append(str(reason))
                return
            number += 20

    with test.serve(data) as daemon:
        threads = [threading.Thread(target=work, args=(daemon.url,)) for work in (ask, put)]
        for thread in threads:
            thread.start()
        sequences = []
        for number in range(3):
            target = test.path("hot-%d" % number)
            before = test.stat(data)["sequence"]
            said = test.job("backup", data, target).out
            check("read back whole" in said, "backup says %r", said)
            lines = dict(line.split(" ", 1) for line in open(target + "/MANIFEST", encoding="utf-8"))
            sequence = int(lines["sequence"])
            check(before <= sequence <= test.stat(data)["sequence"], "sequence %d of the backup", sequence)
            sequences.append(sequence)
            copy = test.path("hot-copy")
            test.job("restore", copy, target)
            test.verify(copy)
            stat = test.stat(copy)
            equal((stat["sequence"], stat["papers"]), (sequence, int(lines["papers"])), "the restored store")
            shutil.rmtree(copy)
        stop.set()
        for thread in threads:
            thread.join()
        equal(failed, [], "calls during backups")
        done = test.job("compact", data, expect=75)
        check("in use by hirschd serve" in done.err and "gives their room back" in done.err, "compact: %s", done.err)
        equal(test.job("restore", data, target, expect=75).out, "", "restore beside a daemon")
    print("3 backups under load, sequences %s" % sequences)


def restore_and_pipe(test, data, target):
    test.job("backup", data, target)
    copy = test.path("copy")
    test.job("restore", copy, target)
    test.verify(copy)
    equal(test.export(copy), test.export(data), "export of the restored store")
    was, now = test.stat(data), test.stat(copy)
    check(was["epoch"] != now["epoch"], "the epoch is the old one: %s", now["epoch"])
    equal((now["dataset"], now["sequence"]), (was["dataset"], was["sequence"]), "dataset and sequence")
    # The restored store takes writes, and restoring over it is fine: the dataset is the same.
    with test.serve(copy) as daemon:
        test.client(daemon.url, "put", "-", stdin=paper(9999) + b"\n")
    test.job("restore", copy, target)
    equal(test.export(copy), test.export(data), "export after restoring again")
    shutil.rmtree(copy)
    stream = test.run([test.hirschd, "backup", "--data", data, "-"]).stdout
    test.run([test.hirschd, "restore", "--data", copy, "-"], stdin=stream)
    test.verify(copy)
    equal(test.export(copy), test.export(data), "export through a pipe")
    check("whole" in test.run([test.hirschd, "restore", "--check", "-"], stdin=stream).out, "restore --check -")


@contextlib.contextmanager
def stuck_backup(test, data):
    """A backup into a pipe that takes one page of it: it waits for the reader."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([test.hirschd, "backup", "--data", data, "-"], stdout=writer, stderr=subprocess.PIPE,
                          start_new_session=True) as program:
        os.close(writer)
        program.stdout = os.fdopen(reader, "rb")
        program.stdout.read(100)
        yield program


def signals(test, data):
    """What ends a job from outside is no damaged page, and a signal to the whole group is one signal."""
    with stuck_backup(test, data) as program:
        program.stdout.close()
        said = program.stderr.read()
        equal((program.wait(test.deadline_s), said), (-signal.SIGPIPE, b""), "a backup into a closed pipe")
    with stuck_backup(test, data) as program:
        os.killpg(program.pid, signal.SIGINT)
        said = program.stderr
        program.stdout.read()
        equal((program.wait(test.deadline_s), b"stopped by a signal" in said.read()), (130, True), "Ctrl-C")
    with stuck_backup(test, data) as program:
        with open("/proc/%d/task/%d/children" % (program.pid, program.pid), encoding="ascii") as children:
            os.kill(int(children.read()), signal.SIGKILL)
        program.stdout.read()
        said = program.stderr.read().decode()
        equal((program.wait(test.deadline_s), "ended from outside" in said, "damaged" in said), (130, True, False), "SIGKILL")


def refused(test, data, target):
    """What is no whole backup is refused, and the directory stays what it was."""
    kept = test.path("kept")
    shutil.copytree(data, kept)
    before = test.export_hash(kept)
    with open(target + "/rows", "rb") as file:
        rows = file.read()
    for number in range(12 if test.short else 40):
        bad = test.path("bad")
        shutil.copytree(target, bad)
        name = "MANIFEST" if number % 5 == 4 else "rows"
        with open(os.path.join(bad, name), "r+b") as file:
            size = file.seek(0, 2)
            at = test.random.randrange(size)
            if number % 3 == 0:
                file.truncate(at)
            else:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ (1 << test.random.randrange(8))]))
        for more in ((), ("--check",)):
            done = test.job("restore", kept, *more, bad, expect=(65, 74))
            check("MANIFEST" in done.err or "backup" in done.err, "refusal: %s", done.err)
        shutil.rmtree(bad)
    unfinished = test.path("unfinished")
    os.mkdir(unfinished)
    with open(unfinished + "/rows", "wb") as file:
        file.write(rows)
    check("no MANIFEST" in test.job("restore", kept, unfinished, expect=74).err, "an unfinished backup is taken")
    test.job("backup", kept, unfinished)
    check("already" in test.job("backup", kept, unfinished, expect=73).err, "a backup is overwritten")
    check("already" in test.job("backup", kept, kept, expect=73).err, "a data directory is overwritten")
    test.job("restore", kept, test.path("nowhere"), expect=66)
    test.run([test.hirschd, "restore", "--data", kept, "-"], stdin=b"hello\n" * 50, expect=65)
    other = test.path("other")
    load_some(test, other, 10)
    other_hash = test.export_hash(other)
    check("another dataset" in test.job("restore", other, target, expect=78).err, "a foreign backup is taken")
    equal(test.export_hash(other), other_hash, "export after a refused foreign backup")
    equal(test.export_hash(kept), before, "export after refused backups")
    test.verify(kept)
    shutil.rmtree(kept)


def killed(test, data, target, rounds):
    before = test.export_hash(data)
    copy = test.path("killed")
    load = time.monotonic()
    test.job("restore", copy, target)
    seconds = time.monotonic() - load
    whole = 0
    for number in range(rounds):
        backup = test.path("killed-backup-%d" % number)  # a child of the one before may still be at work on its own
        command = ([test.hirschd, "backup", "--data", data, backup] if number % 2 else
                   [test.hirschd, "restore", "--data", copy, target])
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
            try:
                program.wait(test.random.uniform(0, seconds * 1.1))
            except subprocess.TimeoutExpired:
                program.kill()
        if number % 2 == 0:
            # Its child ends too; the lock is free then.
            end = time.monotonic() + test.deadline_s
            while test.job("compact", copy, expect=None).returncode == 75:
                check(time.monotonic() < end, "the lock stays taken")
            equal(test.export_hash(copy), before, "export after a killed restore")
            test.verify(copy)
        elif os.path.exists(backup + "/MANIFEST"):
            test.run([test.hirschd, "restore", "--check", backup])
            whole += 1
        elif os.path.exists(backup):
            # Its child goes on for a moment: it tidies up, or it was about to write the MANIFEST.
            none = test.path("none")
            whole += test.job("restore", none, backup, expect=(0, 66, 74)).returncode == 0
            check(os.path.exists(none + "/CURRENT") <= os.path.exists(backup + "/MANIFEST"),
                  "a backup without MANIFEST was taken")
            shutil.rmtree(none, ignore_errors=True)
        shutil.rmtree(backup, ignore_errors=True)
    shutil.rmtree(copy)
    print("%d kills, %d backups were whole" % (rounds, whole))


def disk_full(test, data, target):
    """On a file system of its own that is too small."""
    small = test.path("small")
    os.mkdir(small)
    script = 'mount -t tmpfs -o size=200k none "$1" && cd "$1" && shift && "$@"; code=$?; ls -A; exit $code'
    inside = ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c", script, "sh", small]
    done = test.run([*inside, test.hirschd, "backup", "--data", data, "b"], expect=75)
    check("cannot write" in done.err and done.out.strip() == "", "backup on a full disk: %s%s", done.err, done.out)
    done = test.run([*inside, test.hirschd, "restore", "--data", "d", target], expect=75)
    check("disk is full" in done.err, "restore on a full disk: %s", done.err)


def formats(test, data, target):
    plant = test.program("tests/system/plant")
    old = test.path("old")
    os.makedirs(old + "/store-00000001")
    with gzip.open(os.path.join(HERE, "format-2.mdb.gz")) as packed:
        with open(old + "/store-00000001/data.mdb", "wb") as file:
            shutil.copyfileobj(packed, file)
    with open(old + "/CURRENT", "w", encoding="ascii") as file:
        file.write("store-00000001\n")
    for job in ("stat", "verify", "backup", "export", "serve"):
        done = test.job(job, old, *((test.path("no"),) if job == "backup" else ()), expect=78)
        check("has format 2" in done.err and "run: hirschd upgrade" in done.err, "%s of format 2: %s", job, done.err)
    check("another dataset" in test.job("restore", old, target, expect=78).err, "a foreign backup replaces format 2")
    check(" now: " in test.job("upgrade", old).out, "upgrade says nothing")
    test.verify(old)
    with open(os.path.join(HERE, "format-2.jsonl"), "rb") as file:
        equal(test.export(old), file.read(), "export after the upgrade")
    check("nothing to do" in test.job("upgrade", old).out, "upgrade of an upgraded store")
    later = test.path("later")
    shutil.copytree(data, later)
    test.run([plant, later, "later", "1"])
    for job in ("stat", "upgrade", "export", "serve"):
        done = test.job(job, later, expect=78)
        check("newer than" in done.err and "export with that version" in done.err, "%s of a later format: %s", job,
              done.err)
    foreign = test.path("foreign-backup")
    test.job("backup", old, foreign)
    check("another dataset" in test.job("restore", later, foreign, expect=78).err, "a foreign backup replaces a later format")
    test.job("restore", later, target)
    test.verify(later)


def compacted(test, data):
    copy = test.path("compacted")
    shutil.copytree(data, copy)
    test.load(copy, [write_lines(test.path("again.jsonl"), [paper(n, "again") for n in range(1, PAPERS // 20)])],
              form="hirsch")
    before = test.export(copy), test.stat(copy)
    test.job("compact", copy)
    after = test.export(copy), test.stat(copy)
    equal(after[0], before[0], "export after compact")
    for name in ("sequence", "epoch", "dataset"):
        equal(after[1][name], before[1][name], name + " after compact")
    check(after[1]["mapUsed"] <= before[1]["mapUsed"], "compact grew the store: %s", after[1])
    test.verify(copy)
    plant = test.program("tests/system/plant")
    test.run([plant, copy, "checksum", "1"])
    for job, more in (("compact", ()), ("backup", (test.path("damaged"),))):
        done = test.job(job, copy, *more, expect=74)
        check("run hirschd verify" in done.err, "%s of a damaged store: %s", job, done.err)
    check(not os.path.exists(test.path("damaged")), "a backup of a damaged store is left behind")


def body(test):
    data = test.path("data")
    target = test.path("backup")
    load_some(test, data)
    restore_and_pipe(test, data, target)
    signals(test, data)
    refused(test, data, target)
    killed(test, data, target, 6 if test.short else 16)
    disk_full(test, data, target)
    formats(test, data, target)
    compacted(test, data)
    under_load(test, data)


if __name__ == "__main__":
    Test(__doc__).main(body)
