#!/usr/bin/env python3
"""What a daemon says when it starts, on several listeners of both kinds; who may connect to its socket files; what it
advises; how a first and a second signal end it; and that it minds input, output and error that are closed."""
import os
import signal
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Daemon, Test, check, equal  # noqa: E402
from peers import GREETING, HEALTH, Connection, descriptors, field, raw  # noqa: E402
from hirsch_client import request  # noqa: E402

INTERRUPTED = 130


def mode_of(url):
    return stat.S_IMODE(os.stat(url[len("ipc://"):]).st_mode)


def several_doors(test, data):
    urls = [test.ipc("one"), test.tcp(), test.ipc("two"), test.tcp()]
    with test.serve(data, *urls, more=("--max-connections", "50", "--max-request", "64KiB")) as daemon:
        for url in urls:
            equal(Connection(url).call(HEALTH)[0], 0, "code of Check on %s" % url)
            check("listening on %s\"" % url in daemon.log(), "%s is not among the start-up lines:\n%s", url, daemon.log())
        for url in urls[::2]:
            equal(oct(mode_of(url)), oct(0o600), "mode of the socket file")
        for words in ("hirschd ", "data directory %s: 3 papers, 8 authors" % data, " source records, sequence ",
                      "limits: ", " 50 connections, 65536 bytes a request", "2000 ms when a request names no deadline",
                      "msg=ready"):
            check(words in daemon.log(), "%r is not among the start-up lines:\n%s", words, daemon.log())
        check("reached from other machines" not in daemon.log(), "a warning about local doors:\n%s", daemon.log())
    for url in urls[::2]:
        check(not os.path.exists(url[len("ipc://"):]), "%s is left behind", url)


def other_modes(test, data):
    for said, mode in (("0660", 0o660), ("666", 0o666)):
        with test.serve(data, more=("--ipc-mode", said)) as daemon:
            equal(oct(mode_of(daemon.url)), oct(mode), "mode with --ipc-mode %s" % said)
    for wrong in ("0060", "1777", "8", "rw", "", "06600"):
        done = test.job("serve", data, "--listen", test.ipc(), "--ipc-mode", wrong, expect=64)
        check("ipc-mode" in done.err and "octal" in done.err, "--ipc-mode %r: %s", wrong, done.err)


def advice(test, data):
    """A limit of the system that stands in the way is named with what to do."""
    with test.serve(data, wrapper=("prlimit", "--nofile=300:300")) as daemon:
        for words in ("advice: 300 files may be open, 10000 connections need 10128", "ulimit -n", "--max-connections"):
            check(words in daemon.log(), "%r is not in the log:\n%s", words, daemon.log())
    done = test.run(["prlimit", "--nofile=20:20", test.hirschd, "serve", "--data", data, "--listen", test.ipc()], expect=75)
    check("only 20 files may be open" in done.err and "ulimit -n" in done.err, "%s", done.err)
    # A soft limit alone is raised without a word.
    with test.serve(data, more=("--max-connections", "200"), wrapper=("prlimit", "--nofile=100:4096")) as daemon:
        check("files may be open" not in daemon.log(), "advice about a limit that can be raised:\n%s", daemon.log())
    with test.serve(data, test.ipc(), "tcp://0.0.0.0:0", more=("--insecure",)) as daemon:
        check("can be reached from other machines" in daemon.log(), "no warning about an open door:\n%s", daemon.log())


def one_door_is_taken(test, data):
    """All listeners or none: a daemon that cannot have one of them ends and leaves the others free."""
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        other = test.path("other")
        test.load(other, [SEED_FILE], form="hirsch")
        fresh = test.ipc("fresh")
        done = test.job("serve", other, "--listen", fresh, "--listen", daemon.urls[1], expect=78)
        check("another program listens there" in done.err, "%s", done.err)
        check(not os.path.exists(fresh[len("ipc://"):]), "%s is left behind", fresh)
        equal(Connection(daemon.urls[1]).call(HEALTH)[0], 0, "code of Check on the daemon that was first")


def second_signal(test, data):
    """The first signal waits for those who owe nothing but have not taken their replies; the second does not."""
    daemon = Daemon(test, data, (test.ipc(),), ("--drain-timeout", "10m", "--stall-timeout", "0"))
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    # One who pipelines and never reads: the drain cannot end by itself.
    deaf = raw(daemon.url)
    envelope = request("hirsch.v1.AuthorService/BatchGetAuthors", b"".join(field(1, "local:max-lam") for _ in range(500)))
    frame = b"\1" + (4 + len(envelope)).to_bytes(8, "big") + b"\x80\0\0\1" + envelope
    deaf.sendall(GREETING + frame * 10)
    check(len(deaf.recv(8)) == 8, "no greeting came")
    check(deaf.recv(1) == b"\1", "no first reply came")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.wait_for_log("a second signal stops at once")
    check(daemon.process.poll() is None and descriptors(daemon.process) > 0, "the first signal stopped at once")
    equal(daemon.stop(signal.SIGINT), INTERRUPTED, "exit code after a second signal")
    check("stopped at once" in daemon.log(), "%s", daemon.log())
    deaf.close()
    test.daemons.remove(daemon)
    # Nothing is left behind: the next one starts and ends as ever.
    with test.serve(data, daemon.url) as again:
        equal(Connection(again.url).call(HEALTH)[0], 0, "code of Check after a stop at once")


def without_standard(test, data):
    """Closed input, output and error: no file gets their numbers, and nothing is written into one."""
    daemon = Daemon(test, data, [test.ipc()], ("--log-level", "debug"), ("sh", "-c", 'exec "$@" 0<&- >&- 2>&-', "sh"))
    test.daemons.append(daemon)
    try:
        test.client(daemon.url, "health", "--wait", str(test.deadline_s))
        equal([os.readlink("/proc/%d/fd/%d" % (daemon.process.pid, number)) for number in range(3)], ["/dev/null"] * 3,
              "input, output and error of the daemon")
        for words, closed in ((("author", "local:max-lam"), ">&-"), (("author", "-"), "<&-")):
            said = test.run(["sh", "-c", 'exec "$@" ' + closed, "sh", test.hirsch, "-s", daemon.url, *words], expect=74).err
            check("Bad file descriptor" in said, "%s: %s", closed, said)
        equal(daemon.stop(), 0, "exit code of a daemon without a log")
    finally:
        daemon.kill()
        test.daemons.remove(daemon)
    test.run(["sh", "-c", 'exec "$@" >&-', "sh", test.hirschd, "export", "--data", data], expect=74)
    with open(os.path.join(data, "lock"), encoding="utf-8", errors="replace") as lock:
        text = lock.read()
    check("level=" not in text and "max-lam" not in text, "what is in the lock file: %s", text)
    test.verify(data)


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    for part in (several_doors, other_modes, advice, one_door_is_taken, second_signal, without_standard):
        part(test, data)


if __name__ == "__main__":
    Test(__doc__).main(body)
