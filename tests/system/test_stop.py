#!/usr/bin/env python3
"""SIGTERM and SIGINT end a daemon with exit code 0 while clients are active and cohorts are computed; an interrupted import
leaves no harm."""
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from harness import ROOT, SEED_FILE, Daemon, Test, check, equal  # noqa: E402
from hirsch_client import Connection, request, response  # noqa: E402

REFRESH = "hirsch.v1.DatasetService/RefreshCohorts"
OK, UNAVAILABLE = 0, 14


def stop_under_load(test, data, number):
    daemon_url = test.ipc()
    with test.serve(data, daemon_url, test.tcp()) as daemon:
        clients = [subprocess.Popen([test.hirsch, "-s", url, "author", "-", "--json"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                   for url in daemon.urls for _ in range(2)]
        try:
            # Every client has had at least one answer and asks on while the signal comes.
            for client in clients:
                client.stdin.write(b"local:max-lam\n" * 2000)
                client.stdin.flush()
            for client in clients:
                client.stdin.close()
                check(client.stdout.readline(), "a client got no answer")
            equal(daemon.stop(number), 0, "exit code after signal %d under load" % number)
            for client in clients:
                client.stdout.read()
                code = client.wait(test.deadline_s)
                check(code in (0, 2, 69), "a client ended with %d when the daemon stopped", code)
        finally:
            for client in clients:
                if client.poll() is None:
                    client.kill()
                client.wait()
                client.stdout.close()
    test.client(daemon_url, "health", expect=69)


def idle_connections(test, data):
    """Connections that say nothing, or half a greeting, do not hold up the end."""
    import socket
    with test.serve(data) as daemon:
        path = daemon.url[len("ipc://"):]
        quiet = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        try:
            for place, one in enumerate(quiet):
                one.connect(path)
                one.sendall(b"\x00SP\x00\x00\x30\x00\x00"[:place % 9])
            equal(daemon.stop(), 0, "exit code with idle connections")
        finally:
            for one in quiet:
                one.close()


def connect_at_once(test, daemon):
    """A connection in the first moments of a daemon."""
    end = time.monotonic() + test.deadline_s
    while True:
        try:
            return Connection(daemon.url, test.deadline_s)
        except OSError:
            check(time.monotonic() < end and daemon.process.poll() is None, "no connection:\n%s", daemon.log())
            time.sleep(0.001)


def give_up_refresh(test, data, moment_s, told):
    """The first refresh of a store begins when its daemon does, and counts every paper; those who ask meanwhile wait."""
    asked = 20
    daemon = Daemon(test, data, [test.ipc("refresh")])
    test.daemons.append(daemon)
    connection = connect_at_once(test, daemon)
    for number in range(asked):
        connection.socket.sendall(connection.frame(number, request(REFRESH, b"", 60000)))
    time.sleep(moment_s)
    daemon.process.send_signal(signal.SIGTERM)
    for _ in range(asked):
        code, text, _ = response(connection.reply()[1])
        check(code == OK or code == UNAVAILABLE and "the daemon stops" in text, "a refresh: %d: %s", code, text)
        told[code] += 1
    connection.socket.close()
    equal(daemon.process.wait(test.deadline_s), 0, "exit code after SIGTERM during a refresh")
    check("Sanitizer" not in daemon.log(), "the daemon's log: %s", daemon.log()[-4000:])
    test.daemons.remove(daemon)
    test.verify(data)


def stop_during_refresh(test):
    """A refresh of cohorts may take longer than a drain: it is given up, everybody who asked for it is told so, and what it
    had written is no harm."""
    corpus, data = test.path("cohorts.jsonl"), test.path("cohorts")
    test.run([test.generate, "--authors", "500" if test.short else "8000", "--seed", "2", "--output", corpus])
    told = {OK: 0, UNAVAILABLE: 0}
    rounds, end = 0, time.monotonic() + test.deadline_s
    # Whether a signal comes before the end of a refresh is chance: until one did.
    while rounds < 2 or told[UNAVAILABLE] == 0:
        check(time.monotonic() < end, "no refresh was given up: %s", told)
        test.load(data, [corpus], form="hirsch")
        for number in range(3 if test.short else 6):
            # From counting to writing, and behind it.
            give_up_refresh(test, data, number and 0.1 * test.random.random() ** 2, told)
        shutil.rmtree(data)
        rounds += 1
    test.load(data, [corpus], form="hirsch")
    give_up_refresh(test, data, 0, told)
    with test.serve(data) as daemon:
        code, text, _ = Connection(daemon.url, test.deadline_s).call(REFRESH, b"", 60000)
        equal(code, OK, "a refresh after those that were given up: " + text)
    test.verify(data)
    print("stopped during refreshes: %d answered, %d given up" % (told[OK], told[UNAVAILABLE]))


def interrupted_import(test):
    corpus = test.path("made.jsonl")
    test.run([test.generate, "--authors", "200" if test.short else "5000",
              "--seed", "1", "--output", corpus])
    data = test.path("interrupted")
    test.load(data, [SEED_FILE], form="hirsch")
    before = test.export_hash(data)
    command = [test.hirschd, "import", "--data", data, "--format", "hirsch", "-"]
    for number in (signal.SIGINT, signal.SIGTERM):
        # Standard input stays open, so the import is in its middle when the signal comes.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as program:
            with open(corpus, "rb") as file:
                program.stdin.write(file.read(1 << 20))
            program.stdin.flush()
            program.send_signal(number)
            try:
                code = program.wait(test.deadline_s)
            finally:
                program.kill()
                program.stdin.close()
            text = program.stderr.read().decode("utf-8", "replace")
        check(code in (130, 143, -int(number)), "import after signal %d: exit code %d: %s", number, code, text)
        check("Sanitizer" not in text, "%s", text)
        equal(test.export_hash(data), before, "export after an interrupted import")
        test.verify(data)
    test.load(data, [corpus], form="hirsch")
    test.verify(data)


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    for number in (signal.SIGTERM, signal.SIGINT):
        stop_under_load(test, data, number)
    idle_connections(test, data)
    stop_during_refresh(test)
    interrupted_import(test)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
