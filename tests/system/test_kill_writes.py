#!/usr/bin/env python3
"""The daemon is killed at random moments while clients write and note each acknowledgement in synced files of their own:
no acknowledged write is lost, none is applied twice although what was not answered is sent again, and the daemon is
ready again at once.
"""
import json
import os
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Failed, Test, check, equal  # noqa: E402
from peers import HEALTH, Connection  # noqa: E402
from puts import DELETE, PUT, Writer, answer_of, delete_request, put_request  # noqa: E402

CLIENTS = 8
READY_S = 0.5
# A start that is late is made again, so often, from a copy of the same files as the kill left them. What the daemon itself
# has to do takes its time again; what other programs do to disk and processors meanwhile does not come back each time.
AGAIN = 9


def options(parser):
    parser.add_argument("--rounds", type=int, default=100)


class Client:
    """Puts papers and deletes every second one in the next breath, so that a request done twice would show."""

    def __init__(self, test, number, url):
        self.number, self.url, self.deadline_s = number, url, test.deadline_s
        self.next = 0
        self.waiting = []  # (op, id, method, request)
        self.passing = {}  # id of what is deleted once it is there: its record
        self.sent = {}  # number of the request: (op, id)
        self.acknowledged = []  # (sequence, op, id)
        self.fault = None
        self.writer = None
        self.notes = os.open(test.path("acknowledged-%d" % number), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def start(self):
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def requests(self):
        name = "local:c%d-%d" % (self.number, self.next)
        record = {"type": "paper", "id": name, "title": "Paper %d" % self.next, "date": "2020-05",
                  "authors": [{"id": "local:w%d" % self.number, "name": "Writer"}],
                  "references": ["local:c%d-%d" % (self.number, max(0, self.next - step)) for step in (1, 2, 5)] +
                                ["local:hub"], "updated": "2026-01-01"}
        if self.next % 2 == 1:
            self.passing[name] = record
        self.next += 1
        # What was begun is sent in a later round when the connection goes meanwhile.
        self.waiting.append(("put", name, PUT, put_request([record], "put-%s" % name)))

    def send_waiting(self):
        while self.waiting:
            op, name, method, payload = self.waiting.pop(0)
            self.sent[self.writer.number + 1] = (op, name)
            self.writer.send(method, payload)

    def note(self):
        number, code, sentence, payload = self.writer.receive()
        if code:
            raise Failed("client %d: code %d: %s" % (self.number, code, sentence))
        sequence, outcomes, why = answer_of(payload)
        op, name = self.sent.pop(number)
        check(outcomes == [2 if op == "put" else 6], "client %d: %s %s: outcome %s %s", self.number, op, name, outcomes,
              why)
        os.write(self.notes, b"%d %s %s\n" % (sequence, op.encode(), name.encode()))
        os.fdatasync(self.notes)
        self.acknowledged.append((sequence, op, name))
        if op == "put" and name in self.passing:
            # Not before: a put that is refused for the moment could be overtaken.
            record = self.passing.pop(name)
            self.waiting.append(("delete", name, DELETE, delete_request([record], "delete-%s" % name)))

    def run(self):
        """Until the connection is gone."""
        try:
            if self.writer is None:
                self.writer = Writer(self.url)
            else:
                self.writer.connect(self.url)
            while True:
                self.send_waiting()
                self.requests()
                self.send_waiting()
                while len(self.writer.unanswered) > 3:
                    self.note()
        except OSError:
            pass
        except Exception as fault:  # told by the main thread
            self.fault = fault if isinstance(fault, Failed) else Failed("client %d: %r" % (self.number, fault))

    def finish(self):
        """Sends again what was not answered, and waits for all of it."""
        self.writer.connect(self.url)
        self.send_waiting()
        while self.writer.unanswered:
            self.note()
            self.send_waiting()
        self.writer.close()

    def end_round(self):
        self.thread.join(self.deadline_s)
        check(not self.thread.is_alive(), "client %d does not notice that the daemon is gone", self.number)
        if self.writer is not None:
            self.writer.close()
        if self.fault:
            raise self.fault


class Killed:
    """A daemon that says on a pipe when it is ready; ready_s is the time from its start to its first answer."""

    def __init__(self, test, data, url):
        start = time.monotonic()
        self.process = subprocess.Popen([test.hirschd, "serve", "--data", data, "--listen", url], stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL)
        self.log = []
        for line in self.process.stderr:
            self.log.append(line.decode())
            if b"ready" in line:
                break
        check(self.log and "ready" in self.log[-1], "the daemon ended:\n%s", "".join(self.log))
        equal(Connection(url, 240).call(HEALTH)[0], 0, "code of the health check")
        self.ready_s = time.monotonic() - start
        # Nobody waits for more lines: the pipe is emptied so that it never fills.
        self.drain = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.drain.start()

    def kill(self, graceful=False):
        if graceful:
            self.process.terminate()
        else:
            self.process.kill()
        self.process.wait()
        self.drain.join()
        self.process.stderr.close()
        return self.process.returncode


def keep_files(test, data):
    """A copy of what a kill left, sockets aside."""
    shutil.rmtree(test.path("kept"), ignore_errors=True)
    shutil.copytree(data, test.path("kept"), ignore=shutil.ignore_patterns("*.sock"))


def least_ready_s(test, ready_s):
    """The time of a restart, made again from the kept files while it is late."""
    tries = [ready_s]
    while min(tries) >= READY_S and len(tries) <= AGAIN:
        again = test.path("again")
        shutil.copytree(test.path("kept"), again)
        daemon = Killed(test, again, test.ipc("again"))
        daemon.kill()
        tries.append(daemon.ready_s)
        shutil.rmtree(again)
    check(test.short or min(tries) < READY_S, "not ready within %.1f s, however often: %s", READY_S, tries)
    if len(tries) > 1:
        print("a restart took %.3f s, and from the same files %s" % (ready_s, tries[1:]))
    return min(tries)


def read_log(test, data, since, seen, at):
    """What the log says beyond a sequence: at[(sequence, op, id)] and how often each (op, id) happened."""
    arguments = ("--since", str(since)) if since else ()
    for line in test.job("log", data, *arguments).out.splitlines():
        entry = json.loads(line)
        since = entry["sequence"]
        if "op" in entry:
            seen[(entry["op"], entry["record"]["id"])] = seen.get((entry["op"], entry["record"]["id"]), 0) + 1
            at.add((entry["sequence"], entry["op"], entry["record"]["id"]))
    return since


def check_round(clients, seen, at):
    for client in clients:
        for acknowledged in client.acknowledged:
            check(acknowledged in at, "acknowledged and lost: %s", acknowledged)
    twice = [what for what, times in seen.items() if times > 1]
    check(not twice, "applied twice: %s", twice[:5])


def check_end(test, data, clients):
    expected = set()
    for client in clients:
        for _, op, name in sorted(client.acknowledged):
            expected.add(name) if op == "put" else expected.discard(name)
        with open(test.path("acknowledged-%d" % client.number), "rb") as notes:
            equal(len(notes.read().splitlines()), len(client.acknowledged), "notes of client %d" % client.number)
    stored = {json.loads(line)["id"] for line in test.export(data).splitlines()}
    equal({name for name in stored if name.startswith("local:c")}, expected, "papers that stand")
    test.verify(data)


def body(test):
    data, url = test.path("data"), test.ipc()
    test.load(data, [SEED_FILE], form="hirsch")
    clients = [Client(test, number, url) for number in range(CLIENTS)]
    since, seen, at, ready = 0, {}, set(), []
    rounds = 5 if test.short else test.options.rounds
    for number in range(rounds):
        keep_files(test, data)
        daemon = Killed(test, data, url)
        try:
            for client in clients:
                client.start()
            time.sleep(test.random.uniform(0.005, 0.12))  # the random moment
        finally:
            daemon.kill()
        for client in clients:
            client.end_round()
        ready.append(least_ready_s(test, daemon.ready_s))
        since = read_log(test, data, since, seen, at)
        check_round(clients, seen, at)
        if number % 25 == 24:
            test.verify(data)
    daemon = Killed(test, data, url)
    try:
        for client in clients:
            client.finish()
    finally:
        code = daemon.kill(graceful=True)
    equal(code, 0, "exit code of the daemon at the end")
    read_log(test, data, since, seen, at)
    check_round(clients, seen, at)
    check_end(test, data, clients)
    print("%d kills, %d writes acknowledged, ready again within %.3f s" % (
        rounds, sum(len(client.acknowledged) for client in clients), max(ready)))


if __name__ == "__main__":
    Test(__doc__, options).main(body)
