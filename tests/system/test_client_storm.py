#!/usr/bin/env python3
"""Sixteen threads on one client of libhirsch while the daemon is stopped, slow, killed, replaced and full: no call outlives
its time limit, no answer goes to another caller, and calls succeed again once the daemon is well."""
import json
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Daemon, Test, check, equal  # noqa: E402

THREADS, TIMEOUT_MS = 16, 500
# What a loaded machine with sanitizers may add beyond the time for which the client stands; a call that hangs takes much
# longer.
SLACK_MS = 2500


class Storm:
    def __init__(self, test, url, ids):
        program = os.path.join(test.build, "tests", "system", "storm")
        self.process = subprocess.Popen([program, url, str(THREADS), str(TIMEOUT_MS), ids], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait(self, kind, more):
        self.process.stdin.write("wait %s %d\n" % (kind, more))
        self.process.stdin.flush()
        equal(self.process.stdout.readline().strip(), "done", "%d calls that are %s" % (more, kind))

    def end(self):
        out, err = self.process.communicate(timeout=240)
        equal((self.process.returncode, err), (0, ""), "exit code and errors of the client")
        return json.loads(out.splitlines()[-1])


def replaced(test, daemon, data, url, more=()):
    """Another daemon at the same place."""
    test.daemons.remove(daemon)
    daemon = Daemon(test, data, [url], more)
    test.daemons.append(daemon)
    return daemon


def weather(test, storm, daemon, data, url):
    storm.wait("ok", 500)
    daemon.process.send_signal(signal.SIGSTOP)
    storm.wait("failed", THREADS)
    daemon.process.send_signal(signal.SIGCONT)
    storm.wait("ok", 500)
    for _ in range(10):
        # Slow: it works between one failed or good call and the next.
        daemon.process.send_signal(signal.SIGSTOP)
        daemon.process.send_signal(signal.SIGCONT)
        storm.wait("ok", 1)
    daemon.process.kill()
    daemon.process.wait()
    storm.wait("failed", THREADS)
    daemon = replaced(test, daemon, data, url)
    storm.wait("ok", 500)
    equal(daemon.stop(), 0, "exit code of the daemon after SIGTERM")
    # Full: its only place is taken by somebody who says nothing.
    storm.process.send_signal(signal.SIGSTOP)
    daemon = replaced(test, daemon, data, url, ("--max-connections", "1", "--greeting-timeout", "0"))
    place = take_the_place(test, url)
    storm.process.send_signal(signal.SIGCONT)
    storm.wait("failed", THREADS)
    place.close()
    storm.wait("ok", 500)
    return daemon


def take_the_place(test, url):
    """The only connection that the daemon keeps, once it listens."""
    host, port = url[len("tcp://"):].rsplit(":", 1)
    end = time.monotonic() + test.deadline_s
    while time.monotonic() < end:
        place = socket.socket()
        place.settimeout(test.deadline_s)
        try:
            place.connect((host, int(port)))
            place.sendall(b"\0SP\0\0\x30\0\0")
            if place.recv(8) == b"\0SP\0\0\x31\0\0":
                return place
        except OSError:
            pass
        place.close()
    check(False, "the only place could not be had")
    return None


def body(test):
    corpus, data, ids = test.path("made.jsonl"), test.path("data"), test.path("ids")
    test.run([test.generate, "--authors", "500", "--seed", str(test.seed),
              "--output", corpus])
    test.load(data, [corpus], "hirsch")
    url = test.tcp()
    daemon = Daemon(test, data, [url])
    test.daemons.append(daemon)
    daemon.wait_until_serving()
    with open(ids, "wb") as file:
        file.write(test.client(url, "sample", "authors", "--count", "400", "--seed", "7").stdout)
    storm = Storm(test, url, ids)
    try:
        daemon = weather(test, storm, daemon, data, url)
        counted = storm.end()
    finally:
        storm.process.kill()
        storm.process.wait()
    equal(daemon.stop(), 0, "exit code of the daemon after SIGTERM")
    check(counted["wrong"] == 0, "%d wrong answers, the first: %s", counted["wrong"], counted["firstWrong"])
    check(counted["slowestUs"] <= (TIMEOUT_MS + SLACK_MS) * 1000, "a call with %d ms took %d us", TIMEOUT_MS,
          counted["slowestUs"])
    print("%(ok)d answered, %(failed)d failed, %(wrong)d wrong; the slowest call took %(slowestUs)d us" % counted)


if __name__ == "__main__":
    Test(__doc__).main(body)
